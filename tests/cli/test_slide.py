"""`bigpicture slide`, as a person at the keyboard or a script meets it."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import openslide
import pydicom
import pytest
import tifffile
from typer.testing import CliRunner

from bigpicture.cli import build
from bigpicture.deidentify.report import Report
from bigpicture.model.errors import BigpictureError
from places import shared
from slide_making import pattern, write_jpeg_tiff

SVS = "testdata/wsi_svs/libvips__CMU-1-Small-Region.svs"
TIFF = "testdata/wsi_tiff/rationai__CMU-1-small.tiff"
CHANNELS = "testdata/wsi_ometiff/qupath__cells-2c.ome.tif"
SECRET = "Erika Mustermann"


def slide(*words):
    result = CliRunner().invoke(build("slide"), ["slide", *map(str, words)])
    # An error of ours is told in a line by `run`; anything else would be a traceback.
    assert result.exception is None or isinstance(result.exception, BigpictureError | SystemExit)
    return result


def told(*words):
    result = slide(*words, "--json")
    return json.loads(result.stdout)


def convert(tmp_path, source, *words):
    out = tmp_path / "out"
    arguments = ["convert", source, "--out", out, "--key", tmp_path / "key", *words]
    result = CliRunner().invoke(build("convert"), list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return next(each for each in out.iterdir() if each.is_dir())


def rgb(path):
    return cv2.imread(str(path))[:, :, ::-1]


def small_svs(path, description, *, levels=1):
    noise = np.random.default_rng(1).integers(100, 255, (600, 700, 3), np.uint8)
    with tifffile.TiffWriter(path) as file:
        for number in range(levels):
            part = noise[:: 2**number, :: 2**number]
            file.write(
                part, description=description if not number else None, metadata=None,
                tile=(240, 240), photometric="ycbcr", compression="jpeg",
            )  # fmt: skip
        file.write(
            noise[:50, :60], photometric="rgb", metadata=None, description=f"x\nlabel {SECRET}"
        )


def test_info_is_what_openslide_says():
    with openslide.OpenSlide(shared(SVS)) as theirs:
        size = theirs.dimensions
        mpp = float(theirs.properties["openslide.mpp-x"])
        beside = {name: image.size for name, image in theirs.associated_images.items()}
    described = told("info", shared(SVS))
    assert (described["levels"][0]["columns"], described["levels"][0]["rows"]) == size
    assert described["mpp"][0] == pytest.approx(mpp)
    assert described["levels"][0]["is_copied"]
    assert {(each["columns"], each["rows"]) for each in described["associated"]} == set(
        beside.values()
    )
    assert described["can_be_converted"]


def test_info_names_what_stops_a_conversion_and_tells_no_value(tmp_path):
    path = tmp_path / "x.svs"
    small_svs(path, f"Aperio Image Library v1\n|MPP = 0.5|User = {SECRET}|Novel = {SECRET}")
    described = told("info", path)
    assert described["unknown"] == ["Aperio.Novel"]
    assert not described["can_be_converted"]
    shown = slide("info", path).stdout
    assert "Aperio.Novel" in shown
    assert "would stop" in shown
    assert "label (60 × 50)" in shown
    assert "Mustermann" not in shown + json.dumps(described)


def test_info_without_a_scale_says_how_to_give_it(tmp_path):
    tifffile.imwrite(tmp_path / "x.tif", pattern(300, 300), tile=(128, 128), photometric="rgb")
    shown = slide("info", tmp_path / "x.tif").stdout
    assert "--mpp" in shown
    assert "does not say how large its pixels are" in shown


def test_info_shows_control_characters_of_names_and_does_not_obey_them(tmp_path):
    path = tmp_path / "\x1b[31mred[bold].svs"
    small_svs(path, "Aperio Image Library v1\n|MPP = 0.5|\x1b[2JNew = 1")
    shown = slide("info", path).stdout
    assert "\x1b" not in shown
    assert "red[bold].svs" in shown


def test_info_of_channels():
    described = told("info", shared(CHANNELS))
    assert (described["samples"], len(described["channels"])) == (1, 2)
    assert "2 channels" in slide("info", shared(CHANNELS)).stdout


def test_a_missing_or_damaged_file_is_told_in_a_sentence(tmp_path):
    (tmp_path / "x.svs").write_bytes(b"II*\0" + bytes(100))
    for command in ("info", "thumbnail", "verify"):
        absent = slide(command, tmp_path / "absent.svs")
        assert absent.exit_code == 1
        assert "there is no such file" in str(absent.exception)
        assert slide(command, tmp_path / "x.svs").exit_code == 1


def test_thumbnail_is_the_whole_slide(tmp_path):
    out = tmp_path / "t.png"
    assert slide("thumbnail", shared(SVS), "-o", out, "--size", 512).exit_code == 0
    with openslide.OpenSlide(shared(SVS)) as theirs:
        columns, rows = theirs.dimensions
        whole = np.asarray(theirs.read_region((0, 0), 0, (columns, rows)).convert("RGB"))
    seen = rgb(out)
    assert seen.shape == (512, round(columns * 512 / rows), 3)
    wanted = cv2.resize(whole, (seen.shape[1], 512), interpolation=cv2.INTER_AREA)
    # Reduced in two steps instead of one.
    assert np.abs(seen.astype(int) - wanted).mean() < 2


def test_thumbnail_goes_into_the_current_folder_and_overwrites_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert slide("thumbnail", shared(SVS)).exit_code == 0
    made = tmp_path / "libvips__CMU-1-Small-Region-thumbnail.png"
    before = made.read_bytes()
    again = slide("thumbnail", shared(SVS), "--size", 64)
    assert again.exit_code == 1
    assert "--force" in str(again.exception)
    assert made.read_bytes() == before
    assert slide("thumbnail", shared(SVS), "--size", 64, "--force").exit_code == 0
    assert max(rgb(made).shape) == 64
    assert [each.name for each in tmp_path.iterdir()] == [made.name]


def test_region_is_what_openslide_reads(tmp_path):
    out = tmp_path / "r.png"
    words = ["-x", 500, "-y", 700, "--width", 300, "--height", 200, "-o", out]
    assert slide("region", shared(SVS), *words).exit_code == 0
    with openslide.OpenSlide(shared(SVS)) as theirs:
        wanted = np.asarray(theirs.read_region((500, 700), 0, (300, 200)).convert("RGB"))
    # The decoders of two libraries round chroma differently.
    assert np.abs(rgb(out).astype(int) - wanted).max() <= 4


def test_region_in_micrometres_at_a_scale_beyond_the_edge(tmp_path):
    write_jpeg_tiff(tmp_path / "x.tif")
    out = tmp_path / "r.png"
    words = ["-x", -50, "-y", -50, "--width", 100, "--height", 100, "--unit", "um", "--mpp", 2]
    assert slide("region", tmp_path / "x.tif", *words, "-o", out).exit_code == 0
    seen = rgb(out)
    assert seen.shape == (50, 50, 3)  # 100 µm at 2 µm per pixel
    assert (seen[:25] == 255).all()
    assert (seen[:, :25] == 255).all()
    # 0.5 µm per pixel: the lower right quarter shows the first 100 × 100 pixels.
    wanted = cv2.resize(pattern(300, 400)[:100, :100], (25, 25), interpolation=cv2.INTER_AREA)
    assert np.abs(seen[25:, 25:].astype(int) - wanted).mean() < 8


def test_region_of_a_level(tmp_path):
    folder = convert(tmp_path, shared(SVS))
    out = tmp_path / "r.png"
    words = ["-x", 400, "-y", 400, "--width", 800, "--height", 600, "--level", 1, "-o", out]
    assert slide("region", folder, *words).exit_code == 0
    with openslide.OpenSlide(next(folder.glob("level-0.dcm"))) as theirs:
        wanted = np.asarray(theirs.read_region((400, 400), 1, (400, 300)).convert("RGB"))
    # Chroma at half width, which two decoders widen differently.
    assert np.abs(rgb(out).astype(int) - wanted).mean() < 1


def test_a_channel_alone_is_grey_and_all_are_in_colour(tmp_path):
    words = ["-x", 0, "-y", 0, "--width", 93, "--height", 131]
    for name, more in (("all", ()), ("one", ("--channel", 1))):
        assert (
            slide(
                "region", shared(CHANNELS), *words, *more, "-o", tmp_path / f"{name}.png"
            ).exit_code
            == 0
        )
    assert len(set(map(tuple, rgb(tmp_path / "all.png").reshape(-1, 3)))) > 10
    grey = rgb(tmp_path / "one.png")
    assert (grey == grey[:, :, :1]).all()
    channel = tifffile.imread(shared(CHANNELS))[1].astype(int)
    # The brighter in the file, the brighter in the picture.
    assert np.corrcoef(channel.ravel(), grey[:, :, 0].ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--width", 10**7, "--height", 10**6], "the picture would have"),
        (["--width", 0, "--height", 5], "wider and higher than 0"),
        (["--width", 5, "--height", 5, "--level", 7], "there is no level 7"),
        (["--width", 5, "--height", 5, "--channel", 3], "there is no channel 3"),
        (["--width", 5, "--height", 5, "--plane", 3], "there is no focal plane 3"),
        (["--width", 5, "--height", 5, "--mpp", 0.1], "nothing finer"),
        (["--width", 5, "--height", 5, "--mpp", 1, "--level", 0], "not both"),
    ],
)
def test_what_cannot_be_drawn_is_told(tmp_path, words, told):
    result = slide("region", shared(SVS), "-x", 0, "-y", 0, *words, "-o", tmp_path / "r.png")
    assert result.exit_code == 1
    assert told in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_what_lies_outside_is_background_and_said_to_be(tmp_path):
    words = ["-x", 10**6, "-y", 0, "--width", 5, "--height", 5, "-o", tmp_path / "r.png"]
    result = slide("region", shared(SVS), *words)
    assert result.exit_code == 0
    assert (rgb(tmp_path / "r.png") == 255).all()
    assert "it is background" in result.stderr


def test_a_sound_slide_and_a_sound_conversion(tmp_path):
    assert told("verify", shared(SVS))["is_sound"]
    folder = convert(tmp_path, shared(SVS))
    alone = told("verify", folder)
    assert alone["is_sound"]
    report = Report.from_bytes((folder / "report.json").read_bytes())
    assert alone["pixels_root"] == report.pixels_root
    assert alone["frames_decoded"] == sum(each.frames for each in report.instances)
    beside = told("verify", folder, "--against", shared(SVS))
    assert beside["is_sound"]
    assert beside["frames_same"] == report.instances[0].frames == report.frames_copied


def test_tiles_that_were_encoded_again_are_compared_as_pixels(tmp_path):
    source = tmp_path / "x.tif"
    picture = pattern(300, 400)
    tifffile.imwrite(source, picture, tile=(128, 128), photometric="rgb", compression="zlib")
    folder = convert(tmp_path, source, "--mpp", "0.5")
    beside = told("verify", folder, "--against", source)
    assert beside["is_sound"]
    assert beside["frames_alike"] == 12
    changed = tmp_path / "other.tif"
    picture[130:140, 130:140] = 0
    tifffile.imwrite(changed, picture, tile=(128, 128), photometric="rgb", compression="zlib")
    beside = told("verify", folder, "--against", changed)
    assert [each["place"] for each in beside["faults"]] == ["level-0.dcm frame 5"]


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    return convert(tmp_path_factory.mktemp("converted"), shared(SVS))


@pytest.fixture
def folder(converted, tmp_path):
    return shutil.copytree(converted, tmp_path / converted.name)


def faults(folder, *words):
    result = slide("verify", folder, *words, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert not found["is_sound"]
    return " ".join(f"{each['place']}: {each['what']}" for each in found["faults"])


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def test_one_flipped_byte_in_a_frame_is_found_and_located_by_the_source(folder):
    path = folder / "level-0.dcm"
    data = path.read_bytes()
    frames = data.index(b"\xe0\x7f\x10\x00OB")
    flip(path, frames + (len(data) - frames) // 2)
    assert "level-0.dcm: it has changed in its frames" in faults(folder)
    told = faults(folder, "--against", shared(SVS))
    assert "level-0.dcm frame " in told
    assert "it is not the frame of the source" in told


def test_one_flipped_byte_in_a_header_is_found(folder):
    path = folder / "level-1.dcm"
    at = path.read_bytes().index(pydicom.dcmread(path).SeriesInstanceUID.encode())
    flip(path, at + 20)
    assert "level-1.dcm: it has changed in its header, not in its frames" in faults(folder)


def test_a_missing_instance_is_found(folder):
    (folder / "level-1.dcm").unlink()
    assert "level-1.dcm: the instance is missing" in faults(folder)


def test_swapped_instances_are_found(folder):
    (folder / "level-0.dcm").rename(folder / "x")
    (folder / "level-1.dcm").rename(folder / "level-0.dcm")
    (folder / "x").rename(folder / "level-1.dcm")
    told = faults(folder)
    assert "level-0.dcm: it is another instance" in told
    assert "level-1.dcm: it is another instance" in told


def test_an_instance_of_another_slide_is_found(folder, tmp_path):
    other = convert(tmp_path / "other", shared(TIFF))
    shutil.copy(other / "level-0.dcm", folder / "level-0.dcm")
    assert "level-0.dcm: it is another instance" in faults(folder)
    shutil.copy(other / "level-0.dcm", folder / "level-9.dcm")
    assert "level-9.dcm: the report does not name this instance" in faults(folder)


def test_a_report_that_was_changed_is_found(folder):
    path = folder / "report.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "pixels_root": "00" * 32}))
    assert "report.json: the root of all pixels" in faults(folder)
    told["instances"][0]["name"] = "../level-0.dcm"
    path.write_text(json.dumps(told))
    assert "outside of its folder" in faults(folder)
    path.write_text("{}")
    assert slide("verify", folder).exit_code == 1


def test_the_wrong_source_is_found(folder):
    assert "it is another slide" in faults(folder, "--against", shared(TIFF))


def test_every_bad_tile_of_a_slide_is_counted_and_the_first_are_told(tmp_path):
    path = tmp_path / "x.tif"
    write_jpeg_tiff(path, rows=1024, columns=1024, tile=128)
    with tifffile.TiffFile(path) as tiff:
        offsets = tiff.pages[0].dataoffsets
    data = bytearray(path.read_bytes())
    for offset in offsets[10:40]:
        data[offset : offset + 16] = bytes(16)
    path.write_bytes(data)
    result = slide("verify", path, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["faults_found"], len(found["faults"])) == (30, 20)
    assert (found["frames"], found["frames_decoded"]) == (64, 34)
    assert "tile 10" in found["faults"][0]["place"]
    shown = slide("verify", path).stdout
    assert "and 10 more" in shown
    assert "34 of 64 tiles decode" in shown
