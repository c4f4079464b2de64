"""DICOM slides of many makers: what is read, and what each of them is refused for."""

from __future__ import annotations

import shutil
import struct
from math import ceil

import numpy as np
import openslide
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.sequence import Sequence as Items
from wsidicom import WsiDicom
from wsidicom.geometry import Point

import made_dicom as made
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from places import shared
from slide_making import convert_all, subject, uid

JPEG, J2K_LOSSLESS, NATIVE = made.JPEG, made.J2K_LOSSLESS, made.NATIVE


def refused(path) -> SlideError:
    """The error of opening the slide and reading every frame of it."""
    with pytest.raises(SlideError) as caught:
        everything(path)
    assert caught.value.place
    return caught.value


def frames_of(level) -> int:
    tiles = ceil(level.columns / level.tile_columns) * ceil(level.rows / level.tile_rows)
    return tiles * level.stack.depth


def everything(path) -> list[np.ndarray]:
    with open_slide(path) as slide:
        found = []
        for level in slide.levels:
            for index in range(frames_of(level)):
                found.append(level.pixels(index))
                if level.encoding.is_copied:
                    level.frame(index)
        return found


def equal(path, picture, *, tile=made.TILE) -> bool:
    """Whether the finest level's frames are those of the picture."""
    with open_slide(path) as slide:
        level = slide.levels[0]
        wanted = made.tiles(picture, tile)
        assert frames_of(level) == len(wanted)
        return all(np.array_equal(level.pixels(n), each) for n, each in enumerate(wanted))


# What becomes of each published sample: (levels, Stack, transfer syntax of the copy), or why not.
PUBLISHED = {
    "3dhistech_BPAEC": (8, Stack(samples=1, paths=3), JPEG),
    "cmu-1-small-region": (12, Stack(), JPEG),
    "googlecloudplatform__multi_frame_jpeg_camelyon_challenge_image.dcm": (1, Stack(), JPEG),
    "googlecloudplatform__test_dicom_matrix.dcm": "no instance holds the slide's tissue",
    "googlecloudplatform__test_jpeg_dicom.dcm": (1, Stack(), JPEG),
    "googlecloudplatform__test_raw_dicom.dcm": (1, Stack(), NATIVE),
    "googlecloudplatform__test_wsi2.dcm": "no instance holds the slide's tissue",
    "imagingdatacommons__sm_image.dcm": (1, Stack(), NATIVE),
    "imagingdatacommons__sm_image_control.dcm": (1, Stack(), NATIVE),
    "imagingdatacommons__sm_image_grayscale.dcm": (1, Stack(samples=1, bits=16), NATIVE),
    "imagingdatacommons__sm_image_grayscale_reversed.dcm": (1, Stack(samples=1, bits=16), NATIVE),
    "imagingdatacommons__sm_image_jpegls_nobot.dcm": (1, Stack(), ""),
    "imagingdatacommons__sm_image_numbers.dcm": (1, Stack(), NATIVE),
    "openslide__boxes_0.dcm": (1, Stack(), JPEG),
    "openslide__boxes_1.dcm": "no instance holds the slide's tissue",
}


def test_every_published_sample_has_an_outcome():
    names = {path.name for path in shared("testdata/dicom_wsi").iterdir()}
    assert names == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_samples_are_converted_or_refused(name, tmp_path):
    path, wanted = shared(f"testdata/dicom_wsi/{name}"), PUBLISHED[name]
    if isinstance(wanted, str):
        assert wanted in refused(path).what
        return
    with open_slide(path) as slide:
        first = slide.levels[0]
        assert (len(slide.levels), first.stack, first.encoding.transfer_syntax) == wanted
        sizes = [(level.columns, level.rows) for level in slide.levels]
        source = [[level.pixels(n) for n in range(frames_of(level))] for level in slide.levels]
    done = convert_all(path, tmp_path / "out")
    assert [(one.level.columns, one.level.rows) for one in done.instances[: len(sizes)]] == sizes
    for one, frames in zip(done.instances, source, strict=False):
        with FileSource(one.path) as file:
            tiles = open_tiles(file)
            for number, frame in enumerate(frames):
                assert np.array_equal(tiles.samples(number), frame)


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name.startswith("imaging")])
def test_published_pixels_are_those_of_pydicom(name):
    path = shared(f"testdata/dicom_wsi/{name}")
    dataset = pydicom.dcmread(path)
    if "jpegls" in name:  # pydicom needs a plugin for it; the same picture lies beside uncompressed
        dataset = pydicom.dcmread(path.with_name("imagingdatacommons__sm_image.dcm"))
    with open_slide(path) as slide:
        level = slide.levels[0]
        for number, frame in enumerate(dataset.pixel_array):
            assert np.array_equal(level.pixels(number), frame.reshape(10, 10, -1))


def test_channels_of_3dhistech_are_those_of_wsidicom():
    folder = shared("testdata/dicom_wsi/3dhistech_BPAEC")
    peer = WsiDicom.open(folder)
    with open_slide(folder) as slide:
        kept = {field.name: field.value for field in slide.fields}
        colours = [channel.colour for channel in slide.channels(kept)]
        assert colours == [(0, 255, 0), (0, 0, 255), (255, 0, 0)]  # Green, Blue, Red in its header
        assert slide.mpp == pytest.approx((1.29, 1.29))
        assert slide.placement is None
        assert len(slide.levels) == len(peer.pyramids[0])
        for level, other in zip(slide.levels, peer.pyramids[0], strict=True):
            size = other.size
            assert (level.columns, level.rows) == (size.width, size.height)
            tiles = frames_of(level) // 3
            across = ceil(level.columns / level.tile_columns)
            for number in range(frames_of(level)):
                path, tile = divmod(number, tiles)
                where = tile % across, tile // across
                shown = other.get_tile(Point(*where), None, str(path), False)
                assert np.array_equal(level.pixels(number), shown.reshape(1024, 1024, 1))


def test_scans_of_3dhistech_are_copied_byte_for_byte():
    folder = shared("testdata/dicom_wsi/3dhistech_BPAEC")
    source = (folder / "5_0.dcm").read_bytes()
    with open_slide(folder) as slide:
        for number in range(27):
            frame = slide.levels[0].frame(number)
            assert frame is not None
            assert bytes(frame.body) in source


STACKS = [
    {"paths": 3, "bits": 16},
    {"planes": 4, "samples": 3},
    {"paths": 2, "planes": 3},
    {"paths": 2, "planes": 2, "bits": 16},
]


@pytest.mark.parametrize("shape", STACKS)
@pytest.mark.parametrize("syntax", [NATIVE, made.IMPLICIT, J2K_LOSSLESS, made.RLE])
def test_stacks_are_read_in_the_order_of_tiled_full(tmp_path, shape, syntax):
    picture = made.stack(**shape)
    path = made.write(tmp_path / "a.dcm", picture, syntax=syntax)
    assert equal(path, picture)
    with open_slide(path) as slide:
        planes = shape.get("planes", 1)
        wanted = Stack(shape.get("samples", 1), shape.get("bits", 8), planes, shape.get("paths", 1))
        assert slide.levels[0].stack == wanted
        assert slide.plane_spacing == (1.5 if planes > 1 else 0)


@pytest.mark.parametrize("shape", STACKS)
def test_stacks_are_read_as_wsidicom_reads_them(tmp_path, shape):
    picture = made.stack(**shape)
    path = made.write(tmp_path / "a.dcm", picture)
    peer = WsiDicom.open(path).pyramids[0][0]
    across, down = 4, 3
    with open_slide(path) as slide:
        level = slide.levels[0]
        heights = sorted(peer.focal_planes)
        for number in range(frames_of(level)):
            layer, tile = divmod(number, across * down)
            lane, plane = divmod(layer, picture.shape[1])
            where = tile % across, tile // across
            shown = peer.get_tile(Point(*where), heights[plane], f"path-{lane}", False)
            mine = level.pixels(number)
            assert np.array_equal(shown.reshape(mine.shape), mine)


@pytest.mark.parametrize("shape", STACKS)
def test_stacks_are_converted_without_a_sample_changing(tmp_path, shape):
    picture = made.stack(**shape)
    made.write(tmp_path / "a.dcm", picture)
    done = convert_all(tmp_path / "a.dcm", tmp_path / "out")
    with FileSource(done.instances[0].path) as file:
        tiles = open_tiles(file)
        for number, frame in enumerate(made.tiles(picture)):
            assert np.array_equal(tiles.samples(number), frame)
    assert equal(done.instances[0].path, picture)


@pytest.mark.parametrize("shape", STACKS)
def test_sparse_frames_are_put_in_order(tmp_path, shape):
    picture = made.stack(**shape)
    path = made.write_sparse(tmp_path / "a.dcm", picture)
    assert equal(path, picture)
    with open_slide(path) as slide:
        assert slide.plane_spacing == (1.5 if shape.get("planes", 1) > 1 else 0)
        assert not [remark for remark in slide.remarks if "absent" in remark]


def test_what_a_sparse_level_lacks_is_background(tmp_path):
    picture = made.stack(paths=2, bits=16)
    made.write_sparse(tmp_path / "a.dcm", picture, missing=frozenset({0, 13}))
    with open_slide(tmp_path / "a.dcm") as slide:
        assert slide.levels[0].frame(13) is None
        assert slide.levels[0].frame(12) is not None
        empty = slide.levels[0].pixels(0)
        assert (empty.dtype, int(empty.max())) == (np.uint16, 0)
        assert any("2 of 24 tiles are absent" in remark for remark in slide.remarks)
    made.write_sparse(tmp_path / "b.dcm", made.stack(samples=3), missing=frozenset({5}))
    with open_slide(tmp_path / "b.dcm") as slide:
        assert int(slide.levels[0].pixels(5).min()) == 255


def test_heights_at_which_tiles_were_in_focus_are_no_planes(tmp_path):
    """One frame a tile, each with the height at which the scanner focused."""
    picture = made.stack(samples=3)

    def focus(dataset):
        for number, group in enumerate(dataset.PerFrameFunctionalGroupsSequence):
            position = group.PlanePositionSlideSequence[0]
            position.ZOffsetInSlideCoordinateSystem = f"{number * 0.37:.2f}"

    path = made.write_sparse(tmp_path / "a.dcm", picture, change=focus)
    assert equal(path, picture)
    with open_slide(path) as slide:
        assert slide.levels[0].stack == Stack()


def _position(dataset, axis, value):
    position = dataset.PerFrameFunctionalGroupsSequence[3].PlanePositionSlideSequence[0]
    setattr(position, f"{axis}PositionInTotalImagePixelMatrix", value)


def _group(dataset, number, group):
    dataset.PerFrameFunctionalGroupsSequence[number] = group


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda made: _position(made, "Column", 5), "grid"),
        (lambda made: _position(made, "Column", 1 + 32 * 99), "grid"),
        (lambda made: _position(made, "Row", -31), "grid"),
        (lambda made: made.PerFrameFunctionalGroupsSequence.pop(), "have a position"),
        (lambda made: _group(made, 2, made.PerFrameFunctionalGroupsSequence[3]), "same position"),
        (lambda made: _group(made, 1, Dataset()), "no position"),
    ],
)
def test_sparse_frames_that_lie_are_refused(tmp_path, change, what):
    path = made.write_sparse(tmp_path / "a.dcm", made.stack(samples=3), change=change)
    assert what in refused(path).what


def _alone(folder, picture, *, lane, plane, level=0, **change):
    """One instance that holds one optical path and one focal plane of several."""

    def says(dataset):
        dataset.OpticalPathSequence = Items([made.optical_path(f"path-{lane}")])
        origin = Dataset()
        origin.XOffsetInSlideCoordinateSystem = origin.YOffsetInSlideCoordinateSystem = "0"
        origin.ZOffsetInSlideCoordinateSystem = f"{1.5 * plane}"
        dataset.TotalPixelMatrixOriginSequence = Items([origin])
        dataset.InstanceNumber = 10 * plane + lane
        for keyword, value in change.items():
            setattr(dataset, keyword, value)

    part = picture[lane : lane + 1, plane : plane + 1]
    return made.write(folder / f"{level}-{plane}-{lane}.dcm", part, change=says)


def test_instances_of_one_path_and_plane_each_make_one_level(tmp_path):
    picture, small = made.stack(paths=3, planes=2), made.stack(paths=3, rows=35, columns=50)
    folder = tmp_path / "slide"
    folder.mkdir()
    for lane in (2, 0, 1):
        for plane in (1, 0):
            _alone(folder, picture, lane=lane, plane=plane)
        _alone(folder, small, lane=lane, plane=0, level=1)
    assert equal(folder, picture)
    with open_slide(folder) as slide:
        assert [level.stack.depth for level in slide.levels] == [6, 3]
        assert slide.plane_spacing == 1.5
        assert [level.columns for level in slide.levels] == [100, 50]
    done = convert_all(folder, tmp_path / "out")
    assert equal(done.instances[0].path, picture)


def test_instances_that_count_the_paths_of_the_slide_hold_one_each(tmp_path):
    """Three in NumberOfOpticalPaths and OpticalPathSequence, one in the frames, named for all."""
    picture = made.stack(paths=3)
    for lane in range(3):
        shared_group = Dataset()
        shared_group.OpticalPathIdentificationSequence = Items([Dataset()])
        (item,) = shared_group.OpticalPathIdentificationSequence
        item.OpticalPathIdentifier = f"path-{lane}"
        _alone(
            tmp_path, picture, lane=lane, plane=0, NumberOfOpticalPaths=3,
            OpticalPathSequence=Items([made.optical_path(f"path-{n}") for n in range(3)]),
            SharedFunctionalGroupsSequence=Items([shared_group]),
        )  # fmt: skip
    assert equal(tmp_path, picture)


def test_two_instances_that_show_the_same_are_refused(tmp_path):
    picture = made.stack(paths=2)
    _alone(tmp_path, picture, lane=0, plane=0)
    _alone(
        tmp_path, picture, lane=1, plane=0, OpticalPathSequence=Items([made.optical_path("path-0")])
    )
    assert "same total pixel matrix" in refused(tmp_path).what


def test_a_level_without_one_of_the_channels_is_refused(tmp_path):
    picture, small = made.stack(paths=2), made.stack(paths=2, rows=35, columns=50)
    _alone(tmp_path, picture, lane=0, plane=0)
    _alone(tmp_path, picture, lane=1, plane=0)
    _alone(tmp_path, small, lane=1, plane=0, level=1)
    assert "2 optical paths, that of 50 × 35 pixels 1" in refused(tmp_path).what


def _concatenate(folder, picture, *, numbers=(1, 2, 3), total=3, shift=0, syntax=NATIVE):
    frames = [made.ENCODERS[syntax](tile) for tile in made.tiles(picture)]
    cuts = [0, 5, 11, len(frames)]
    for number in numbers:
        part = made.header(picture, syntax=syntax, name=f"part {number}")
        part.ConcatenationUID = uid("concatenation")
        part.InConcatenationNumber = number
        if total:
            part.InConcatenationTotalNumber = total
        part.ConcatenationFrameOffsetNumber = cuts[number - 1] + shift * (number > 1)
        own = frames[cuts[number - 1] : cuts[number]]
        part.NumberOfFrames = len(own)
        made.save(folder / f"part-{9 - number}.dcm", part, own)


@pytest.mark.parametrize("syntax", [NATIVE, J2K_LOSSLESS])
@pytest.mark.parametrize("total", [3, 0])
def test_a_concatenation_is_one_level(tmp_path, syntax, total):
    picture = made.stack(paths=2, bits=16)
    _concatenate(tmp_path, picture, total=total, syntax=syntax)
    assert equal(tmp_path, picture)


@pytest.mark.parametrize("total", [3, 0])
@pytest.mark.parametrize(
    ("numbers", "what"),
    [((2, 3), "part 1"), ((1, 3), "part 2"), ((1, 2), "part 3"), ((2,), "part 1")],
)
def test_a_part_that_is_missing_is_named(tmp_path, numbers, what, total):
    _concatenate(tmp_path, made.stack(paths=2), numbers=numbers, total=total)
    said = refused(tmp_path).what
    if total or numbers != (1, 2):
        assert said.startswith(what)
        assert "missing" in said
    else:  # nothing says that there are three; the frames of the matrix do
        assert "24 frames make its total pixel matrix, 11 are there" in said


def test_a_part_that_is_there_twice_or_shifted_is_refused(tmp_path):
    picture = made.stack(paths=2)
    (tmp_path / "twice").mkdir()
    _concatenate(tmp_path / "twice", picture)
    again = pydicom.dcmread(tmp_path / "twice" / "part-7.dcm")
    again.SOPInstanceUID = uid("another")
    again.save_as(tmp_path / "twice" / "again.dcm")
    assert refused(tmp_path / "twice").what.startswith("part 2 of 3")
    (tmp_path / "shifted").mkdir()
    _concatenate(tmp_path / "shifted", picture, shift=1)
    assert "begins at frame 6, not at 5" in refused(tmp_path / "shifted").what


@pytest.mark.parametrize("syntax", [JPEG, J2K_LOSSLESS, made.RLE])
def test_frames_of_several_fragments_are_joined(tmp_path, syntax):
    picture = made.stack(samples=3)
    whole = made.write(tmp_path / "whole.dcm", picture, syntax=syntax)
    parts = made.write(tmp_path / "parts.dcm", picture, syntax=syntax, pieces=3)
    dataset = pydicom.dcmread(parts)
    joined = list(generate_frames(dataset.PixelData, number_of_frames=12))
    with open_slide(parts) as slide, open_slide(whole) as other:
        for number in range(12):
            assert np.array_equal(slide.levels[0].pixels(number), other.levels[0].pixels(number))
            frame = slide.levels[0].frame(number) if syntax != made.RLE else None
            # Up to its data a stream is written anew, without comments.
            assert frame is None or bytes(frame.body)[-150:].rstrip(b"\0") in joined[number]


def test_one_frame_of_several_fragments_needs_no_table(tmp_path):
    picture = made.stack(samples=3, rows=32, columns=32)
    path = made.write(tmp_path / "a.dcm", picture, syntax=J2K_LOSSLESS, pieces=4, has_table=False)
    assert equal(path, picture)


@pytest.mark.parametrize("wrong", ["none", "between", "falling", "outside"])
def test_fragments_that_nothing_joins_are_refused(tmp_path, wrong):
    picture = made.stack(samples=3)
    how = {"pieces": 2, "syntax": J2K_LOSSLESS}
    path = made.write(tmp_path / "a.dcm", picture, has_table=wrong != "none", **how)
    if wrong != "none":
        data = bytearray(path.read_bytes())
        at = data.rindex(b"\xe0\x7f\x10\x00OB") + 12 + 8
        value = {"between": 2, "falling": 0, "outside": 1 << 30}[wrong]
        first = struct.unpack_from("<I", data, at + 12)[0]
        struct.pack_into("<I", data, at + 12, first + value if wrong == "between" else value)
        path.write_bytes(data)
    assert "fragments" in refused(path).what


def _drop(*keywords):
    def change(dataset):
        for keyword in keywords:
            del dataset[keyword]

    return change


def _spacing_outside(dataset):
    del dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    dataset.PixelSpacing = [made.SPACING, made.SPACING]


def _spacing_nowhere(dataset):
    del dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (_drop("DimensionOrganizationType"), "how its tiles lie"),
        (_drop("NumberOfFrames"), "does not count its frames"),
        (_spacing_outside, "stands outside of Pixel Measures"),
        (_spacing_nowhere, "worked out from the imaged volume"),
        (lambda made: setattr(made, "ImagedVolumeWidth", 15.0), "Imaged Volume Width"),
        (
            lambda made: setattr(made, "ImageType", ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]),
            "calls itself resampled",
        ),
        (lambda made: setattr(made, "ImageOrientationSlide", [1, 0, 0, 0, 1, 0]), "turned"),
        (_drop("ImageOrientationSlide"), ""),
        (_drop("TotalPixelMatrixFocalPlanes", "NumberOfOpticalPaths"), ""),
        (lambda made: setattr(made, "ImageType", ["ORIGINAL", "PRIMARY", "VOLUME"]), ""),
    ],
)
@pytest.mark.parametrize("syntax", [NATIVE, J2K_LOSSLESS])
def test_what_old_slides_leave_out_is_inferred_and_told(tmp_path, change, remark, syntax):
    picture = made.stack(samples=3)
    path = made.write(tmp_path / "a.dcm", picture, syntax=syntax, change=change)
    assert equal(path, picture)
    with open_slide(path) as slide:
        assert slide.mpp == pytest.approx((0.5, 0.5))
        assert [bool(remark and remark in each) for each in slide.remarks] == [True] * bool(remark)


def test_one_frame_is_its_own_matrix(tmp_path):
    picture = made.stack(samples=3, rows=32, columns=32)
    gone = ("TotalPixelMatrixColumns", "TotalPixelMatrixRows", "NumberOfFrames")
    assert equal(made.write(tmp_path / "a.dcm", picture, change=_drop(*gone)), picture)
    path = made.write(tmp_path / "b.dcm", made.stack(samples=3), change=_drop(*gone[:2]))
    assert "TotalPixelMatrixColumns" in refused(path).what


def _origin(x, y):
    item = Dataset()
    item.XOffsetInSlideCoordinateSystem, item.YOffsetInSlideCoordinateSystem = f"{x}", f"{y}"
    return Items([item])


@pytest.mark.parametrize(
    ("x", "y", "orientation", "wanted"),
    [
        # 26 mm minus X down from the upper edge, 76 mm minus Y right from the left edge.
        (20.0, 45.5, [0, -1, 0, -1, 0, 0], (30.5, 6.0)),
        (0, 0, [0, -1, 0, -1, 0, 0], None),  # nothing is known: the image would leave the glass
        (0.035, 0.05, [0, -1, 0, -1, 0, 0], None),  # the size of the image: our own "not known"
        (27.0, 10.0, [0, -1, 0, -1, 0, 0], None),
        (20.0, 45.5, [-1, 0, 0, 0, -1, 0], None),  # turned
        (20.0, 45.5, [0, 1, 0, 1, 0, 0], None),
    ],
)
def test_placement_is_told_where_it_is_certain(tmp_path, x, y, orientation, wanted):
    def change(dataset):
        dataset.TotalPixelMatrixOriginSequence = _origin(x, y)
        dataset.ImageOrientationSlide = orientation

    path = made.write(tmp_path / "a.dcm", made.stack(samples=3), change=change)
    with open_slide(path) as slide:
        assert slide.placement == (pytest.approx(wanted) if wanted else None)
    if wanted:
        done = convert_all(path, tmp_path / "out")
        origin = pydicom.dcmread(done.instances[0].path).TotalPixelMatrixOriginSequence[0]
        assert float(origin.XOffsetInSlideCoordinateSystem) == pytest.approx(x)
        assert float(origin.YOffsetInSlideCoordinateSystem) == pytest.approx(y)


def test_channels_are_told_by_numbers_and_colours_that_a_rule_keeps(tmp_path):
    lut = Dataset()
    for name, end in (("Red", 0xFFFF), ("Green", 0x8000), ("Blue", 0)):
        setattr(lut, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        values = np.linspace(0, end, 256).astype("<u2")
        setattr(lut, f"{name}PaletteColorLookupTableData", values.tobytes())
    first = made.optical_path(
        "a",
        IlluminationWaveLength=488.0,
        ImagePathFilterPassThroughWavelength=520,
        PaletteColorLookupTableSequence=Items([lut]),
    )
    second = made.optical_path("b", IlluminationWaveLength=0.0, OpticalPathDescription="dapi")

    def change(dataset):
        dataset.OpticalPathSequence = Items([first, second])

    path = made.write(tmp_path / "a.dcm", made.stack(paths=2), change=change)
    allowed = allow_list("dicom")
    with open_slide(path) as slide:
        kept = {
            field.name: field.value
            for field in slide.fields
            if str(allowed.action(field.name)) == "keep"
        }
        assert slide.channels(kept) == (
            Channel(colour=(255, 128, 0), excitation=488.0, emission=520.0),
            Channel(dye="DAPI"),
        )
        assert slide.channels({}) == (Channel(), Channel())
        assert "Mustermann" not in str(slide.channels(kept))


def test_a_colour_slide_has_channels_where_its_light_came_from_fluorophores(tmp_path):
    """PS3.16 CID 8123: 111743 is epifluorescence, 111744 brightfield."""
    for code, channels in (("111743", (Channel(excitation=488.0),)), ("111744", ())):
        path = made.optical_path("a", IlluminationWaveLength=488.0)
        path.IlluminationTypeCodeSequence = Items([Dataset()])
        path.IlluminationTypeCodeSequence[0].CodeValue = code

        def change(dataset, path=path):
            dataset.OpticalPathSequence = Items([path])

        source = made.write(tmp_path / f"{code}.dcm", made.stack(samples=3), change=change)
        with open_slide(source) as slide:
            assert slide.channels({"DICOM.IlluminationWaveLength": "488"}) == channels


# Syntax of the source; whether it is copied; the syntax it has then. What OpenSlide reads is
# copied; what lost pixels before and would lose more is copied too; the rest becomes JPEG 2000.
COPIES = [
    (NATIVE, NATIVE), (made.IMPLICIT, NATIVE), (JPEG, JPEG), (J2K_LOSSLESS, J2K_LOSSLESS),
    (made.J2K, made.J2K), (made.JPEG_LS_NEAR, made.JPEG_LS_NEAR), (made.HTJ2K, made.HTJ2K),
    (made.JPEG_LS, ""), (made.HTJ2K_LOSSLESS, ""), (made.RLE, ""), (made.JPEG_LOSSLESS, ""),
]  # fmt: skip


@pytest.mark.parametrize(("syntax", "copied"), COPIES)
@pytest.mark.parametrize("kind", ["colour", "grey", "deep"])
def test_frames_are_copied_or_encoded_again_without_loss(tmp_path, syntax, copied, kind):
    if syntax == JPEG and kind == "deep":
        pytest.skip("JPEG Baseline has 8 bits")
    shape = {"colour": {"samples": 3}, "grey": {}, "deep": {"bits": 16}}[kind]
    picture = made.stack(**shape)
    path = made.write(tmp_path / "a.dcm", picture, syntax=syntax)
    with open_slide(path) as slide:
        encoding = slide.levels[0].encoding
        assert encoding.transfer_syntax == copied
        assert bool(encoding.reason) is not bool(copied)
        assert encoding.is_lossy is (syntax in made.LOSSY)
        before = [slide.levels[0].pixels(number) for number in range(12)]
    if syntax not in made.LOSSY:
        assert all(np.array_equal(a, b) for a, b in zip(before, made.tiles(picture), strict=True))
    (done,) = convert_all(path, tmp_path / "out").instances
    assert done.transfer_syntax == (copied or J2K_LOSSLESS)
    assert done.frames_copied == (12 if copied else 0)
    with FileSource(done.path) as file:
        tiles = open_tiles(file)
        after = [tiles.samples(number) for number in range(12)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    if kind == "colour" and done.transfer_syntax in {NATIVE, JPEG, J2K_LOSSLESS, made.J2K}:
        with openslide.OpenSlide(done.path) as slide:
            shown = np.asarray(slide.read_region((0, 0), 0, (32, 32)).convert("RGB"))
        assert np.abs(shown.astype(int) - before[0]).max() <= (0 if done.frames_encoded else 2)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda made: setattr(made, "PhotometricInterpretation", "MONOCHROME1"), "turned"),
        (lambda made: setattr(made, "PhotometricInterpretation", "MONOCHROME2"), "plain"),
    ],
)
@pytest.mark.parametrize("syntax", [NATIVE, J2K_LOSSLESS])
def test_monochrome_1_is_encoded_again_as_monochrome_2(tmp_path, change, wanted, syntax):
    picture = made.stack(bits=16)
    made.write(tmp_path / "a.dcm", picture, syntax=syntax, change=change)
    turned = 65535 - picture if wanted == "turned" else picture
    assert equal(tmp_path / "a.dcm", turned)
    (done,) = convert_all(tmp_path / "a.dcm", tmp_path / "out").instances
    assert done.photometric == "MONOCHROME2"
    assert bool(done.frames_encoded) is (wanted == "turned")
    assert equal(done.path, turned)


def test_twelve_bits_in_sixteen_stay_twelve(tmp_path):
    picture = made.stack(bits=16) & 4095

    def change(dataset):
        dataset.BitsStored, dataset.HighBit = 12, 11

    made.write(tmp_path / "a.dcm", picture, change=change)
    assert equal(tmp_path / "a.dcm", picture)
    (done,) = convert_all(tmp_path / "a.dcm", tmp_path / "out").instances
    assert equal(done.path, picture)
    assert pydicom.dcmread(done.path, stop_before_pixels=True).BitsStored == 12


def test_colour_stored_by_plane_and_full_ybr_are_put_right(tmp_path):
    picture = made.stack(samples=3)
    for name, planar in (("planar", 1), ("pixel", 0)):
        dataset = made.header(picture, syntax=NATIVE, name=name)
        dataset.PlanarConfiguration = planar
        frames = made.tiles(picture)
        if planar:
            frames = [np.ascontiguousarray(tile.transpose(2, 0, 1)) for tile in frames]
        path = made.save(tmp_path / f"{name}.dcm", dataset, [tile.tobytes() for tile in frames])
        assert equal(path, picture)
        (done,) = convert_all(path, tmp_path / name).instances
        assert equal(done.path, picture)
    path = made.write(
        tmp_path / "ybr.dcm",
        picture,
        change=lambda made: setattr(made, "PhotometricInterpretation", "YBR_FULL"),
    )
    wanted = pydicom.pixels.pixel_array(path, raw=False)
    for mine, peers in zip(everything(path), wanted, strict=True):
        assert np.abs(mine.astype(int) - peers).max() <= 1  # it rounds coefficients of its own


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda made: setattr(made, "PhotometricInterpretation", "PALETTE COLOR"), "palette"),
        (lambda made: setattr(made, "PixelRepresentation", 1), "signed"),
        (lambda made: setattr(made, "RescaleSlope", "2.5"), "rescaled"),
        (lambda made: setattr(made, "HighBit", 15), "lowest bit"),
        (lambda made: setattr(made, "SamplesPerPixel", 2), "2 samples"),
        (lambda made: setattr(made, "BitsAllocated", 32), "32 bits"),
        (lambda made: setattr(made, "NumberOfFrames", 13), "13 are there"),
        (lambda made: setattr(made, "NumberOfOpticalPaths", 5), ""),
        (lambda made: setattr(made, "NumberOfOpticalPaths", 4_000_000), "NumberOfOpticalPaths"),
        (lambda made: setattr(made, "TotalPixelMatrixFocalPlanes", 2), "24 frames make"),
        (lambda made: setattr(made, "TotalPixelMatrixColumns", 1_999_999), "frames make"),
        (lambda made: setattr(made, "Rows", 0), "Rows"),
        (lambda made: setattr(made, "HighBit", [7, 7]), "another kind"),
        (lambda made: setattr(made, "RescaleSlope", ["1", "1"]), "another kind"),
        (lambda made: setattr(made, "ConcatenationUID", "1.2.3"), ""),
        (lambda made: made.add_new(0x52009229, "LO", "no sequence"), "another kind"),
        (lambda made: made.add_new(0x00480008, "LO", "no sequence"), "another kind"),
        (lambda made: made.add_new(0x00480105, "UT", "no sequence"), "another kind"),
    ],
)
def test_lying_headers_are_refused(tmp_path, change, what):
    path = made.write(tmp_path / "a.dcm", made.stack(), change=change)
    if not what:  # the number of the slide's paths, a UID without a part: one path, one instance
        everything(path)
        return
    assert what in refused(path).what


@pytest.mark.parametrize("syntax", [NATIVE, JPEG, J2K_LOSSLESS, made.RLE, made.JPEG_LS])
def test_a_slide_truncated_anywhere_is_refused(tmp_path, syntax):
    whole = made.write(tmp_path / "a.dcm", made.stack(samples=3), syntax=syntax).read_bytes()
    for part in range(1, 16):
        (tmp_path / "cut.dcm").write_bytes(whole[: len(whole) * part // 16])
        assert refused(tmp_path / "cut.dcm").what


def test_a_slide_with_any_byte_changed_is_read_or_refused(tmp_path):
    data = made.write_sparse(tmp_path / "a.dcm", made.stack(paths=2)).read_bytes()
    chance = np.random.default_rng(5)
    for _ in range(300):
        broken = bytearray(data)
        for at in chance.integers(132, len(data) - 24 * 1024, 3):
            broken[at] = chance.integers(0, 256)
        (tmp_path / "b.dcm").write_bytes(broken)
        try:
            everything(tmp_path / "b.dcm")
        except SlideError:
            continue


def test_slides_mixed_in_a_folder_are_refused(tmp_path):
    picture, small = made.stack(samples=3), made.stack(samples=3, rows=35, columns=50)
    for keyword, value, what in (
        ("SeriesInstanceUID", uid("other"), "2 series"),
        ("ContainerIdentifier", "GLASS-2", "2 slides"),
        ("PyramidUID", uid("other"), ""),
        ("FrameOfReferenceUID", uid("other"), ""),
    ):
        folder = tmp_path / keyword
        folder.mkdir()
        made.write(folder / "a.dcm", picture)
        change = {keyword: value}
        made.write(folder / "b.dcm", small, change=lambda made, said=change: made.update(said))
        if what:
            assert what in refused(folder).what
        else:  # one level says it: nothing contradicts it; frames of reference differ in real ones
            assert len(everything(folder)) == 12 + 4


def test_two_pyramids_are_no_slide(tmp_path):
    for name, rows in (("a", 70), ("b", 35)):
        made.write(
            tmp_path / f"{name}.dcm",
            made.stack(samples=3, rows=rows),
            change=lambda made, name=name: setattr(made, "PyramidUID", uid(name)),
        )
    assert "2 pyramids" in refused(tmp_path).what


def test_the_same_instance_twice_is_refused(tmp_path):
    made.write(tmp_path / "a.dcm", made.stack(samples=3))
    shutil.copyfile(tmp_path / "a.dcm", tmp_path / "b.dcm")
    error = refused(tmp_path)
    assert "two files" in error.what
    assert "a.dcm" in error.place
    assert "b.dcm" in error.place


def test_a_dicomdir_is_not_looked_at(tmp_path):
    made.write(tmp_path / "a.dcm", made.stack(samples=3))
    index = Dataset()
    index.file_meta = pydicom.dataset.FileMetaDataset()
    index.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    index.file_meta.MediaStorageSOPInstanceUID = uid("index")
    index.file_meta.TransferSyntaxUID = NATIVE
    index.FileSetID = "SET"
    index.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
    assert len(everything(tmp_path)) == 12


def test_an_offset_table_that_lies_is_refused(tmp_path):
    made.write(tmp_path / "a.dcm", made.stack(samples=3), syntax=JPEG)
    done = convert_all(tmp_path / "a.dcm", tmp_path / "out").instances[0].path
    dataset = pydicom.dcmread(done)
    offsets = np.frombuffer(dataset.ExtendedOffsetTable, "<u8")
    for wrong, what in (
        (offsets[[0, 2, 1, *range(3, 12)]], "over each other"),
        (np.zeros(12, "<u8"), "over each other"),
        (offsets + 1, "no frame"),
        (offsets - 64, "outside"),
        (offsets + (1 << 62), "outside"),
        (offsets[:-1], "one entry a frame"),
    ):
        dataset.ExtendedOffsetTable = wrong.astype("<u8").tobytes()
        dataset.save_as(tmp_path / "b.dcm")
        assert what in refused(tmp_path / "b.dcm").what


def test_nothing_that_was_typed_or_hidden_goes_on(tmp_path):
    secret = b"Mustermann"

    def change(dataset):
        dataset.add_new(0x00091001, "LO", "Mustermann")
        dataset.add_new(0x00091002, "OB", secret)
        dataset.add_new(0x00480106, "SH", "Mustermann")
        dataset.OperatorsName = "Mustermann^Erika"
        dataset.OpticalPathSequence[0].add_new(0x00111001, "UT", "Mustermann")

    for syntax in (J2K_LOSSLESS, made.JPEG_LS_NEAR, made.HTJ2K, JPEG):
        picture = made.stack(samples=3)
        dataset = made.header(picture, syntax=syntax, name="a")
        change(dataset)
        frames = []
        for tile in made.tiles(picture):
            stream = made.ENCODERS[syntax](tile)
            at = 2 if syntax in (JPEG, made.JPEG_LS_NEAR) else stream.index(b"\xff\x90\0\x0a")
            marker = b"\xff\xfe" if at == 2 else b"\xff\x64\0\x0e\0\x01"
            said = marker + (b"\0\x0c" if at == 2 else b"") + secret
            frames.append(stream[:at] + said + stream[at:] + secret)
        path = made.save(tmp_path / "a.dcm", dataset, frames)
        (tmp_path / syntax).mkdir()
        done = convert(path, tmp_path / syntax, allowed=allow_list("dicom"), subject=subject())
        assert done.frames_copied == 12
        assert secret not in done.instances[0].path.read_bytes()
        assert {removal.name for removal in done.removed} >= {
            "DICOM.(0009,1001)", "DICOM.(0009,1002)", "DICOM.OperatorsName", "DICOM.PatientName",
        }  # fmt: skip
