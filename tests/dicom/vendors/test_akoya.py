"""QPTIFF against tifffile, which reads the same generated files and the published one."""

from __future__ import annotations

from math import ceil

import imagecodecs
import numpy as np
import pydicom
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list, check_forms
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.sift import sift
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_pyramid
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_akoya import (
    PROFILE_JSON,
    SECRETS,
    describe,
    write_brightfield,
    write_fluorescence,
)
from places import shared
from slide_making import convert_all, subject, write_jpeg_tiff

SAMPLE = "testdata/wsi_qptiff/dana-farber-aios__small_vectra.qptiff"


def whole(level, path: int = 0) -> np.ndarray:
    """All tiles of one optical path side by side, cut to the level's size."""
    across, down = ceil(level.columns / level.tile_columns), ceil(level.rows / level.tile_rows)
    first = path * across * down
    rows = [
        np.hstack([level.pixels(first + row * across + column) for column in range(across)])
        for row in range(down)
    ]
    return np.vstack(rows)[: level.rows, : level.columns]


def assert_as_tifffile(path, *, is_copied=None):
    with open_slide(path) as slide, tifffile.TiffFile(path) as tiff:
        assert slide.format == "akoya-qptiff"
        series = tiff.series[0]
        assert series.kind == "qpi"
        assert len(series.levels) == len(slide.levels)
        for level, theirs in zip(slide.levels, series.levels, strict=True):
            wanted = theirs.asarray()
            wanted = wanted[None] if wanted.ndim == 2 else wanted
            assert wanted.shape == (level.stack.paths, level.rows, level.columns)
            for number in range(level.stack.paths):
                shown = whole(level, number)
                assert shown.dtype == wanted.dtype
                assert np.array_equal(shown[..., 0], wanted[number]), (level.place, number)
            if is_copied is not None:
                assert level.encoding.is_copied is is_copied
            assert level.encoding.photometric == "MONOCHROME2"


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("compression", "tile", "is_copied"),
    [("lzw", 128, False), ("zlib", 128, False), (None, 128, True), ("lzw", None, False)],
)
def test_every_channel_of_every_level_equals_tifffile(tmp_path, kind, compression, tile, is_copied):
    levels = 3 if tile else 1
    made = write_fluorescence(
        tmp_path / "a.qptiff", kind=kind, compression=compression, tile=tile, levels=levels
    )
    assert_as_tifffile(tmp_path / "a.qptiff", is_copied=is_copied)
    with open_slide(tmp_path / "a.qptiff") as slide:
        bits = 8 * np.dtype(kind).itemsize
        assert [level.stack for level in slide.levels] == [Stack(1, bits, 1, 3)] * levels
        assert np.array_equal(whole(slide.levels[-1], 2)[..., 0], made[-1][2])
        assert all(level.encoding.is_lossy is False for level in slide.levels)


def test_grey_jpeg_is_copied_byte_for_byte(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", kind=np.uint8, compression="jpeg", levels=2)
    assert_as_tifffile(tmp_path / "a.qptiff", is_copied=True)
    data = (tmp_path / "a.qptiff").read_bytes()
    with open_slide(tmp_path / "a.qptiff") as slide, tifffile.TiffFile(tmp_path / "a.qptiff") as of:
        level, tiles = slide.levels[0], 4 * 3
        for number in range(3 * tiles):
            page = of.pages[number // tiles]
            at, length = page.dataoffsets[number % tiles], page.databytecounts[number % tiles]
            frame = level.frame(number)
            assert data[at : at + length].endswith(frame.body)
            shown = imagecodecs.jpeg8_decode(frame.head + frame.body)
            assert np.array_equal(shown, level.pixels(number)[..., 0])


def test_uncompressed_tiles_are_copied_byte_for_byte(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", compression=None, levels=1)
    data = (tmp_path / "a.qptiff").read_bytes()
    with open_slide(tmp_path / "a.qptiff") as slide, tifffile.TiffFile(tmp_path / "a.qptiff") as of:
        frame = slide.levels[0].frame(12 + 5)
        at = of.pages[1].dataoffsets[5]
        assert frame.body == data[at : at + 128 * 128 * 2]


def kept_of(slide):
    return sift(slide, allow_list(slide.format), subject())[0]


def test_channels_have_their_dye_colour_and_exposure(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", levels=1)
    with open_slide(tmp_path / "a.qptiff") as slide:
        assert slide.channels(kept_of(slide)) == (
            Channel("DAPI", (0, 0, 255), exposure=2.63),
            Channel("Opal 570", (255, 255, 0), exposure=14.29),
            Channel("Cy5", (255, 0, 0), exposure=208.03),
        )
        # Nothing of it without a rule that keeps it.
        assert slide.channels({}) == (Channel(), Channel(), Channel())


def test_a_dye_is_found_behind_its_marker(tmp_path):
    names = (("AF 750", "1,2,3", 1), ("ATTO 550", "1,2", 0), ("SpGreen", "1,2,999", 5))
    markers = ("CD107a-AF750", "PD-1 (Opal 540)", "CD20")
    write_fluorescence(tmp_path / "a.qptiff", channels=names, biomarkers=markers, levels=1)
    with open_slide(tmp_path / "a.qptiff") as slide:
        made = slide.channels(kept_of(slide))
    assert [each.dye for each in made] == ["Alexa Fluor 750", "Opal 540", "SpGreen"]
    assert [each.colour for each in made] == [(1, 2, 3), None, (1, 2, 255)]
    assert [each.exposure for each in made] == [0.001, None, 0.005]


def test_the_scale_is_the_resolution_and_else_the_nominal_pixel(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", levels=1)
    write_fluorescence(tmp_path / "b.qptiff", levels=1, resolution=None)
    write_fluorescence(tmp_path / "c.qptiff", levels=1, resolution=None, profile="")
    found = []
    for name in "abc":
        with open_slide(tmp_path / f"{name}.qptiff") as slide:
            found.append(slide.mpp)
    assert found[0] == pytest.approx((0.496534, 0.496534), rel=1e-5)
    assert found[1:] == [(0.5, 0.5), None]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


def test_the_published_slide(tmp_path, sandbox):
    """Its description says: DAPI, FITC, Cy3; 20139.58 pixels a centimetre; software, objective."""
    path = shared(SAMPLE)
    assert_as_tifffile(path, is_copied=False)
    with open_slide(path) as slide:
        allowed = allow_list(slide.format)
        assert {each.name for each in slide.fields if allowed.action(each.name) is None} == set()
        check_forms(slide.format, slide.fields)
        assert slide.mpp == pytest.approx((10000 / (4294967295 / 213260),) * 2)
        assert slide.channels(kept_of(slide)) == (
            Channel("DAPI", (0, 0, 255), exposure=2.63),
            Channel("FITC", (0, 255, 0), exposure=14.29),
            Channel("Cy3", (255, 255, 0), exposure=208.03),
        )
        scanner = slide.scanner(kept_of(slide))
        assert (scanner.model, scanner.software) == ("VectraPolaris", "VectraPolaris 1.0")
        assert scanner.magnification == 10
        found = {each.flavour.value: (each.columns, each.rows) for each in slide.associated}
        assert found == {"THUMBNAIL": (480, 360), "OVERVIEW": (201, 398), "LABEL": (199, 120)}
    made = convert_slide(
        path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))), sandbox=sandbox
    )
    assert made.report.frames_copied == 0
    assert made.report.gate.largest_difference == 0
    for each in made.folder.iterdir():
        data = each.read_bytes()
        for secret in (b"RTM61", b"WIN-518", b"einstein", b"688b0669", b"4E37D078", b"2020:10:30"):
            assert secret not in data, (each.name, secret)


def test_a_fluorescence_slide_is_converted_without_loss_and_leaks_nothing(tmp_path):
    made = write_fluorescence(tmp_path / "a.qptiff", extra="<SampleDescription>Niere Mustermann"
                              "</SampleDescription>")  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    pseudonyms = Pseudonyms(bytes(range(32)))
    allowed, who = allow_list("akoya-qptiff"), subject(pseudonym=pseudonyms.name)
    done = convert(tmp_path / "a.qptiff", out, allowed=allowed, subject=who)
    assert len(done.instances) == 3
    opened = [(each.path.name, FileSource(each.path)) for each in done.instances]
    for stored, level in zip(open_pyramid(opened), made, strict=True):
        across, down = stored.level.tiles_across, stored.level.tiles_down
        for path, wanted in enumerate(level):
            first = path * across * down
            tiles = [
                np.hstack([stored.samples(first + row * across + n) for n in range(across)])
                for row in range(down)
            ]
            shown = np.vstack(tiles)[: wanted.shape[0], : wanted.shape[1], 0]
            assert np.array_equal(shown, wanted)
    for _, source in opened:
        source.close()
    header = pydicom.dcmread(done.instances[0].path, stop_before_pixels=True)
    assert [path.get("OpticalPathDescription") for path in header.OpticalPathSequence] == [
        "DAPI", "Opal 570", "Cy5",
    ]  # fmt: skip
    for each in done.instances:
        data = each.path.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, secret


def test_a_brightfield_slide_is_copied_whole_and_leaks_nothing(tmp_path, sandbox):
    write_brightfield(tmp_path / "Mustermann_4711.qptiff")
    with open_slide(tmp_path / "Mustermann_4711.qptiff") as slide:
        assert slide.channels(kept_of(slide)) == ()
        assert [(level.columns, level.rows) for level in slide.levels] == [
            (400, 300), (200, 150), (100, 75),
        ]  # fmt: skip
        with tifffile.TiffFile(tmp_path / "Mustermann_4711.qptiff") as tiff:
            for level, page in zip(slide.levels, (0, 2, 3), strict=True):
                assert level.encoding.is_copied
                assert np.array_equal(whole(level), tiff.pages[page].asarray())
    made = convert_slide(
        tmp_path / "Mustermann_4711.qptiff",
        tmp_path / "out",
        pseudonyms=Pseudonyms(bytes(range(32))),
        sandbox=sandbox,
    )
    assert made.report.frames_copied == 12 + 4 + 1
    assert made.report.gate.largest_difference == 0
    for path in made.folder.iterdir():
        data = path.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, (path.name, secret)


def test_newer_software_writes_its_profile_as_json(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", profile=PROFILE_JSON, levels=1)
    with open_slide(tmp_path / "a.qptiff") as slide:
        allowed = allow_list(slide.format)
        assert {each.name for each in slide.fields if allowed.action(each.name) is None} == set()
        values = {each.value for each in slide.fields}
        assert {"Klara Kittel", "kittel_drei_kanal", "CY5", "2.63"} <= values
    for wrong in ("{", '{"a":' * 100_000, '{"a":NaN'):
        write_fluorescence(tmp_path / "b.qptiff", profile=wrong, levels=1)
        with pytest.raises(SlideError, match="JSON"), open_slide(tmp_path / "b.qptiff"):
            pass


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("<Nickname>Rosi</Nickname>", "Akoya.Nickname"),
        ("<Barcode kind='Rosi'/>", "Akoya.Barcode@kind"),
        ("<Secret><Deep>Rosi</Deep></Secret>", "Akoya.Secret.Deep"),
    ],
)
def test_what_no_table_names_stops_the_slide(tmp_path, extra, told):
    write_fluorescence(tmp_path / "a.qptiff", extra=extra, levels=1)
    with open_slide(tmp_path / "a.qptiff") as slide:
        allowed = allow_list(slide.format)
        unknown = {each.name for each in slide.fields if allowed.action(each.name) is None}
    assert unknown == {told}


@pytest.mark.parametrize("bad", ["green", "Klara", "20 Klara"])
def test_a_name_typed_where_a_number_belongs_stops_the_slide(tmp_path, bad):
    channels = (("DAPI", bad, 1),)
    write_fluorescence(tmp_path / "a.qptiff", channels=channels, levels=1)
    with (
        open_slide(tmp_path / "a.qptiff") as slide,
        pytest.raises(SlideError, match=r"Akoya\.Color"),
    ):
        check_forms(slide.format, slide.fields)


def test_utf16_is_read_as_what_it_is(tmp_path):
    text = describe("FullResolution", name="DAPI", colour="0,0,255").encode("utf-16")
    tifffile.imwrite(
        tmp_path / "a.qptiff", np.zeros((64, 64), np.uint8), tile=(64, 64), metadata=None,
        extratags=[(270, 7, len(text), text, True)], photometric="minisblack",
    )  # fmt: skip
    with open_slide(tmp_path / "a.qptiff") as slide:
        assert slide.format == "akoya-qptiff"
        assert slide.levels[0].stack == Stack(1, 8)
        assert slide.channels(kept_of(slide))[0].dye == "DAPI"


def test_reduced_levels_that_are_not_described_are_known_by_their_mark(tmp_path):
    write_fluorescence(tmp_path / "a.qptiff", is_described=lambda level, channel: level == 0)
    assert_as_tifffile(tmp_path / "a.qptiff")


@pytest.mark.parametrize(
    "given",
    [
        {"order": lambda level: [1, 0, 2] if level == 1 else [0, 1, 2]},  # another order
        {"order": lambda level: [0, 1] if level == 1 else [0, 1, 2]},  # one is missing
    ],
)
def test_a_level_of_other_channels_is_refused(tmp_path, given):
    write_fluorescence(tmp_path / "a.qptiff", **given)
    with pytest.raises(SlideError, match="other channels"), open_slide(tmp_path / "a.qptiff"):
        pass


def test_images_that_do_not_fit_together_are_refused(tmp_path):
    path = tmp_path / "a.qptiff"
    text = describe("FullResolution", name="DAPI", colour="0,0,255")
    tiled = {"tile": (64, 64), "description": text, "metadata": None}
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(np.zeros((64, 64), np.uint8), photometric="minisblack", **tiled)
        tiff.write(np.zeros((64, 128), np.uint8), photometric="minisblack", **tiled)
    with pytest.raises(SlideError, match="different sizes"), open_slide(path):
        pass
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(np.zeros((64, 64, 3), np.uint8), photometric="rgb", **tiled)
        tiff.write(np.zeros((64, 64), np.uint8), photometric="minisblack", **tiled)
    with pytest.raises(SlideError, match="neither one RGB image"), open_slide(path):
        pass
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(np.zeros((64, 64), np.float32), photometric="minisblack", **tiled)
    with pytest.raises(SlideError, match="floating point"), open_slide(path):
        pass
    label = {**tiled, "description": describe("Label")}
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(np.zeros((64, 64), np.uint8), photometric="minisblack", **label)
    with pytest.raises(SlideError, match="0 images of full resolution"), open_slide(path):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "<PerkinElmer-QPI-ImageDescription>",
        "<!DOCTYPE a SYSTEM 'file:///etc/hostname'><PerkinElmer-QPI-ImageDescription/>",
        "<PerkinElmer-QPI-ImageDescription>" + "<a>" * 200 + "</a>" * 200,
    ],
)
def test_a_description_that_does_not_parse_is_refused(tmp_path, text):
    write_jpeg_tiff(tmp_path / "a.qptiff", description=text)
    with pytest.raises(SlideError) as caught, open_slide(tmp_path / "a.qptiff"):
        pass
    assert caught.value.place.startswith("a.qptiff")


@pytest.mark.parametrize("text", ["PerkinElmer-QPI-ImageDescription", "<PerkinElmer-QPI/>", "<a/>"])
def test_a_word_in_a_description_makes_no_qptiff(tmp_path, text):
    write_jpeg_tiff(tmp_path / "a.tif", description=text)
    with open_slide(tmp_path / "a.tif") as slide:
        assert slide.format == "generic-tiff"


@pytest.mark.parametrize("compression", ["lzw", None])
def test_a_truncated_slide_is_refused(tmp_path, compression):
    write_fluorescence(tmp_path / "a.qptiff", compression=compression)
    data = (tmp_path / "a.qptiff").read_bytes()
    for sixteenth in range(16):
        (tmp_path / "cut.qptiff").write_bytes(data[: len(data) * sixteenth // 16])
        with pytest.raises(BigpictureError):
            convert_all(tmp_path / "cut.qptiff", tmp_path / "out")
