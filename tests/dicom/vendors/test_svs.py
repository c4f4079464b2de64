"""Aperio SVS: focal planes, JPEG 2000, fluorescence, placement; peers: OpenSlide and tifffile."""

from __future__ import annotations

import base64

import numpy as np
import openslide
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.codecs import JPEG_2000
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.submission.convert import convert_slide
from places import shared
from slide_making import convert_all, pattern, write_jpeg_tiff

# 64 × 64 pixels Y = 40 + 2x + y, Cb = 90 + x, Cr = 170 - y without a colour transform, by OpenJPEG;
# chroma as it is, halved across, halved both ways.
YCBCR = {
    "444": "/0//"
    "UQAvAAAAAABAAAAAQAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEABQQEAAH/"
    "XAATQEBISFBISFBISFBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAAC3"
    "AAH/k8+wGAeLWENiv8fSEAlYuB/H0hQD74NIP8PmBwfMDA0CEQs9h8HzBAANAf9/oPmBgAwXx8HzBYHwCCIaCF1/A3/d"
    "X8D4BAAiGghfoHwCAADP1V/A+MNAcIA2oZmuY589pjQvwHCANqGav6A+AQA+YqKvwHCQDhBfp8eJnawpP8A4QF+nx4eg"
    "HCidlqj/f8A4WAJAi2IBq5/hjWKnwBIAi2IBv6AJAOGMCqP/2Q==",
    "422": "/0//"
    "UQAvAAAAAABAAAAAQAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAADBwEBBwIBBwIB/1IADAAAAAEABQQEAAH/"
    "XAATQEBISFBISFBISFBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAACy"
    "AAH/k8+wGAeLWENiv8PjBAkfx9IMBQ4/w+YHB8wMDQIRCz2Hw+YEAAJkoPmBAAxTwfMFgfAIIhoIXX8Df91fwfMEABfX"
    "3/egfAGAAMh/wPjDQHCANqGZrmOfPaY0L8D4wwAiHPHxq3+gPgDAKd4JwHCQDhBfp8eJnawpP8B0UDaheGx/oB0UhAqm"
    "/3/AOFgCQItiAauf4Y1ip8A4UF+nx6Y/oAjAyHTp/9k=",
    "420": "/0//"
    "UQAvAAAAAABAAAAAQAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAAAAADBwEBBwICBwIC/1IADAAAAAEABQQEAAH/"
    "XAATQEBISFBISFBISFBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAACu"
    "AAH/k8+wGAeLWENiv8PjBAa/w+YCAcPmBwfMDA0CEQs9h8PmBAAEP6H0gQAGwfMFgfAIIhoIXX8Df91fwfMEAA0B/3+g"
    "+YGADBfHwPjDQHCANqGZrmOfPaY0L8D4BAAiGghfoHwCAADP1V/AcJAOEF+nx4mdrCk/wHCANqGav6A+AQA+YqKvwDhY"
    "AkCLYgGrn+GNYqfAOEBfp8eHoBwonZao/3//2Q==",
}
HEADER = "Aperio Image Library v11.2.1 \r\n{} (240x240) JPEG/RGB Q=30"
LAYERS = (0, 2, -2, 4)


def focal_planes(path, *, offsets=LAYERS, keys="", levels=2, jpeg=True):
    """As Aperio lays them: base, thumbnail, its levels, then base and levels of each other plane.

    After Bio-Formats' description of the layout (ome/bioformats#3289).
    """
    pictures = [np.roll(pattern(300, 400), 7 * number, axis=1) for number in range(len(offsets))]
    coded = {"compression": "jpeg", "compressionargs": {"level": 95}} if jpeg else {}
    with tifffile.TiffWriter(path) as writer:
        for number, (picture, offset) in enumerate(zip(pictures, offsets, strict=True)):
            text = HEADER.format("400x300") + "|AppMag = 40|MPP = 0.25" + keys
            text += "|TotalDepth = 8" if number == 0 else ""
            text += "" if offset is None else f"|OffsetZ = {offset}"
            tiled = {"tile": (64, 64), "photometric": "rgb", "metadata": None, **coded}
            writer.write(picture, description=text, **tiled)
            if number == 0:
                writer.write(picture[::4, ::4], photometric="rgb", metadata=None, rowsperstrip=16)
            for level in range(1, levels):
                reduced = np.ascontiguousarray(picture[:: 2**level, :: 2**level])
                writer.write(reduced, description=text, **tiled)
        for kind, word in ((1, "label"), (9, "macro")):
            text = f"Aperio Image Library v11.2.1 \r\n{word} 60x50"
            writer.write(np.full((50, 60, 3), 9, np.uint8), description=text, subfiletype=kind,
                         photometric="rgb", metadata=None, rowsperstrip=50)  # fmt: skip
    return pictures


def test_focal_planes_lie_by_their_offsets(tmp_path):
    path = tmp_path / "stack.svs"
    pictures = focal_planes(path, keys="|BestFocusLayer = 2", jpeg=False)
    ordered = [pictures[number] for number in np.argsort(LAYERS)]
    with open_slide(path) as slide:
        assert [level.stack for level in slide.levels] == [Stack(planes=4)] * 2
        assert [(level.columns, level.rows) for level in slide.levels] == [(400, 300), (200, 150)]
        assert slide.plane_spacing == 2
        for number, picture in enumerate(ordered):
            assert np.array_equal(slide.levels[0].pixels(number * 35 + 8), picture[64:128, 64:128])
            reduced = picture[::2, ::2][64:128, 64:128]
            assert np.array_equal(slide.levels[1].pixels(number * 12 + 5), reduced)
        assert [each.flavour for each in slide.associated] == [
            Flavour.THUMBNAIL, Flavour.LABEL, Flavour.OVERVIEW,
        ]  # fmt: skip
        assert any("layer 2" in remark for remark in slide.remarks)
        rules = allow_list("aperio-svs")
        assert all(rules.action(field.name) is not None for field in slide.fields)
    # The same planes in the order of the file, as tifffile finds them.
    with tifffile.TiffFile(path) as tiff:
        assert np.array_equal(tiff.series[0].levels[0].asarray(), np.stack(pictures))


def test_focal_planes_are_copied(tmp_path):
    path = tmp_path / "stack.svs"
    focal_planes(path)
    conversion = convert_all(path, tmp_path / "out")
    assert [each.frames_copied for each in conversion.instances[:2]] == [4 * 35, 4 * 12]
    with open_slide(path) as slide, FileSource(conversion.instances[0].path) as source:
        tiles = open_tiles(source)
        for number in (0, 36, 139):
            assert np.array_equal(tiles.samples(number), slide.levels[0].pixels(number))
            assert slide.levels[0].frame(number).body in path.read_bytes()


@pytest.mark.parametrize(
    ("offsets", "remark"), [((0, None, None), "do not tell"), ((0, 2, 9), "not equally far")]
)
def test_doubtful_offsets_are_told(tmp_path, offsets, remark):
    path = tmp_path / "stack.svs"
    focal_planes(path, offsets=offsets)
    with open_slide(path) as slide:
        assert slide.plane_spacing == 0
        assert any(remark in each for each in slide.remarks)


def test_several_images_of_one_size_must_say_what_they_are(tmp_path):
    path = tmp_path / "several.svs"
    with tifffile.TiffWriter(path) as writer:
        for _ in range(2):
            writer.write(pattern(100, 100), tile=(64, 64), photometric="rgb", metadata=None,
                         description="Aperio Image Library x\r\n100x100|MPP = 0.5")  # fmt: skip
    with pytest.raises(SlideError, match="not say that they are focal planes"), open_slide(path):
        pass


def test_a_plane_without_its_levels_is_refused(tmp_path):
    path = tmp_path / "stack.svs"
    focal_planes(path)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        # The last reduced image before the label is no longer tiled nor a reduction: 1 row less.
        tag = tiff.pages[8].tags["ImageLength"]
        data[tag.valueoffset : tag.valueoffset + 2] = (99).to_bytes(2, "little")
    path.write_bytes(data)
    with pytest.raises(SlideError, match="numbers of levels"), open_slide(path):
        pass


def ycbcr_svs(path, sampling, compression):
    stream = base64.b64decode(YCBCR[sampling])
    text = HEADER.format("64x64") + "|AppMag = 20|MPP = 0.5"
    tifffile.imwrite(path, iter([stream]), shape=(64, 64, 3), dtype=np.uint8, tile=(64, 64),
                     photometric="rgb", compression=34712, metadata=None,
                     description=text)  # fmt: skip
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        tiff.pages[0].tags["Compression"].overwrite(compression)


@pytest.mark.parametrize("sampling", sorted(YCBCR))
def test_ycbcr_in_jpeg_2000_is_seen_as_openslide_sees_it(tmp_path, sampling):
    path = tmp_path / "slide.svs"
    ycbcr_svs(path, sampling, 33003)
    wanted = openslide.OpenSlide(path).read_region((0, 0), 0, (64, 64)).convert("RGB")
    with open_slide(path) as slide:
        seen = slide.levels[0].pixels(0).astype(int)
        assert not slide.levels[0].encoding.is_copied
    # Both round the same BT.601 sums, OpenSlide from tables: one step at most.
    assert np.abs(seen - np.asarray(wanted)).max() <= 1
    convert_all(path, tmp_path / "out")


def test_rgb_in_jpeg_2000_is_copied(tmp_path):
    path = tmp_path / "slide.svs"
    ycbcr_svs(path, "444", 33005)
    wanted = openslide.OpenSlide(path).read_region((0, 0), 0, (64, 64)).convert("RGB")
    with open_slide(path) as slide:
        assert np.array_equal(slide.levels[0].pixels(0), np.asarray(wanted))
        assert slide.levels[0].encoding.transfer_syntax == JPEG_2000
        assert b"OpenJPEG" not in slide.levels[0].frame(0).body


def test_rgb_of_several_sizes_is_refused(tmp_path):
    path = tmp_path / "slide.svs"
    ycbcr_svs(path, "422", 33005)
    with open_slide(path) as slide, pytest.raises(SlideError, match="several sizes"):
        slide.levels[0].pixels(0)


def test_a_fluorescence_channel_keeps_its_sixteen_bits(tmp_path):
    path = tmp_path / "channel.svs"
    y, x = np.mgrid[0:150, 0:200]
    values = (x * 311 + y * 97).astype(np.uint16)
    text = HEADER.format("200x150") + "|AppMag = 20|MPP = 0.5|Dye = DAPI|Exposure Time = 0.05"
    text += "|Exposure Scale = 2|Excitation Wavelength = 360|Emission Wavelength = 461"
    tifffile.imwrite(path, values, tile=(64, 64), photometric="minisblack", description=text,
                     metadata=None, compression="lzw")  # fmt: skip
    with open_slide(path) as slide:
        (level,) = slide.levels
        assert level.stack == Stack(samples=1, bits=16)
        assert np.array_equal(level.pixels(5)[:, :, 0], values[64:128, 64:128])
        kept = {field.name: field.value for field in slide.fields}
        assert slide.channels(kept) == (Channel("DAPI", None, 360, 461, 100),)
        assert slide.channels({}) == (Channel(),)
    convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)))


def test_a_dye_that_is_none_is_dropped(tmp_path):
    path = tmp_path / "channel.svs"
    text = HEADER.format("64x64") + "|MPP = 0.5|Dye = Erika Mustermann"
    tifffile.imwrite(path, pattern(64, 64)[:, :, 0], tile=(64, 64), photometric="minisblack",
                     description=text, metadata=None)  # fmt: skip
    with open_slide(path) as slide:
        assert slide.levels[0].stack == Stack(samples=1)
        assert "Aperio.Dye" in {field.name for field in slide.fields}
    convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)))
    for written in (tmp_path / "out").iterdir():
        assert b"Mustermann" not in written.read_bytes()


def test_the_scan_lies_where_the_macro_image_shows_it():
    """Left and Top of a published slide, by hand: its scan was cut twice, at 0.499 µm a pixel.

    In its macro image (0.0652 mm a pixel, by the frame drawn in it: 352 pixels are the 22.95 mm of
    the scan) this region lies 732 pixels from the left, found by correlation.
    """
    path = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs")
    with open_slide(path) as slide:
        across, down = slide.placement
    assert across == pytest.approx(25.691574 + 42673 * 0.000499)
    assert down == pytest.approx(26 - 23.449873 + (5576 + 100) * 0.000499)
    assert across == pytest.approx(732 * 0.0652, abs=1)


@pytest.mark.parametrize("told", ["|Left = 20.5", "|Left = 20.5|Top = nan", "|Left = -3|Top = 9"])
def test_an_odd_placement_is_none(tmp_path, told):
    path = tmp_path / "slide.svs"
    write_jpeg_tiff(path, description=HEADER.format("400x300") + "|MPP = 0.5" + told)
    with open_slide(path) as slide:
        assert slide.placement is None


@pytest.mark.parametrize("part", range(1, 16))
def test_focal_planes_truncated_anywhere_are_refused(tmp_path, part):
    path = tmp_path / "stack.svs"
    focal_planes(path, jpeg=False)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * part // 16])
    with pytest.raises(SlideError):
        read_all(path)


def read_all(path):
    with open_slide(path) as slide:
        for level in slide.levels:
            tiles = -(-level.columns // level.tile_columns) * -(-level.rows // level.tile_rows)
            for number in range(tiles * level.stack.depth):
                level.pixels(number)
