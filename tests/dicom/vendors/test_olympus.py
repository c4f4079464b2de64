"""VSI against known pixels, imagecodecs at offsets read by hand, and slideio where it is installed.

What slideio 2.10 said of the published slide stands here as numbers, for where it is not.
"""

from __future__ import annotations

import shutil
import struct
from contextlib import suppress
from math import ceil
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
import simplejpeg

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list, check_forms
from bigpicture.dicom.convert import convert
from bigpicture.dicom.open import belongings, open_slide
from bigpicture.dicom.sift import sift
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.model.image import Flavour
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide
from made_olympus import (
    BMP,
    ENCODERS,
    JPEG,
    JPEG_2000,
    LOSSLESS_JPEG,
    PNG,
    RAW,
    SECRETS,
    TILE,
    Node,
    brightfield,
    encode_jp2,
    fluorescence,
    overview,
    structure,
    wide,
    write_slide,
)
from made_olympus import Channel as Told
from made_olympus import Stack as Made
from places import shared
from slide_making import convert_all, subject

SAMPLE = "testdata/wsi_vsi/vsi-ets-test-jpg2k.vsi"
FRAMES = "testdata/wsi_vsi/_vsi-ets-test-jpg2k_/stack1/frame_t_0.ets"
CHANNELS = (
    Told("DAPI", 455, 345, 50_002, (0, 0, 255)),
    Told("FITC", 518, 494, 20_000, (0, 255, 0)),
    Told("Klara", 600, 550, 1_500, (255, 0, 0)),
)


def whole(level, layer: int = 0) -> np.ndarray:
    """All tiles of one plane and path side by side, cut to the level's size."""
    across, down = ceil(level.columns / level.tile_columns), ceil(level.rows / level.tile_rows)
    first = layer * across * down
    rows = [
        np.hstack([level.pixels(first + row * across + column) for column in range(across)])
        for row in range(down)
    ]
    return np.vstack(rows)[: level.rows, : level.columns]


def without_comment(stream: bytes) -> bytes:
    """The stream without its one COM segment (ISO/IEC 15444-1 A.9.2), found by hand."""
    at = stream.index(b"\xff\x64")
    return stream[:at] + stream[at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big") :]


def refused(path: Path) -> SlideError:
    with pytest.raises(SlideError) as caught:
        read(path)
    return caught.value


def read(path: Path) -> None:
    """Open the slide, decode every tile, and take every frame that is copied."""
    with open_slide(path) as slide:
        for level in slide.levels:
            for index in range(len(level.slots)):
                level.pixels(index)
                if level.encoding.is_copied:
                    level.frame(index)


def kept_of(slide):
    return sift(slide, allow_list(slide.format), subject())[0]


# The published slide


def test_the_published_slide_is_what_slideio_says():
    with open_slide(shared(SAMPLE)) as slide:
        assert slide.format == "olympus-vsi"
        level = slide.levels[0]
        assert (len(slide.levels), level.columns, level.rows) == (1, 1645, 1682)
        assert level.stack == Stack(1, 16, planes=11, paths=2)
        assert slide.mpp == pytest.approx((0.108333, 0.108333), rel=1e-5)
        assert slide.plane_spacing == 1.0
        kept = kept_of(slide)
        assert slide.scanner(kept).magnification == 60.0
        assert slide.scanner(kept).model == "IX83 P2ZF"
        assert slide.channels(kept) == (
            Channel("", (0, 0, 255), excitation=345, emission=455, exposure=50.002),
            Channel("", (0, 255, 2), excitation=494, emission=518, exposure=19.999),
        )


def test_the_published_frames_are_the_codestreams_at_the_offsets_of_the_table():
    """The table of 22 records of 44 bytes stands at byte 94869: t, z, c after column and row."""
    data = shared(FRAMES).read_bytes()
    with open_slide(shared(SAMPLE)) as slide:
        level = slide.levels[0]
        seen = set()
        for record in range(22):
            at = 94869 + 44 * record
            _, _, _, _, z, c, _, offset, length, _ = struct.unpack_from("<7iQII", data, at)
            stored = data[offset : offset + length]
            index = c * 11 + z
            seen.add(index)
            frame = level.frame(index)
            assert (frame.head, frame.body) == (b"", stored)
            shown = imagecodecs.jpeg2k_decode(stored)
            assert np.array_equal(level.pixels(index)[..., 0], shown)
        assert seen == set(range(22))


def test_the_published_slide_is_converted(tmp_path):
    made = convert(shared(SAMPLE), tmp_path, allowed=allow_list("olympus-vsi"), subject=subject())
    assert (made.frames_copied, made.frames_encoded) == (22, 0)
    header = pydicom.dcmread(made.instances[0].path, stop_before_pixels=True)
    assert header.NumberOfOpticalPaths == 2
    assert header.TotalPixelMatrixFocalPlanes == 11
    for secret in (b"ferranda", b"_ehrenfeu", b"Image_01"):
        assert secret not in made.instances[0].path.read_bytes()


def test_every_field_of_the_published_slide_has_a_rule():
    with open_slide(shared(SAMPLE)) as slide:
        allowed = allow_list(slide.format)
        assert {each.name for each in slide.fields if allowed.action(each.name) is None} == set()
        check_forms(slide.format, slide.fields)
        kept = " ".join(kept_of(slide).values())
    for text in ("ferranda", "D:\\", "C405", "Experiment", "Hamamatsu"):
        assert text not in kept


# Generated slides


@pytest.mark.parametrize(
    ("compression", "photometric", "is_copied", "is_lossy"),
    [
        (RAW, "RGB", True, False),
        (JPEG_2000, "YBR_RCT", True, True),
        (LOSSLESS_JPEG, "RGB", False, False),
        (PNG, "RGB", False, False),
        (BMP, "RGB", False, False),
    ],
)
def test_every_tile_is_what_was_drawn(tmp_path, compression, photometric, is_copied, is_lossy):
    stack = Made(brightfield(), compression=compression)
    stored = write_slide(tmp_path / "a.vsi", overview(), stack)[10001]
    with open_slide(tmp_path / "a.vsi") as slide:
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == [(300, 200), (150, 100), (75, 50)]
        assert slide.mpp == (0.3456, 0.3456)
        for number, level in enumerate(slide.levels):
            assert level.stack == Stack()
            assert np.array_equal(whole(level), stack.reduced(number)[0, 0])
            encoding = level.encoding
            assert (encoding.photometric, encoding.is_copied) == (photometric, is_copied)
            assert encoding.is_lossy is is_lossy
            assert bool(encoding.reason) is not is_copied
        if is_copied:
            across = ceil(300 / TILE)
            for index in range(across * ceil(200 / TILE)):
                tile = stored[index % across, index // across, 0, 0]
                frame = slide.levels[0].frame(index).body
                # OpenJPEG signs what it writes with a comment, which does not go on.
                assert (without_comment(tile) if compression == JPEG_2000 else tile) == frame


def test_jpeg_scans_are_copied_without_their_comments(tmp_path):
    stored = write_slide(tmp_path / "a.vsi", Made(brightfield()))[10001]
    with open_slide(tmp_path / "a.vsi") as slide:
        level = slide.levels[0]
        assert level.encoding.photometric == "YBR_FULL_422"
        assert level.encoding.method == "ISO_10918_1"
        for index in range(20):
            tile = stored[index % 5, index // 5, 0, 0]
            frame = level.frame(index)
            assert tile.endswith(bytes(frame.body))
            assert SECRETS[0].encode() in tile
            assert SECRETS[0].encode() not in frame.head + frame.body
            shown = simplejpeg.decode_jpeg(tile, colorspace="RGB")
            assert np.array_equal(level.pixels(index), shown)
            assert np.array_equal(simplejpeg.decode_jpeg(frame.head + bytes(frame.body)), shown)


def test_a_codestream_is_taken_out_of_the_boxes_of_jp2(tmp_path):
    stack = Made(brightfield(), compression=JPEG_2000, encode=encode_jp2, levels=1)
    write_slide(tmp_path / "a.vsi", stack)
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.levels[0].frame(0).body[:4] == b"\xff\x4f\xff\x51"
        assert np.array_equal(whole(slide.levels[0]), stack.pictures[0, 0])


def test_uncompressed_bgr_is_turned_over_and_compressed_is_not(tmp_path):
    """As Bio-Formats does since its issue 3819."""
    picture = brightfield()
    write_slide(
        tmp_path / "a.vsi",
        Made(picture[..., ::-1], compression=RAW, space=4, component_order=1, levels=1),
    )
    write_slide(
        tmp_path / "b.vsi",
        Made(picture, compression=JPEG_2000, space=4, component_order=1, levels=1),
    )
    write_slide(tmp_path / "c.vsi", Made(picture, compression=RAW, space=4, levels=1))
    for name, is_copied in (("a", False), ("b", True), ("c", True)):
        with open_slide(tmp_path / f"{name}.vsi") as slide:
            assert np.array_equal(whole(slide.levels[0]), picture[0, 0])
            assert slide.levels[0].encoding.is_copied is is_copied
            assert any("BGR" in remark for remark in slide.remarks) is (name == "c")


@pytest.mark.parametrize("compression", [RAW, JPEG_2000, PNG, LOSSLESS_JPEG])
@pytest.mark.parametrize("kind", ["u1", "u2"])
@pytest.mark.parametrize(("order", "planes"), [("C", 1), ("ZC", 4), ("CZ", 4), ("TZC", 2)])
def test_planes_and_channels_are_in_the_order_of_dicom(tmp_path, compression, kind, order, planes):
    stack = Made(
        fluorescence(planes=planes, kind=kind), order=order, compression=compression,
        channels=CHANNELS, background=0, levels=2,
    )  # fmt: skip
    write_slide(tmp_path / "a.vsi", stack)
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.plane_spacing == (0.8 if planes > 1 else 0.0)
        sizes = [(level.columns, level.rows) for level in slide.levels]
        assert sizes == [(150, 130), (75, 65)]
        for number, level in enumerate(slide.levels):
            assert level.stack == Stack(1, 8 * np.dtype(kind).itemsize, planes, 3)
            assert level.encoding.photometric == "MONOCHROME2"
            drawn = stack.reduced(number)
            for layer in range(3 * planes):
                path, plane = divmod(layer, planes)
                assert np.array_equal(whole(level, layer), drawn[plane, path])


def test_planes_that_go_down_are_turned_over(tmp_path):
    stack = Made(brightfield(planes=3), order="Z", spacing=-0.8, compression=RAW, levels=1)
    write_slide(tmp_path / "a.vsi", stack)
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.plane_spacing == 0.8
        assert slide.levels[0].stack == Stack(planes=3)
        for plane in range(3):
            assert np.array_equal(whole(slide.levels[0], plane), stack.pictures[2 - plane, 0])


def test_channels_have_what_the_rules_keep(tmp_path):
    stack = Made(fluorescence(), order="C", channels=CHANNELS, compression=RAW, background=0)
    write_slide(tmp_path / "a.vsi", stack)
    with open_slide(tmp_path / "a.vsi") as slide:
        kept = kept_of(slide)
        assert slide.channels(kept) == (
            Channel("DAPI", (0, 0, 255), excitation=345, emission=455, exposure=50.002),
            Channel("FITC", (0, 255, 0), excitation=494, emission=518, exposure=20.0),
            # A name that is no dye of our list may be that of a person.
            Channel("", (255, 0, 0), excitation=550, emission=600, exposure=1.5),
        )
        assert slide.channels({}) == (Channel(),) * 3
        scanner = slide.scanner(kept)
        assert (scanner.manufacturer, scanner.model, scanner.serial) == ("Olympus", "VS200", "")
        assert (scanner.magnification, scanner.software) == (20.0, "OLYMPUS cellSens Dimension 3.1")
        assert slide.scanner({}).model == ""


def test_missing_tiles_are_background_and_are_told(tmp_path):
    missing = {(1, 1, 0, 0), (4, 3, 0, 0), (0, 0, 0, 1)}
    stack = Made(brightfield(), missing=missing, background=220)
    write_slide(tmp_path / "a.vsi", stack)
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.levels[0].frame(1 * 5 + 1) is None
        assert (slide.levels[0].pixels(1 * 5 + 1) == 255).all()
        assert slide.levels[0].frame(0) is not None
        told = " ".join(slide.remarks)
        assert "level 0: 2 of 20 tiles" in told
        assert "another colour for its background" in told
    made = convert_all(tmp_path / "a.vsi", tmp_path / "out")
    assert made.instances[0].frames_background == 2
    assert made.frames_copied == 20 + 6 + 2 - 3


def test_sides_are_rounded_up_unless_the_tiles_say_otherwise(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield(129, 101), compression=RAW, levels=3))
    with open_slide(tmp_path / "a.vsi") as slide:
        assert [(each.columns, each.rows) for each in slide.levels] == [
            (129, 101), (65, 51), (33, 26),
        ]  # fmt: skip
    # 129 / 2 is 64 or 65: one tile or two.
    missing = {(1, 0, 0, 1)}
    stack = Made(brightfield(129, 64), compression=RAW, levels=2, missing=missing)
    write_slide(tmp_path / "b.vsi", stack)
    with open_slide(tmp_path / "b.vsi") as slide:
        assert (slide.levels[1].columns, slide.levels[1].missing) == (64, 0)


def test_without_a_boundary_or_with_a_shifted_one_whole_tiles_are_shown(tmp_path):
    shifted = Made(brightfield(), compression=RAW, levels=1, boundary=(7, 0, 300, 200))
    write_slide(tmp_path / "a.vsi", shifted)
    with open_slide(tmp_path / "a.vsi") as slide:
        assert (slide.levels[0].columns, slide.levels[0].rows) == (320, 256)
        assert any("does not begin where its tiles do" in remark for remark in slide.remarks)


@pytest.mark.parametrize(
    ("scale", "unit", "mpp"),
    [
        ((0.25, 0.25), "10^-6m^1", (0.25, 0.25)),
        ((250.0, 250.0), "10^-9m^1", (0.25, 0.25)),
        ((0.25, -0.5), "", (0.25, 0.5)),
        ((0.25, 0.25), "pixel", None),
        ((0.0, 0.0), "10^-6m^1", None),
        ((float("nan"), 0.25), "10^-6m^1", None),
        (None, "", None),
    ],
)
def test_the_scale_is_what_is_stated_in_a_known_unit(tmp_path, scale, unit, mpp):
    write_slide(tmp_path / "a.vsi", Made(brightfield(), scale=scale, unit=unit, levels=1))
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.mpp == (pytest.approx(mpp) if mpp else None)


# Which stack is the slide


def test_labels_and_overviews_are_left_out_by_type_name_and_number(tmp_path):
    label = Made(brightfield(80, 60), number=10000, name="Label", kind=None, levels=1)
    macro = Made(brightfield(90, 60), number=2, name="x", kind=256, levels=1)
    write_slide(tmp_path / "a.vsi", overview(), label, macro, Made(brightfield()))
    with open_slide(tmp_path / "a.vsi") as slide:
        assert slide.levels[0].columns == 300
        assert [each.flavour for each in slide.associated] == [
            Flavour.THUMBNAIL, Flavour.OVERVIEW, Flavour.OVERVIEW, Flavour.LABEL,
        ]  # fmt: skip
    navigator = overview(kind=None, name="nothing")
    write_slide(tmp_path / "b.vsi", navigator, Made(brightfield(), kind=None))
    with open_slide(tmp_path / "b.vsi") as slide:
        assert slide.levels[0].place == "b.vsi stack 10001 level 0"
        assert [each.flavour for each in slide.associated][1:] == [Flavour.OVERVIEW]


def test_stacks_are_told_by_their_size_where_their_number_is_another(tmp_path):
    write_slide(tmp_path / "a.vsi", overview(), Made(brightfield()))
    home = tmp_path / "_a_"
    (home / "stack10001").rename(home / "stack10007")
    with open_slide(tmp_path / "a.vsi") as slide:
        assert (slide.levels[0].columns, slide.mpp) == (300, (0.3456, 0.3456))


def test_several_scans_are_refused(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield()), Made(brightfield(), number=10003))
    error = refused(tmp_path / "a.vsi")
    assert "2 scans" in error.what
    assert "slide of its own" in error.remedy


def test_a_slide_without_its_folder_or_a_stack_is_refused(tmp_path):
    write_slide(tmp_path / "a.vsi", overview(), Made(brightfield()))
    shutil.copy(tmp_path / "a.vsi", tmp_path / "renamed.vsi")
    error = refused(tmp_path / "renamed.vsi")
    assert "without its pixels" in error.what
    assert "_name_" in error.rule
    shutil.rmtree(tmp_path / "_a_" / "stack10001")
    assert "missing" in refused(tmp_path / "a.vsi").what
    write_slide(tmp_path / "b.vsi", overview())
    assert "only previews" in refused(tmp_path / "b.vsi").what


def test_parts_of_a_slide_are_refused_with_the_remedy(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield()))
    home = tmp_path / "_a_"
    for path in (home / "stack10001" / "frame_t.ets", home / "stack10001", home, tmp_path):
        error = refused(path)
        assert "parts of an Olympus VSI" in error.what
        assert ".vsi file, with the folder" in error.remedy
        assert error.place == path.name


def test_a_slide_is_its_file_and_its_folder(tmp_path):
    path = tmp_path / "a b.VSI"
    assert belongings(path) == (path, tmp_path / "_a b_")


def test_other_ways_of_holding_pixels_are_refused_by_name(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield()))
    folder = tmp_path / "_a_" / "stack10001"
    shutil.copy(folder / "frame_t.ets", folder / "frame_t_1.ets")
    assert "2 points of time" in refused(tmp_path / "a.vsi").what
    (folder / "frame_t_1.ets").unlink()
    (folder / "frame_t.ets").rename(folder / "frame_t.tif")
    error = refused(tmp_path / "a.vsi")
    assert "lie in a TIFF" in error.what
    assert "OME-TIFF" in error.remedy
    write_slide(tmp_path / "b.vsi", Made(brightfield(), is_external=False))
    shutil.rmtree(tmp_path / "_b_")
    assert "in the .vsi file itself" in refused(tmp_path / "b.vsi").what


@pytest.mark.parametrize(("order", "what"), [("T", "points of time"), ("L", "wavelengths")])
def test_what_is_no_plane_or_channel_is_refused(tmp_path, order, what):
    stack = Made(brightfield(planes=2), order="Z", compression=RAW, levels=1)
    write_slide(tmp_path / "a.vsi", stack)
    data = (tmp_path / "_a_/stack10001/frame_t.ets").read_bytes()
    told = Made(brightfield(), order=order, compression=RAW, levels=1)
    write_slide(tmp_path / "a.vsi", told)
    (tmp_path / "_a_/stack10001/frame_t.ets").write_bytes(data)
    assert f"2 {what}" in refused(tmp_path / "a.vsi").what


def test_a_coordinate_that_nothing_explains_is_refused(tmp_path):
    stack = Made(fluorescence(paths=2), order="C", channels=CHANNELS[:2], compression=RAW)
    write_slide(tmp_path / "a.vsi", stack)
    data = (tmp_path / "_a_/stack10001/frame_t.ets").read_bytes()
    write_slide(tmp_path / "a.vsi", Made(fluorescence(paths=1), compression=RAW))
    (tmp_path / "_a_/stack10001/frame_t.ets").write_bytes(data)
    assert "does not name" in refused(tmp_path / "a.vsi").what


# De-identification


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.mark.parametrize("compression", [JPEG, JPEG_2000, RAW])
def test_nothing_that_was_planted_comes_through(tmp_path, sandbox, compression):
    noise = np.random.default_rng(1).integers(60, 255, (1, 1, 400, 500, 3), np.uint8)
    source = tmp_path / f"{SECRETS[1]}.vsi"
    write_slide(source, overview(), Made(noise, compression=compression))
    made = convert_slide(
        source, tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))), sandbox=sandbox
    )
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names[0] == "level-0.dcm"
    for path in (tmp_path / "out").iterdir():
        data = path.read_bytes().lower()
        for secret in SECRETS:
            assert secret.lower().encode() not in data, (path.name, secret)
    assert made.report.frames_copied == 8 * 7 + 4 * 4 + 2 * 2
    with open_slide(made.instances[0]) as written:
        assert (written.levels[0].columns, written.levels[0].rows) == (500, 400)


def test_a_fluorescence_slide_is_converted_with_its_planes_and_channels(tmp_path, sandbox):
    stack = Made(
        fluorescence(planes=3), order="ZC", channels=CHANNELS, compression=RAW, background=0,
        levels=2,
    )  # fmt: skip
    write_slide(tmp_path / "a.vsi", stack)
    made = convert_slide(
        tmp_path / "a.vsi", tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))),
        sandbox=sandbox,
    )  # fmt: skip
    header = pydicom.dcmread(made.instances[0])
    assert (header.NumberOfOpticalPaths, header.TotalPixelMatrixFocalPlanes) == (3, 3)
    frames = header.pixel_array.reshape(3, 3, 3, 3, TILE, TILE)
    for path in range(3):
        for plane in range(3):
            shown = frames[path, plane].transpose(0, 2, 1, 3).reshape(3 * TILE, 3 * TILE)
            assert np.array_equal(shown[:130, :150], stack.pictures[plane, path, ..., 0])
    assert b"Klara" not in made.instances[0].read_bytes()


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ([structure(4242, 0, [wide(7, "Rosi")])], "Olympus.Volume 4242.7"),
        ([structure(2017, 0, [structure(31, 0, [wide(9, "Rosi")])])], "Olympus.Volume 31.9"),
    ],
)
def test_a_volume_that_nobody_described_stops_the_slide(tmp_path, extra, name):
    write_slide(tmp_path / "a.vsi", Made(brightfield()), extra=extra)
    with open_slide(tmp_path / "a.vsi") as slide:
        allowed = allow_list(slide.format)
        assert {each.name for each in slide.fields if allowed.action(each.name) is None} == {name}
        with pytest.raises(SlideError, match="no rule") as caught:
            sift(slide, allowed, subject())
        assert "Rosi" not in str(caught.value)


def test_texts_of_one_byte_a_letter_are_reported_too(tmp_path):
    extra = [structure(2017, 0, [Node(5, 13, "Zoë Roe\0".encode("latin-1"))])]
    write_slide(tmp_path / "a.vsi", Made(brightfield()), extra=extra)
    with open_slide(tmp_path / "a.vsi") as slide:
        values = {each.name: each.value for each in slide.fields}
        assert values["Olympus.Annotation.5"] == "Zoë Roe"
        assert values["Olympus.Slide.2055"] == SECRETS[1]
        assert values["TIFF.Artist"] == SECRETS[0]
        assert values["Olympus.Collection.2038"] == f"<vector>{SECRETS[4]}</vector>"


# Damage


def test_a_slide_truncated_anywhere_is_refused(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield(), compression=JPEG_2000))
    for path in (tmp_path / "a.vsi", tmp_path / "_a_" / "stack10001" / "frame_t.ets"):
        data = path.read_bytes()
        for sixteenth in range(16):
            path.write_bytes(data[: len(data) * sixteenth // 16])
            with pytest.raises(BigpictureError):
                convert_all(tmp_path / "a.vsi", tmp_path / "out")
        path.write_bytes(data)
    convert_all(tmp_path / "a.vsi", tmp_path / "out")


_ETS_DAMAGE = [
    (4, "<I", 63, "does not begin"),
    (12, "<I", 2, "coordinates"),
    (12, "<I", 5000, "coordinates"),
    (16, "<Q", 1 << 63, "second header"),
    (32, "<Q", 1 << 63, "table"),
    (40, "<I", 0, "no tiles"),
    (40, "<I", 0xFFFFFFFF, "claims"),
    (40, "<I", 5000, "table"),
    (64, "<I", 0, "second header"),
    (72, "<I", 3, "type 3"),
    (76, "<I", 4, "4 samples"),
    (84, "<I", 4, "way 4"),
    (92, "<I", 0, "impossible"),
    (96, "<I", 1 << 31, "impossible"),
    (100, "<I", 2, "planes deep"),
    (216, "<I", 0, "last coordinate"),
]


@pytest.mark.parametrize(("at", "form", "value", "what"), _ETS_DAMAGE)
def test_impossible_headers_of_stacks_are_refused(tmp_path, at, form, value, what):
    write_slide(tmp_path / "a.vsi", Made(brightfield()))
    path = tmp_path / "_a_" / "stack10001" / "frame_t.ets"
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, at, value)
    path.write_bytes(data)
    error = refused(tmp_path / "a.vsi")
    assert what in error.what
    assert error.place.startswith("a.vsi stack 10001")


@pytest.mark.parametrize(
    ("at", "form", "value", "what"),
    [
        (4, "<i", -1, "where none can lie"),
        (4, "<i", 1 << 30, "where none can lie"),
        (8, "<i", 100, "outside of its image"),
        (12, "<i", 1 << 20, "planes or channels"),
        (16, "<i", 99, "too many levels"),
        (20, "<Q", 1 << 62, "past the end"),
        (28, "<I", 0xFFFFFFFF, "past the end"),
    ],
)
def test_impossible_tiles_are_refused(tmp_path, at, form, value, what):
    write_slide(tmp_path / "a.vsi", Made(brightfield(), compression=RAW))
    path = tmp_path / "_a_" / "stack10001" / "frame_t.ets"
    data = bytearray(path.read_bytes())
    (table,) = struct.unpack_from("<Q", data, 32)
    last = table + 36 * (20 + 6 + 2 - 1)
    struct.pack_into(form, data, last + at, value)
    path.write_bytes(data)
    assert what in refused(tmp_path / "a.vsi").what


def test_two_tiles_at_one_place_are_refused(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield()))
    path = tmp_path / "_a_" / "stack10001" / "frame_t.ets"
    data = bytearray(path.read_bytes())
    (table,) = struct.unpack_from("<Q", data, 32)
    data[table : table + 20] = data[table + 36 : table + 56]
    path.write_bytes(data)
    assert "same place" in refused(tmp_path / "a.vsi").what


@pytest.mark.parametrize("side", [0, -5, 0x7FFFFFFF, 1_900_000])
def test_an_impossible_boundary_is_refused(tmp_path, side):
    stack = Made(brightfield(), compression=RAW, boundary=(0, 0, side, side))
    write_slide(tmp_path / "a.vsi", stack)
    assert refused(tmp_path / "a.vsi").place.startswith("a.vsi stack 10001")


@pytest.mark.parametrize("compression", [JPEG, JPEG_2000, PNG, BMP, RAW, LOSSLESS_JPEG])
def test_tiles_of_another_size_or_kind_are_refused(tmp_path, compression):
    stack = Made(brightfield(), compression=compression, levels=1)
    other = Made(brightfield(), compression=compression, tile=(32, 32), levels=1)
    shown = dict(other.tiles())
    odd = iter(range(1000))

    def encode(pixels):
        small = next(odd) == 7
        return ENCODERS[compression](shown[0, 0, 0, 0] if small else pixels)

    stack.encode = encode
    write_slide(tmp_path / "a.vsi", stack)
    assert refused(tmp_path / "a.vsi").place == "a.vsi stack 10001 level 0 frame 7"


@pytest.mark.parametrize("compression", [JPEG, JPEG_2000, PNG, BMP, LOSSLESS_JPEG])
def test_tiles_of_noise_are_refused(tmp_path, compression):
    stack = Made(brightfield(), compression=compression, levels=1)
    stack.encode = lambda pixels: b"Klara" * 40
    write_slide(tmp_path / "a.vsi", stack)
    assert "Klara" not in str(refused(tmp_path / "a.vsi"))


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    write_slide(tmp_path / "elsewhere.vsi", Made(brightfield()))
    inside = tmp_path / "inside"
    inside.mkdir()
    shutil.copy(tmp_path / "elsewhere.vsi", inside / "a.vsi")
    (inside / "_a_").symlink_to(tmp_path / "_elsewhere_")
    assert "outside of its own folder" in refused(inside / "a.vsi").what


def test_a_tree_that_leads_back_or_astray_is_refused(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield()))
    whole_file = (tmp_path / "a.vsi").read_bytes()
    # The first field of the tree stands at byte 32, that of its first volume at byte 72.
    for at, value in ((40, 8), (40, 24), (40, 1 << 31), (48, 0), (80, 8), (80, 1 << 30)):
        data = bytearray(whole_file)
        struct.pack_into("<I", data, at, value)
        (tmp_path / "a.vsi").write_bytes(data)
        assert refused(tmp_path / "a.vsi").place.startswith("a.vsi")


def test_a_deep_tree_is_refused(tmp_path):
    deep = structure(2011, 0, [])
    for _ in range(60):
        deep = structure(2011, 0, [deep])
    write_slide(tmp_path / "a.vsi", Made(brightfield()), extra=[deep])
    assert "deep" in refused(tmp_path / "a.vsi").what


def test_no_damage_of_a_byte_leads_to_another_kind_of_error(tmp_path):
    write_slide(tmp_path / "a.vsi", Made(brightfield(130, 70), levels=1))
    random = np.random.default_rng(7)
    for path in (tmp_path / "a.vsi", tmp_path / "_a_" / "stack10001" / "frame_t.ets"):
        data = path.read_bytes()
        for _ in range(60):
            bad = bytearray(data)
            for at in random.integers(0, len(data), 3):
                bad[at] = random.integers(0, 256)
            path.write_bytes(bad)
            with suppress(BigpictureError):
                read(tmp_path / "a.vsi")
        path.write_bytes(data)


# A second reader


def test_slideio_reads_the_same(tmp_path):
    slideio = pytest.importorskip("slideio", reason="slideio is not installed")
    stack = Made(
        fluorescence(planes=4), order="ZC", channels=CHANNELS, compression=JPEG_2000, background=0
    )
    write_slide(tmp_path / "a.vsi", overview(), stack)
    scene = slideio.open_slide(str(tmp_path / "a.vsi"), "VSI").get_scene(0)
    with open_slide(tmp_path / "a.vsi") as slide:
        level = slide.levels[0]
        assert scene.size == (level.columns, level.rows)
        assert (scene.num_channels, scene.num_z_slices) == (3, 4)
        assert abs(scene.resolution[0]) * 1e6 == pytest.approx(slide.mpp[0])
        for path in range(3):
            for plane in range(4):
                theirs = scene.read_block(channel_indices=[path], slices=(plane, plane + 1))
                assert np.array_equal(theirs.squeeze(), whole(level, path * 4 + plane)[..., 0])
