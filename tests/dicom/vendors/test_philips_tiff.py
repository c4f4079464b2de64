"""Philips TIFFs as OpenSlide reads them; what does not fit is refused, nothing leaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openslide
import pydicom
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.open import open_slide
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_philips_tiff import LABEL, MACRO, SECRETS, TILE, attribute, write_philips
from made_tiled_tiff import halved, jpegs, scan_of, tissue
from slide_making import convert_all

PSEUDONYMS = Pseudonyms(bytes(range(32)))

VARIANTS = {
    "own tables": {},
    "shared tables, classic": {"streams": "shared", "big": False},
    "RGB, pictures in the XML": {"streams": "rgb", "pictures": "xml"},
    "sparse, pictures as directories": {"missing": {0, 8, 9, 34}, "pictures": "directories"},
    "no pictures": {"pictures": "none"},
    "deep": {"across": 9, "down": 6, "factors": (1, 2, 4, 8, 16)},
    "whole tiles hang over": {"across": 6, "spare": 1},
    "a level is left out": {"factors": (1, 4, 8)},
    "rounded spacings": {"spacings": [0.000227273, 0.000454545, 0.000909091, 0.00181818]},
    "one level": {"factors": (1,)},
}


@pytest.fixture(params=VARIANTS)
def variant(request, tmp_path):
    path = tmp_path / "slide.tiff"
    levels = write_philips(path, **VARIANTS[request.param])
    return path, levels, VARIANTS[request.param]


def shown(slide: openslide.OpenSlide, level: int) -> np.ndarray:
    """A whole level over white: what the scanner left out is transparent."""
    whole = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level]))
    alpha = whole[..., 3:].astype(np.uint16)
    return ((whole[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)


def assembled(level) -> np.ndarray:
    across = -(-level.columns // level.tile_columns)
    down = -(-level.rows // level.tile_rows)
    tiles = [level.pixels(number) for number in range(across * down)]
    bands = [np.hstack(tiles[row * across : (row + 1) * across]) for row in range(down)]
    return np.vstack(bands)[: level.rows, : level.columns]


def read_all(path: Path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            assembled(level)


def test_geometry_scale_and_pixels_are_those_of_openslide(variant):
    path, _, given = variant
    theirs = openslide.OpenSlide(path)
    assert theirs.properties["openslide.vendor"] == "philips"
    with open_slide(path) as slide:
        assert slide.format == "philips-tiff"
        sizes = tuple((level.columns, level.rows) for level in slide.levels)
        assert sizes == theirs.level_dimensions
        stated = [float(theirs.properties[f"openslide.mpp-{side}"]) for side in "xy"]
        assert slide.mpp == pytest.approx(stated, rel=1e-12)
        for number, level in enumerate(slide.levels):
            assert np.array_equal(assembled(level), shown(theirs, number))
            name = "RGB" if given.get("streams") == "rgb" else "YBR_FULL_422"
            assert level.encoding.photometric == name
            assert level.encoding.is_copied


def test_label_and_macro_are_told_wherever_they_lie(variant):
    path, _, given = variant
    theirs = {name: image.size for name, image in
              openslide.OpenSlide(path).associated_images.items()}  # fmt: skip
    named = {Flavour.LABEL: "label", Flavour.OVERVIEW: "macro"}
    with open_slide(path) as slide:
        found = {named[each.flavour]: (each.columns, each.rows) for each in slide.associated}
        places = {"XML" if "line" in each.place else "IFD" for each in slide.associated}
    assert found == theirs
    pictures = given.get("pictures", "both")
    assert found == ({} if pictures == "none" else {"label": LABEL, "macro": MACRO})
    assert ("XML" in places) is (pictures in {"xml", "both"})


def test_frames_are_copied_byte_for_byte_and_the_sparse_ones_counted(tmp_path):
    path = tmp_path / "slide.tiff"
    write_philips(path, missing={3, 4}, across=6, spare=1)
    with open_slide(path) as slide:
        assert slide.remarks == (
            "slide.tiff IFD 0: 2 of 30 tiles have no bytes; they became background.",
        )
        assert slide.levels[0].frame(3) is None
        for number, factor in enumerate((1, 2, 4, 8)):
            # The file has a column of tiles more than the level: the second row begins later.
            stored = halved(tissue(5 * TILE, 6 * TILE), factor)
            room = [(0, -side % TILE) for side in stored.shape[:2]]
            padded = np.pad(stored, [*room, (0, 0)], constant_values=255)
            streams = jpegs(padded, TILE, 80)
            for tile, stream in enumerate(streams):
                if number or tile not in {3, 4}:
                    assert slide.levels[number].frame(tile).body == scan_of(stream)


def test_tables_that_tiles_share_go_into_each_frame(tmp_path):
    path = tmp_path / "slide.tiff"
    write_philips(path, streams="shared")
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.frames_encoded == 0
    before, after = openslide.OpenSlide(path), openslide.OpenSlide(conversion.instances[0].path)
    for level in range(4):
        assert np.array_equal(shown(before, level), shown(after, level))


def test_the_same_pictures_as_tifffile_finds(tmp_path):
    path = tmp_path / "slide.tiff"
    levels = write_philips(path, across=9, down=6, factors=(1, 2, 4, 8, 16))
    with tifffile.TiffFile(path) as tiff, open_slide(path) as slide:
        assert tiff.is_philips
        theirs = tiff.series[0].levels
        assert [level.shape[:2] for level in theirs] == [
            (level.rows, level.columns) for level in slide.levels
        ]
    assert [level.shape[:2] for level in levels] == [each.shape[:2] for each in theirs]


@pytest.fixture(scope="module")
def make():
    with Sandbox(preload=("bigpicture.submission.convert",)) as sandbox:

        def convert(source, folder, **given):
            return convert_slide(source, folder, pseudonyms=PSEUDONYMS, sandbox=sandbox, **given)

        yield convert


@pytest.mark.parametrize("pictures", ["both", "xml"])
def test_a_slide_is_converted_with_its_proof_and_leaks_nothing(make, tmp_path, pictures):
    path = tmp_path / "S-2021-77431.tiff"
    write_philips(path, missing={0, 1}, pictures=pictures)
    made = make(path, tmp_path / "out")
    assert (made.report.gate.reader[:9], made.report.gate.largest_difference) == ("OpenSlide", 0)
    # 7 x 5, 4 x 3, 2 x 2 and 1 tiles of 128 pixels, without the two.
    assert (made.report.frames_copied, made.report.frames_encoded) == (50, 0)
    assert made.report.frames_empty == 2
    assert {each.flavour for each in made.report.left_out} == {"LABEL", "OVERVIEW"}
    for written in made.folder.iterdir():
        data = written.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, (written.name, secret)
    header = pydicom.dcmread(made.instances[0], stop_before_pixels=True)
    assert header.Manufacturer == "PHILIPS"
    assert header.ManufacturerModelName == "UFS Scanner"
    serial = PSEUDONYMS.name("device", "FMT0411")
    assert header.DeviceSerialNumber == serial


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (attribute("PIM_DP_FAVOURITE_COLOUR", "blue"), r"Philips\.PIM_DP_FAVOURITE_COLOUR"),
        (attribute("blue eyes", "blue"), "without a proper name"),
        ('<Attribute Group="0x0001">blue</Attribute>', "without a proper name"),
        ("<Note>blue</Note>", "an element that the format does not have"),
        ("<Array>blue</Array>", r"Philips\.Array"),
        (attribute("PIM_DP_IMAGE_ROWS", "blue"), r"Philips\.PIM_DP_IMAGE_ROWS"),
        (attribute("PIM_DP_IMAGE_ROWS", "7", kind="blue"), r"Philips\.Attribute@PMSVR"),
        ('<Attribute Name="PIM_DP_IMAGE_ROWS" Mood="blue">7</Attribute>', "Attribute@Mood"),
    ],
)
def test_what_nobody_has_judged_stops_the_slide(make, tmp_path, extra, told):
    write_philips(tmp_path / "a.tiff", extra=extra)
    with pytest.raises(SlideError, match=told) as caught:
        make(tmp_path / "a.tiff", tmp_path / "folder" / "out")
    assert "blue" not in str(caught.value)
    assert not list(tmp_path.glob("folder/*"))


def test_the_barcode_is_searched_for_in_plain_letters_too(tmp_path):
    write_philips(tmp_path / "a.tiff")
    with open_slide(tmp_path / "a.tiff") as slide:
        fields = list(slide.fields)
    values = [field.value for field in fields if field.name == "Philips.PIM_DP_UFS_BARCODE"]
    assert values == ["Uy0yMDIxLTc3NDMx", "S-2021-77431"]
    pictures = [field for field in fields if field.name == "Philips.PIM_DP_IMAGE_DATA"]
    assert [field.value for field in pictures] == ["", ""]
    assert Field("a.tiff IFD 0 ImageDescription", "TIFF.ImageDescription", "") in fields


def swap(old: str, new: str, count: int = -1):
    return lambda xml: xml.replace(old, new, count)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"xml": swap(">WSI<", ">PHOTO<")}, "0 whole-slide images"),
        ({"xml": swap(">MACROIMAGE<", ">WSI<")}, "2 whole-slide images"),
        ({"xml": swap("DPUfsImport", "DPOther")}, "describes no scanned slide"),
        ({"spacings": [0.00025, 0.0005, 0.001, -1]}, "pixel spacing is no pair"),
        ({"spacings": [0.00025, 0.0005, 0.001, "nan"]}, "pixel spacing is no pair"),
        ({"spacings": [0.00025, 0.0005, 0.001, "1e999"]}, "pixel spacing is no pair"),
        ({"spacings": [0.00025, 0.0005, 0.001, "wide"]}, "pixel spacing is no pair"),
        ({"spacings": [0.00025, 0.0005, 0.001, 0.001]}, "smaller than its pixel spacing"),
        ({"spacings": [0.00025, 0.0005, 0.001, 0.0001]}, "smaller than its pixel spacing"),
        ({"spacings": [0.00025, 0.00025, 0.001, 0.002]}, "smaller than its pixel spacing"),
        ({"spacings": [1e-9, 0.0005, 0.001, 0.002]}, "smaller than its pixel spacing"),
        ({"xml": swap("PixelDataRepresentation", "Another", 1)}, "describes 3 levels of 4"),
        ({"subfile": 0}, "no reduction"),
        ({"xml": lambda xml: xml[:-9]}, "does not parse"),
        ({"xml": swap("<DataObject ", "<!DOCTYPE a><DataObject ", 1)}, "document type"),
        ({"extra": "<Array>" * 99 + "</Array>" * 99}, "nests"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(tmp_path, given, what):
    path = tmp_path / "a.tiff"
    write_philips(path, **given)
    with pytest.raises(SlideError, match=what) as caught, open_slide(path):
        pass
    assert caught.value.place.startswith("a.tiff IFD")


@pytest.mark.parametrize("data", ["", "%%%%", "QUJD", "/9j/" * 300_000, "A" * 4_000_001])
def test_a_picture_that_is_none_is_told_without_a_size(tmp_path, data):
    extra = attribute("PIM_DP_IMAGE_DATA", data)
    write_philips(tmp_path / "a.tiff", extra_inside=extra, pictures="none")
    with open_slide(tmp_path / "a.tiff") as slide:
        (found,) = slide.associated
    assert (found.flavour, found.columns, found.rows) == (Flavour.OVERVIEW, 0, 0)


def test_a_tile_past_the_end_is_named(tmp_path):
    path = tmp_path / "a.tiff"
    write_philips(path)
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        tag = tiff.pages[0].tags["TileOffsets"]
        tag.overwrite([*tag.value[:-1], path.stat().st_size])
    with pytest.raises(SlideError) as caught:
        read_all(path)
    assert caught.value.place == "a.tiff IFD 0 tile 34"


def test_a_slide_truncated_anywhere_is_refused(tmp_path):
    path = tmp_path / "slide.tiff"
    write_philips(path)
    whole = path.read_bytes()
    for part in range(16):
        path.write_bytes(whole[: len(whole) * part // 16])
        with pytest.raises(SlideError) as caught:
            read_all(path)
        assert str(tmp_path) not in str(caught.value)
