"""VMS against OpenSlide and Pillow: images side by side are one level, their bytes unchanged."""

from __future__ import annotations

import re

import numpy as np
import openslide
import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.open import belongings, open_slide
from bigpicture.dicom.restart_level import BandLevel, CutLevel
from bigpicture.dicom.slide import Stack
from bigpicture.model.errors import IntegrityError, SlideError
from bigpicture.model.image import Flavour
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_hamamatsu import decoded, intervals, jpeg, picture, tissue, write_vms
from slide_making import convert_all

PSEUDONYMS = Pseudonyms(bytes(range(32)))
NAME = "Muster - 2031-06-27 13.24.05"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


def grid():
    """Two by two, the last column narrower, the last row lower, as scanners leave them."""
    return [
        [tissue(800, 1600, 1), tissue(800, 640, 2)],
        [tissue(200, 1600, 3), tissue(200, 640, 4)],
    ]


def made(tmp_path, images=None, **given):
    path = tmp_path / f"{NAME}.vms"
    small = tissue(256, 560, 5)
    values = {"interval": 40, "small": small, "small_interval": 70, **given}
    streams = write_vms(path, images or grid(), **values)
    return path, streams


def difference(one, other) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def read_all(path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            across = -(-level.columns // level.tile_columns)
            for index in range(across * -(-level.rows // level.tile_rows) * level.stack.depth):
                level.pixels(index)


def test_geometry_and_pixels_are_openslide_s(tmp_path):
    path, _ = made(tmp_path)
    with open_slide(path) as slide, openslide.OpenSlide(path) as other:
        assert slide.format == "hamamatsu-vms"
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == [(2240, 1000), (560, 256)]
        assert set(sizes) <= set(other.level_dimensions)
        # 250 nm a pixel stand in the file.
        assert slide.mpp == (0.25, 0.25)
        assert float(other.properties["openslide.mpp-x"]) == 0.25
        # 38 + 1.5 - 2240 x 0.00025 / 2 and 13 - 0.25 - 1000 x 0.00025 / 2
        assert slide.placement == pytest.approx((39.22, 12.625))
        (overview,) = slide.associated
        assert overview.flavour is Flavour.OVERVIEW
        assert (overview.columns, overview.rows) == other.associated_images["macro"].size
        for level in slide.levels:
            assert isinstance(level, CutLevel)
            number = other.level_dimensions.index((level.columns, level.rows))
            shown = np.asarray(other.read_region((0, 0), number, (level.columns, level.rows)))
            assert difference(picture(level), shown[..., :3]) == 0
        assert slide.channels({}) == []


def test_frames_hold_the_scanner_s_intervals_across_images(tmp_path):
    """An interval is 320 pixels: five in a row of the left images, two of the right ones."""
    path, streams = made(tmp_path)
    rows = [
        np.concatenate(
            [np.array(intervals(each), object).reshape(high, wide)
             for each, wide in zip(images, (5, 2), strict=True)], axis=1
        )
        for images, high in zip(streams, (100, 25), strict=True)
    ]  # fmt: skip
    source = np.concatenate(rows)
    with open_slide(path) as slide:
        level = slide.levels[0]
        across, down = level.tile
        assert level.grid[0] * across >= 7
        for index in range(level.grid[0] * level.grid[1]):
            row, column = divmod(index, level.grid[0])
            wanted = source[row * down : (row + 1) * down, column * across : (column + 1) * across]
            got = np.array(intervals(b"".join(level.frame(index))), object).reshape(down, across)
            assert np.array_equal(got[: wanted.shape[0], : wanted.shape[1]], wanted)


def test_a_slide_is_converted_and_says_nothing_of_its_origin(sandbox, tmp_path):
    path, _ = made(tmp_path)
    done = convert_slide(path, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
    assert done.report.gate.largest_difference == 0
    assert done.report.gate.reader.startswith("OpenSlide")
    for file in done.folder.iterdir():
        data = file.read_bytes().lower()
        for secret in ("muster", "S-2031-4711", "2031-06-27", "20310627", "13.24", "NanoZoomer"):
            assert secret.lower().encode() not in data, (file.name, secret)


def test_an_unknown_key_stops_the_slide(sandbox, tmp_path):
    for extra, name in (("Operator=Erika", "VMS.Operator"), ("[Other]\r\nA=Erika", "VMS.Group")):
        path, _ = made(tmp_path, extra=extra)
        with pytest.raises(SlideError, match=name.replace(".", r"\.")) as caught:
            convert_slide(path, tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox)
        assert "Erika" not in str(caught.value)


def test_a_map_without_restart_markers_is_encoded_again(tmp_path):
    path, _ = made(tmp_path, small_interval=0)
    with open_slide(path) as slide:
        base, small = slide.levels
        assert isinstance(base, CutLevel)
        assert isinstance(small, BandLevel)
        assert difference(picture(small), decoded(jpeg(tissue(256, 560, 5)))) == 0
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.frames_copied
    assert conversion.frames_encoded


def test_images_of_different_tables_are_decoded_in_bands(tmp_path):
    path, streams = made(tmp_path)
    other = tmp_path / f"{NAME}(1,0).jpg"
    other.write_bytes(jpeg(tissue(800, 640, 2), interval=40, quality=60))
    with open_slide(path) as slide:
        level = slide.levels[0]
        assert level.encoding.reason == "its JPEG files have different tables"
        whole = np.block(
            [[[decoded(streams[0][0])], [decoded(other.read_bytes())]],
             [[decoded(streams[1][0])], [decoded(streams[1][1])]]]
        )  # fmt: skip
        assert whole.shape == (1000, 2240, 3)
        assert difference(picture(level), whole) == 0


def test_focal_planes_are_read_and_the_map_of_one_is_left_out(tmp_path):
    other = [[tissue(800, 1600, 11), tissue(800, 640, 12)],
             [tissue(200, 1600, 13), tissue(200, 640, 14)]]  # fmt: skip
    path, streams = made(tmp_path, layers=[other])
    with open_slide(path) as slide:
        (level,) = slide.levels
        assert level.stack == Stack(planes=2)
        assert slide.plane_spacing == 1.5
        assert any("one focal plane only" in remark for remark in slide.remarks)
        for plane, rows in enumerate((streams[:2], streams[2:])):
            whole = np.block([[[decoded(each)] for each in row] for row in rows])
            assert difference(picture(level, plane), whole) == 0


def test_the_list_of_restart_markers_is_not_needed(tmp_path):
    path, _ = made(tmp_path)
    (tmp_path / f"{NAME}.opt").write_bytes(b"\xff" * 4000)
    read_all(path)
    (tmp_path / f"{NAME}.opt").unlink()
    read_all(path)


def test_what_belongs_to_a_slide_begins_as_its_name_does(tmp_path):
    path, _ = made(tmp_path)
    (tmp_path / f"{NAME}7.jpg").touch()
    (tmp_path / "other.jpg").touch()
    found = belongings(path)
    assert found[0] == path
    assert {each.name.removeprefix(NAME) for each in found} == {
        ".vms", ".jpg", "(1,0).jpg", "(0,1).jpg", "(1,1).jpg", ".opt", "_map2.jpg", "_macro.jpg",
    }  # fmt: skip


def test_vmu_is_refused_by_name(tmp_path):
    path = tmp_path / "made.vmu"
    path.write_text("[Uncompressed Virtual Microscope Specimen]\r\nNoLayers=1\r\n")
    with pytest.raises(SlideError, match="Hamamatsu VMU slide") as caught:
        read_all(path)
    assert "NDPI or DICOM" in caught.value.remedy


@pytest.mark.parametrize("suffix", [".jpg", "(1,1).jpg", "_map2.jpg", "_macro.jpg"])
def test_a_missing_file_is_told_without_its_name(tmp_path, suffix):
    path, _ = made(tmp_path)
    (tmp_path / f"{NAME}{suffix}").unlink()
    with pytest.raises(SlideError, match="is missing") as caught:
        read_all(path)
    assert caught.value.place == f"{NAME}.vms .jpg"


@pytest.mark.parametrize(
    ("without", "extra", "what"),
    [
        (("NoLayers",), "", ""),
        (("NoJpegRows",), "", "how many images"),
        (("NoJpegRows",), "NoJpegRows=0", "how many images"),
        (("NoJpegRows",), "NoJpegRows=99999999999999999999", "how many images"),
        (("NoJpegRows",), "NoJpegRows=4096", "more or fewer images"),
        (("NoJpegRows",), "NoJpegRows=1", "more or fewer images"),
        (("NoLayers",), "NoLayers=3", "more or fewer images"),
        (("ImageFile(1,1)",), "", "more or fewer images"),
        (("ImageFile(1,1)",), "ImageFile(9,9)=a.jpg", "a place that it does not have"),
        ((), "ImageFile(0,1)=a.jpg", "one thing twice"),
        ((), "SourceLens=20", "one thing twice"),
        (("ImageFile(1,1)",), "ImageFile(1,1)=../a.jpg", "outside of its own folder"),
        (("ImageFile(1,1)",), "ImageFile(1,1)=/etc/hostname", "outside of its own folder"),
        (("ImageFile(1,1)",), f"ImageFile(1,1)={NAME}.opt", "does not begin as a JPEG"),
        (("ImageFile(1,1)",), f"ImageFile(1,1)={NAME}.jpg", "do not fit side by side"),
        (("MapFile",), f"MapFile={NAME}.opt", "does not begin as a JPEG"),
    ],
)
def test_hostile_indexes_are_refused(tmp_path, without, extra, what):
    path, _ = made(tmp_path, without=without, extra=extra)
    if not what:
        read_all(path)
        return
    with pytest.raises(SlideError, match=what) as caught:
        read_all(path)
    assert caught.value.place.startswith(NAME)


def test_without_a_scale_or_a_map_there_is_none(tmp_path):
    path, _ = made(tmp_path, without=("PhysicalWidth", "MapFile", "XOffsetFromSlideCentre"))
    with open_slide(path) as slide:
        assert (slide.mpp, slide.placement, len(slide.levels)) == (None, None, 1)
        assert any("no map" in remark for remark in slide.remarks)


def test_an_index_that_is_too_large_is_refused(tmp_path):
    path, _ = made(tmp_path, extra="A=" + "x" * (256 << 10))
    with pytest.raises(SlideError, match="bytes long"):
        read_all(path)


@pytest.mark.parametrize("suffix", [".vms", ".jpg", "(1,1).jpg", "_map2.jpg"])
def test_truncated_files_are_refused(tmp_path, suffix):
    path, _ = made(tmp_path)
    cut = tmp_path / f"{NAME}{suffix}"
    whole = cut.read_bytes()
    needed = whole.index(b"XOffset") if suffix == ".vms" else len(whole)
    for sixteenth in range(16):
        length = len(whole) * sixteenth // 16
        cut.write_bytes(whole[:length])
        if length < whole.find(b"SourceLens") if suffix == ".vms" else length < needed:
            with pytest.raises((SlideError, IntegrityError)):
                read_all(path)


def test_any_byte_may_be_wrong(tmp_path):
    path, _ = made(tmp_path, [[tissue(64, 64, 1), tissue(64, 32, 2)]], interval=4,
                   small=tissue(16, 24, 3), small_interval=3)  # fmt: skip
    rng = np.random.default_rng(3)
    files = [path, tmp_path / f"{NAME}.jpg", tmp_path / f"{NAME}(1,0).jpg"]
    sources = {file: file.read_bytes() for file in files}
    refused = 0
    for trial in range(150):
        file = files[trial % 3]
        data = bytearray(sources[file])
        for at in rng.integers(0, min(len(data), 700), 3):
            data[at] = rng.integers(256)
        file.write_bytes(data)
        try:
            read_all(path)
        except (SlideError, IntegrityError):
            refused += 1
        file.write_bytes(sources[file])
    assert refused > 30


@pytest.mark.parametrize("key", ["MapFile", "MacroImage", "ImageFile"])
def test_a_name_longer_than_any_file_has_is_refused(tmp_path, key):
    path, _ = made(tmp_path)
    text = re.sub(rf"(?m)^{key}=.*$", f"{key}={'Mustermann' * 40}\r", path.read_text())
    path.write_text(text)
    with pytest.raises(SlideError, match="more letters than a name may have") as caught:
        read_all(path)
    assert "Mustermann" not in str(caught.value)


def test_a_number_of_images_of_five_thousand_digits_is_refused(tmp_path):
    path, _ = made(tmp_path)
    path.write_text(re.sub(r"NoLayers=1", "NoLayers=" + "1" * 5000, path.read_text()))
    with pytest.raises(SlideError, match="does not say how many"):
        read_all(path)
