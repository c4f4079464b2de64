"""Ventana's slides against OpenSlide, which reads the same generated files."""

from __future__ import annotations

import struct
from math import ceil

import numpy as np
import openslide
import pydicom
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list, check_forms
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.markup import read_markup
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.stitching import read_stitching
from bigpicture.dicom.tiles import open_pyramid
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_ventana import SECRETS, UNIT, Aoi, write_bif, write_ventana_tiff
from slide_making import convert_all

ROUNDING = 4
"""Of 255: OpenSlide rounds to 8 bits after each tile it draws between pixels, we at the end."""
PSEUDONYMS = Pseudonyms(bytes(range(32)))


def uneven(column, row):
    """Overlaps and confidences as different as those of a real scan; every third is not trusted."""
    return (5 * column + 3 * row) % 14, (3 * column + 5 * row) % 9, 0 if row % 3 == 2 else 90 + row


def whole(level) -> np.ndarray:
    """All tiles of a level side by side, cut to its size."""
    across, down = ceil(level.columns / level.tile_columns), ceil(level.rows / level.tile_rows)
    rows = [
        np.hstack([level.pixels(row * across + column) for column in range(across)])
        for row in range(down)
    ]
    return np.vstack(rows)[: level.rows, : level.columns]


def by_openslide(slide: openslide.OpenSlide, level: int) -> np.ndarray:
    shown = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level])).astype(int)
    return (shown[..., :3] * shown[..., 3:] + 255 * (255 - shown[..., 3:])) // 255


def assert_as_openslide(path, tolerance=0, *, is_copied=None):
    with open_slide(path) as slide, openslide.OpenSlide(path) as theirs:
        assert slide.format == "ventana-bif"
        assert theirs.properties["openslide.vendor"] == "ventana"
        sizes = tuple((level.columns, level.rows) for level in slide.levels)
        assert sizes == theirs.level_dimensions
        assert slide.mpp[0] == float(theirs.properties["openslide.mpp-x"])
        for number, level in enumerate(slide.levels):
            if is_copied is not None:
                assert level.encoding.is_copied is is_copied, number
            difference = np.abs(whole(level).astype(int) - by_openslide(theirs, number))
            assert difference.max() <= tolerance, number
            assert difference.mean() <= tolerance / 4, number


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"is_big": False},
        {"tile": (48, 80), "levels": 4},
        {"grid": (7, 4)},  # tiles that no area has
        {"aois": (Aoi(0, 0, 2, 2, 0, 128), Aoi(2, 2, 2, 2, 128, 0)), "levels": 2},
        {"aois": (Aoi(0, 0, 3, 2, 0, 200), Aoi(4, 3, 2, 2, 256, 0, is_scanned=False))},
    ],
)
def test_tiles_that_lie_in_a_grid_are_copied_and_equal_openslide(tmp_path, given):
    write_bif(tmp_path / "a.bif", **given)
    assert_as_openslide(tmp_path / "a.bif", is_copied=True)


@pytest.mark.parametrize(
    ("given", "tolerance"),
    [
        ({"overlap": lambda column, row: (8, 4, 100)}, 0),
        ({"overlap": lambda column, row: (8 + column % 2, 4 + row % 2, 99)}, ROUNDING),
        ({"overlap": uneven, "aois": (Aoi(0, 0, 9, 7),), "levels": 5}, ROUNDING),
        ({"overlap": lambda column, row: (-3, -2.5, 50)}, ROUNDING),  # gaps between tiles
        ({"aois": (Aoi(0, 0, 3, 2, 0, 200), Aoi(4, 3, 2, 2, 256, 0))}, 0),
        ({"aois": (Aoi(0, 0, 3, 2, 5, 200), Aoi(4, 3, 2, 2, 270, 7)), "overlap": uneven}, ROUNDING),
        ({"aois": (Aoi(0, 0, 3, 3, 40, 0), Aoi(4, 0, 3, 3, 150, 30)), "levels": 4}, ROUNDING),
        ({"tile": (48, 80), "levels": 6, "overlap": uneven}, ROUNDING),  # 1.5 columns a tile
    ],
)
def test_tiles_that_overlap_are_put_together_as_openslide_does(tmp_path, given, tolerance):
    write_bif(tmp_path / "a.bif", **given)
    assert_as_openslide(tmp_path / "a.bif", tolerance, is_copied=False)


def test_a_level_of_which_an_area_has_half_a_tile_is_put_together(tmp_path):
    write_bif(tmp_path / "a.bif", aois=(Aoi(0, 0, 2, 2), Aoi(3, 0, 2, 2, 192, 0)), levels=2)
    assert_as_openslide(tmp_path / "a.bif")
    with open_slide(tmp_path / "a.bif") as slide:
        assert [level.encoding.is_copied for level in slide.levels] == [True, False]


def test_ventanas_tiff_has_ordinary_levels(tmp_path):
    write_ventana_tiff(tmp_path / "a.tif")
    assert_as_openslide(tmp_path / "a.tif", is_copied=True)


def test_copied_frames_are_those_of_the_file(tmp_path):
    write_bif(tmp_path / "a.bif", grid=(6, 3))
    data = (tmp_path / "a.bif").read_bytes()
    with open_slide(tmp_path / "a.bif") as slide, tifffile.TiffFile(tmp_path / "a.bif") as tiff:
        page = next(page for page in tiff.pages if page.description.startswith("level=0"))
        for row in range(3):
            for column in range(4):
                frame = slide.levels[0].frame(row * 4 + column)
                at, length = (
                    values[row * 6 + column] for values in (page.dataoffsets, page.databytecounts)
                )
                assert data[at : at + length].endswith(frame.body)
                assert len(frame.body) > 200


def test_what_lies_beside_is_told(tmp_path):
    write_bif(tmp_path / "a.bif")
    with open_slide(tmp_path / "a.bif") as slide, openslide.OpenSlide(tmp_path / "a.bif") as theirs:
        found = {each.flavour.value: (each.columns, each.rows) for each in slide.associated}
        assert found["OVERVIEW"] == theirs.associated_images["macro"].size
        assert theirs.associated_images["thumbnail"].size == (80, 24)
        assert sorted(each.columns for each in slide.associated) == [30, 80, 90]


def test_the_scanner_is_told_without_its_number(tmp_path):
    write_bif(tmp_path / "a.bif", extra=' ScannerModel="VENTANA DP 200" ScanWhitePoint="235"')
    with open_slide(tmp_path / "a.bif") as slide:
        values = {field.name: field.value for field in slide.fields}
        scanner = slide.scanner({**values, "Ventana.iScan@UnitNumber": "pseudonym"})
        assert (scanner.manufacturer, scanner.model) == ("Roche", "VENTANA DP 200")
        assert (scanner.serial, scanner.magnification) == ("pseudonym", 40.0)
        assert any("grey level 235" in remark for remark in slide.remarks)


def test_missing_tiles_become_white(tmp_path):
    """OpenSlide reads no such file: the white paper's offset 0 and length 0 is libtiff's error."""
    write_bif(tmp_path / "a.bif", missing={5}, extra=' ScanWhitePoint="235"')
    made = convert_all(tmp_path / "a.bif", tmp_path / "out")
    assert made.instances[0].frames_background == 1
    assert any("1 of 12 tiles" in remark for remark in made.remarks)
    write_bif(tmp_path / "b.bif", missing={5}, overlap=lambda column, row: (8, 4, 100))
    with open_slide(tmp_path / "b.bif") as slide:
        shown = whole(slide.levels[0])
        # Tile (1, 1) is at 56, 60; its neighbours right and below begin at 112 and 120.
        assert (shown[64:118, 64:110] == 255).all()
        assert shown[64:118, 114:160].mean() < 230
        assert shown[124:, 64:110].mean() < 230


def dp(column, row):
    """The overlaps of the published VENTANA DP 200 slide: 24 pixels at some columns, 0 else."""
    return (24 if column in {2, 3} else 0), 0, 100


def test_the_tiles_of_a_dp_scanner_close_gap_by_gap(tmp_path):
    """Worked out by hand after the white paper; OpenSlide refuses joints to the left."""
    (picture, *_) = write_bif(tmp_path / "a.bif", overlap=dp, right="LEFT", aois=(Aoi(y=175179),))
    with pytest.raises(openslide.OpenSlideError, match="LEFT"):
        openslide.OpenSlide(tmp_path / "a.bif")
    with open_slide(tmp_path / "a.bif") as slide:
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == [(4 * 64 - 2 * 24, 192), (104, 96), (52, 48)]
        shown = whole(slide.levels[0]).astype(int)
        for column, left in enumerate([0, 64, 104, 144]):
            # The part that no neighbour covers, but for what JPEG changed.
            wanted = picture[:, column * 64 : column * 64 + 40]
            assert np.abs(shown[:, left : left + 40] - wanted).mean() < 3
        assert not slide.levels[0].encoding.is_copied


def test_the_published_dp_slide_has_the_published_size():
    """Ventana-1.bif: 23 × 21 tiles of 1024 pixels, 5 gaps of 24: 23432 × 21504 in Bio-Formats."""
    gaps = {4, 8, 12, 16, 20}

    def number(column, row):
        up = 20 - row
        return up * 23 + (22 - column if up % 2 else column) + 1

    joints = "".join(
        f'<TileJointInfo FlagJoined="1" Confidence="100" Direction="LEFT" OverlapY="0" '
        f'OverlapX="{24 if column in gaps else 0}" Tile1="{number(column - 1, row)}" '
        f'Tile2="{number(column, row)}"/>'
        for row in range(21)
        for column in range(1, 23)
    )
    markup = read_markup(
        '<EncodeInfo Ver="2"><SlideStitchInfo><ImageInfo AOIScanned="1" NumRows="21" NumCols="23" '
        f'Width="1024" Height="1024" Pos-X="25165" Pos-Y="175179">{joints}</ImageInfo>'
        '</SlideStitchInfo><AoiOrigin><AOI0 OriginX="0" OriginY="0"/></AoiOrigin></EncodeInfo>',
        place="here",
    )
    stitching = read_stitching(markup, tile=(1024, 1024), grid=(24, 21), place="here")
    assert stitching.size(1) == (23432, 21504)
    assert stitching.size(2) == (11716, 10752)


def test_a_dp_scanner_without_overlap_is_copied(tmp_path):
    write_bif(tmp_path / "a.bif", right="LEFT", grid=(5, 3), aois=(Aoi(x=25165, y=175179),))
    with open_slide(tmp_path / "a.bif") as slide:
        assert all(level.encoding.is_copied for level in slide.levels)
        assert (slide.levels[0].columns, slide.levels[0].rows) == (256, 192)


def test_a_slide_is_converted_whole(tmp_path):
    write_bif(tmp_path / "a.bif", levels=2)
    made = convert_all(tmp_path / "a.bif", tmp_path / "out")
    assert (made.frames_copied, made.frames_encoded) == (12 + 4, 0)
    with (
        openslide.OpenSlide(tmp_path / "a.bif") as before,
        openslide.OpenSlide(made.instances[0].path) as after,
    ):
        assert before.level_dimensions == after.level_dimensions
        for level in range(2):
            assert np.array_equal(by_openslide(before, level), by_openslide(after, level))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.mark.parametrize("overlap", [lambda column, row: (0, 0, 100), uneven])
def test_nothing_that_identifies_is_in_any_output(tmp_path, sandbox, overlap):
    write_bif(tmp_path / "S19-4711-A1.bif", overlap=overlap)
    made = convert_slide(
        tmp_path / "S19-4711-A1.bif", tmp_path / "out", pseudonyms=PSEUDONYMS, sandbox=sandbox
    )
    for path in made.folder.iterdir():
        data = path.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, (path.name, secret)
    header = pydicom.dcmread(made.instances[0], stop_before_pixels=True)
    assert header.DeviceSerialNumber == PSEUDONYMS.name("device", UNIT)
    assert made.report.gate.reader.startswith("OpenSlide")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"extra": ' Nickname="Rosi"'}, "Ventana.iScan@Nickname"),
        ({"encode_info": lambda xml: xml.replace("<SlideInfo", "<Secret A='Rosi'/><SlideInfo", 1)},
         "Ventana.Secret@A"),
        ({"i_scan": lambda xml: xml.replace("<AOI0", "Rosi<AOI0")}, None),
    ],
)  # fmt: skip
def test_what_no_table_names_stops_the_slide(tmp_path, given, told):
    write_bif(tmp_path / "a.bif", **given)
    with open_slide(tmp_path / "a.bif") as slide:
        allowed = allow_list(slide.format)
        unknown = {field.name for field in slide.fields if allowed.action(field.name) is None}
        assert unknown == ({told} if told else set())
        check_forms(slide.format, slide.fields)


HOSTILE = [
    ('NumCols="4" Pos', 'NumCols="400000" Pos'),
    ('NumCols="4" Pos', 'NumCols="0" Pos'),
    ('NumRows="3" NumCols="4" Pos', 'NumRows="-3" NumCols="4" Pos'),
    ('Width="64"', 'Width="63"'),
    ('Pos-X="0" Pos-Y="0"', 'Pos-X="900000000" Pos-Y="0"'),
    ('Pos-X="0" Pos-Y="0"', 'Pos-X="nan" Pos-Y="0"'),
    ('Pos-X="0" Pos-Y="0"', 'Pos-X="0"'),
    ('OriginX="0"', 'OriginX="-64"'),
    ('OriginX="0"', 'OriginX="7"'),
    ('OriginX="0"', 'OriginX="6400000"'),
    ('Tile1="1"', 'Tile1="0"'),
    ('Tile1="1"', 'Tile1="99999999999999999999"'),
    ('Direction="RIGHT"', 'Direction="DOWN"'),
    ('Direction="UP"', 'Direction="RIGHT"'),
    ('OverlapX="0"', 'OverlapX="64"'),
    ('Confidence="100"', 'Confidence="high"'),
    ('AOIScanned="1" AOIIndex="0"\xa0', ""),
    ('<ImageInfo AOIScanned="1"', '<ImageInfo AOIScanned="0"'),
    ("<AoiOrigin>", "<AoiOrigin><AOI9 OriginX='0' OriginY='0'/>"),
    ('<?xml version="1.0"?>', "<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    ("</EncodeInfo>", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [pair for pair in HOSTILE if "\xa0" not in pair[0]])
def test_an_encode_info_that_lies_is_refused(tmp_path, before, after):
    def change(xml: str) -> str:
        at = xml.index(
            before,
            xml.index("<SlideStitchInfo") if before in xml[xml.index("<SlideStitchInfo") :] else 0,
        )
        return xml[:at] + xml[at:].replace(before, after, 1)

    write_bif(tmp_path / "a.bif", encode_info=change)
    with pytest.raises(SlideError) as caught, open_slide(tmp_path / "a.bif"):
        pass
    assert caught.value.place.startswith("a.bif")


def test_focal_planes_and_old_versions_are_refused_with_their_reason(tmp_path):
    write_bif(tmp_path / "a.bif", depth=3)
    with pytest.raises(SlideError, match="3 focal planes"), open_slide(tmp_path / "a.bif"):
        pass
    write_bif(tmp_path / "b.bif", ver=1)
    with pytest.raises(SlideError, match="version 1"), open_slide(tmp_path / "b.bif"):
        pass


@pytest.mark.parametrize("overlap", [lambda column, row: (0, 0, 100), uneven])
def test_a_truncated_slide_is_refused(tmp_path, overlap):
    write_bif(tmp_path / "a.bif", overlap=overlap)
    data = (tmp_path / "a.bif").read_bytes()
    for sixteenth in range(16):
        (tmp_path / "cut.bif").write_bytes(data[: len(data) * sixteenth // 16])
        with pytest.raises(BigpictureError):
            convert_all(tmp_path / "cut.bif", tmp_path / "out")


def test_a_damaged_tile_is_refused_by_its_number(tmp_path):
    write_bif(tmp_path / "a.bif", overlap=uneven)
    with tifffile.TiffFile(tmp_path / "a.bif") as tiff:
        page = next(page for page in tiff.pages if page.description.startswith("level=0"))
        at = page.dataoffsets[4]
    data = bytearray((tmp_path / "a.bif").read_bytes())
    data[at : at + 200] = struct.pack("200B", *range(200))
    (tmp_path / "a.bif").write_bytes(data)
    with open_slide(tmp_path / "a.bif") as slide, pytest.raises(SlideError, match="tile 4"):
        whole(slide.levels[0])


@pytest.mark.parametrize(
    "xmp", ["<iScan", "<iScan ScanRes='1'/><iScan/>", "<Metadata><iScan></Metadata>", "<iScan/>"]
)
def test_an_iscan_that_is_no_slide_is_refused(tmp_path, xmp):
    write_bif(tmp_path / "a.bif", i_scan=lambda _: xmp, encode_info=lambda _: "<EncodeInfo/>")
    with pytest.raises(SlideError), open_slide(tmp_path / "a.bif"):
        pass


def test_the_written_pyramid_opens_again(tmp_path):
    write_bif(tmp_path / "a.bif", overlap=uneven)
    made = convert_all(tmp_path / "a.bif", tmp_path / "out")
    opened = [(each.path.name, FileSource(each.path)) for each in made.instances]
    with open_slide(tmp_path / "a.bif") as slide:
        for level, stored in zip(slide.levels, open_pyramid(opened), strict=True):
            assert (stored.level.columns, stored.level.rows) == (level.columns, level.rows)
            wanted = whole(level).astype(int)
            shown = stored.region(0, 0, level.columns, level.rows).astype(int)
            assert np.abs(shown - wanted).mean() < 3  # JPEG of quality 95
    for _, source in opened:
        source.close()
    assert made.frames_copied == 0
    assert all("put together" in remark for remark in made.remarks)
