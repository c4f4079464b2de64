"""Generic and ImageJ TIFFs, published and hostile ones; peers: tifffile and OpenSlide."""

from __future__ import annotations

import struct
import time
import zlib
from contextlib import contextmanager
from math import ceil

import numpy as np
import openslide
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from bigpicture.submission.convert import convert_slide
from places import shared
from slide_making import convert_all, pattern, tiff_directory

LOSSLESS = [None, "lzw", "zlib", "zstd", "packbits", "lzma"]
LOSSY = ["jpeg", 34712, "jpegxr", "webp", "jpegxl"]
LAYOUTS = [{"tile": (64, 64)}, {"rowsperstrip": 16}]


def whole(level) -> np.ndarray:
    """All frames of one plane put together, cut to the level's size."""
    across = ceil(level.columns / level.tile_columns)
    down = ceil(level.rows / level.tile_rows)
    tiles = [level.pixels(number) for number in range(across * down)]
    rows = [np.concatenate(tiles[n * across : (n + 1) * across], axis=1) for n in range(down)]
    return np.concatenate(rows)[: level.rows, : level.columns]


def read_all(path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            tiles = ceil(level.columns / level.tile_columns) * ceil(level.rows / level.tile_rows)
            for number in range(tiles * level.stack.depth):
                level.pixels(number)


def refused(path) -> SlideError:
    with pytest.raises(SlideError) as caught:
        read_all(path)
    return caught.value


def by_openslide(path) -> np.ndarray:
    slide = openslide.OpenSlide(path)
    return np.asarray(slide.read_region((0, 0), 0, slide.dimensions).convert("RGB"))


@pytest.mark.parametrize("compression", LOSSLESS + LOSSY)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_compression_is_read_as_others_read_it(tmp_path, compression, layout, order):
    path = tmp_path / "slide.tif"
    # Whole strips: tifffile writes the last one of these codecs at its own height.
    tifffile.imwrite(path, pattern(160, 200), photometric="rgb", compression=compression,
                     metadata=None, byteorder=order, **layout)  # fmt: skip
    with open_slide(path) as slide:
        (level,) = slide.levels
        seen = whole(level)
        assert level.encoding.is_copied is (
            "tile" in layout and compression in {None, "jpeg", 34712}
        )
        is_lossless = compression in LOSSLESS or compression == "webp"
        assert level.encoding.is_lossy is (
            not is_lossless or (compression == "webp" and "tile" not in layout)
        )
    wanted = tifffile.imread(path)
    assert np.array_equal(seen, wanted)
    is_theirs = compression in {*LOSSLESS, "jpeg"} - {"zstd", "lzma"} and order == "<"
    if "tile" in layout and is_theirs:
        # OpenSlide's build of libtiff reads these, and tiles only.
        assert np.array_equal(by_openslide(path), wanted)


@pytest.mark.parametrize("compression", ["jpegxr", "webp", "jpegxl"])
def test_a_stream_of_another_size_is_refused(tmp_path, compression):
    path = tmp_path / "slide.tif"
    tifffile.imwrite(path, pattern(64, 64), photometric="rgb", compression=compression,
                     metadata=None, tile=(64, 64))  # fmt: skip
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        tiff.pages[0].tags["TileWidth"].overwrite(128)
    assert refused(path).place == "slide.tif IFD 0 tile 0"


@pytest.mark.parametrize("compression", ["webp", "jpegxr"])
def test_what_dicom_lacks_is_encoded_again(tmp_path, compression):
    path = tmp_path / "slide.tif"
    picture = pattern(128, 128)
    tifffile.imwrite(path, picture, photometric="rgb", compression=compression, tile=(64, 64),
                     metadata=None)  # fmt: skip
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    assert conversion.frames_copied == 0
    assert any("JPEG XR, JPEG XL and WebP" in remark for remark in conversion.remarks)
    if compression == "webp":
        # tifffile writes WebP without loss, and so it stays.
        with FileSource(conversion.instances[0].path) as source:
            assert np.array_equal(open_tiles(source).region(0, 0, 128, 128), picture)


def sixteen_bits(rows=150, columns=200) -> np.ndarray:
    y, x = np.mgrid[0:rows, 0:columns]
    return (x * 311 + y * 97).astype(np.uint16)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_grey_of_sixteen_bits_is_one_channel_and_told(tmp_path, layout):
    path = tmp_path / "grey.tif"
    values = sixteen_bits()
    tifffile.imwrite(path, values, photometric="minisblack", metadata=None, **layout)
    with open_slide(path) as slide:
        assert slide.format == "generic-tiff"
        (level,) = slide.levels
        assert level.stack == Stack(samples=1, bits=16)
        assert np.array_equal(whole(level)[:, :, 0], values)
        assert slide.channels({}) == (Channel(),)
        assert any("intensities of one channel" in remark for remark in slide.remarks)
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    with FileSource(conversion.instances[0].path) as source:
        side = conversion.instances[0].level.tile_columns
        wanted = values[:side, :side]
        stored = open_tiles(source).samples(0)[: wanted.shape[0], : wanted.shape[1], 0]
        assert np.array_equal(stored, wanted)


@pytest.mark.parametrize(
    ("values", "photometric", "what"),
    [
        (sixteen_bits(), "miniswhite", "16 bits"),
        (np.repeat(sixteen_bits()[:, :, None], 3, axis=2), "rgb", "16 bits"),
        (sixteen_bits().astype(np.float32), "minisblack", "floating"),
    ],
)
def test_what_says_too_little_is_refused(tmp_path, values, photometric, what):
    path = tmp_path / "odd.tif"
    tifffile.imwrite(path, values, photometric=photometric, metadata=None)
    assert what in refused(path).what


@contextmanager
def published(folder, name):
    with open_slide(shared(f"testdata/{folder}/{name}")) as slide:
        yield slide


PUBLISHED = [
    # Folder, name, what is expected: the reason of a refusal, or the base's columns and rows.
    ("wsi_ometiff", "qupath__cells-gray32.tif", "floating"),
    ("wsi_ometiff", "qupath__cells-gray16.tif", (93, 131)),
    ("wsi_ometiff", "qupath__cells.tif", (93, 131)),
    ("wsi_tiff", "cytomine__test-image.tiff", (896, 862)),
    ("wsi_tiff", "dana-farber-aios__small_HE_levels.tiff", (300, 250)),
    ("wsi_tiff", "girder__grey10kx5k.tif", (10000, 5000)),
    ("wsi_tiff", "girder__small_la.tiff", (2, 1)),
    ("wsi_tiff", "girder__test_orient0.tif", "Orientation (tag 274) is 0"),
    ("wsi_tiff", "girder__test_orient8.tif", "Orientation (tag 274) is 8"),
    ("wsi_tiff", "histolab__kidney-48-5.tif", (1493, 901)),
    ("wsi_tiff", "openslide__boxes.tiff", (300, 250)),
    ("wsi_tiff", "rationai__CMU-1-small.tiff", (718, 514)),
    ("wsi_tiff", "rationai__mask_test.tif", (225, 500)),
    ("wsi_negative", "digitalslidearchive__bad_datatype.tif", "unknown type"),
    ("wsi_negative", "digitalslidearchive__bad_double_reference.tif", "several images"),
    # Its BigTIFF marker is damaged in a byte that no reader needs.
    ("wsi_negative", "digitalslidearchive__bad_header2.tif", (32, 32)),
    ("wsi_negative", "digitalslidearchive__bad_ifd_offset.tif", "past the end"),
    ("wsi_negative", "digitalslidearchive__bad_jpeg2.tif", "cannot be decoded"),
    ("wsi_negative", "digitalslidearchive__bad_strip_offset.tif", "past the end"),
    ("wsi_negative", "digitalslidearchive__bad_tag_offset.tif", "past the end"),
    ("wsi_negative", "digitalslidearchive__bad_unicode.tif", (32, 32)),
    ("wsi_negative", "digitalslidearchive__good_single.tif", (32, 32)),
    ("wsi_negative", "openslide__unopenable.tiff", "compression is"),
]


@pytest.mark.parametrize(("folder", "name", "outcome"), PUBLISHED)
def test_published_files_are_converted_or_refused_with_a_reason(tmp_path, folder, name, outcome):
    path = shared(f"testdata/{folder}/{name}")
    if isinstance(outcome, str):
        error = refused(path)
        assert outcome in error.what
        assert error.place.startswith(name)
        return
    with published(folder, name) as slide:
        assert (slide.levels[0].columns, slide.levels[0].rows) == outcome
        seen = whole(slide.levels[0])
    if "bad_header2" not in name:  # tifffile refuses that header
        wanted = tifffile.imread(path, key=0)
        wanted = wanted if wanted.ndim == 3 else wanted[:, :, None]
        assert np.array_equal(seen, np.broadcast_to(wanted[:, :, :1], seen.shape)) or (
            np.abs(seen.astype(int) - wanted).max() <= 1
        )
    if name != "girder__grey10kx5k.tif":
        assert convert_all(path, tmp_path / "out", mpp=0.5).instances


def test_the_list_of_published_files_is_whole():
    named = {(folder, name) for folder, name, _ in PUBLISHED}
    for folder in ("wsi_tiff", "wsi_negative"):
        there = {(folder, path.name) for path in shared(f"testdata/{folder}").glob("*.tif*")}
        assert there <= named


def strip(path, *, columns, rows, data, lengths=None, offsets=None, rows_per_strip=None, code=8):
    """A grey TIFF in strips, written by hand from TIFF 6.0."""
    lengths = lengths or [len(data)]
    offsets = offsets or [8]
    count = len(lengths)
    at = 8 + len(data)
    tables = struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}I", *lengths)
    entries = [
        (256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, 8), (259, 3, 1, code), (262, 3, 1, 1),
        (273, 4, count, at if count > 1 else offsets[0]), (277, 3, 1, 1),
        (278, 4, 1, rows_per_strip or rows),
        (279, 4, count, at + 4 * count if count > 1 else lengths[0]),
    ]  # fmt: skip
    path.write_bytes(
        b"II*\0" + struct.pack("<I", at + len(tables)) + data + tables + tiff_directory(entries, 0)
    )


def quickly(path) -> str:
    """The reason of a refusal, which takes next to no time or memory."""
    started = time.monotonic()
    what = refused(path).what
    assert time.monotonic() - started < 20
    return what


@pytest.mark.parametrize("side", [9000, 17320])
def test_a_strip_that_unpacks_to_hundreds_of_megabytes_is_refused(tmp_path, side):
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(side)) for _ in range(side)) + packer.flush()
    strip(tmp_path / "bomb.tif", columns=side, rows=side, data=data)
    assert "too large to decode" in quickly(tmp_path / "bomb.tif")


def test_a_tile_that_unpacks_to_hundreds_of_megabytes_is_refused(tmp_path):
    path = tmp_path / "bomb.tif"
    tifffile.imwrite(path, np.zeros((16384, 9600), np.uint8), tile=(16384, 9600),
                     compression="zlib", photometric="minisblack", metadata=None)  # fmt: skip
    assert path.stat().st_size < 1 << 20
    assert "too large to decode" in quickly(path)


def test_more_bytes_than_declared_are_not_unpacked(tmp_path, monkeypatch):
    data = zlib.compress(bytes(50 << 20), 9)
    strip(tmp_path / "bomb.tif", columns=64, rows=64, data=data)
    with open_slide(tmp_path / "bomb.tif") as slide:
        assert slide.levels[0].pixels(0).shape == (512, 512, 3)


def test_strips_that_share_their_bytes_too_often_are_refused(tmp_path):
    data = zlib.compress(np.random.default_rng(0).bytes(60_000), 1)
    count = 20_000
    strip(tmp_path / "shared.tif", columns=60_000, rows=count, data=data,
          lengths=[len(data)] * count, offsets=[8] * count, rows_per_strip=1)  # fmt: skip
    assert "share their bytes" in quickly(tmp_path / "shared.tif")


def test_a_million_directories_are_refused(tmp_path):
    path = tmp_path / "many.tif"
    size = 2 + 12 + 4
    parts = [
        struct.pack("<HHHIII", 1, 256, 4, 1, 1, 8 + size * (number + 1))
        for number in range(1_000_000)
    ]
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + b"".join(parts))
    assert "4096 directories" in quickly(path)


@pytest.mark.parametrize(
    ("columns", "rows"), [(2_000_000_000, 2_000_000_000), (2_000_000, 2_000_000)]
)
def test_impossible_sizes_are_refused(tmp_path, columns, rows):
    strip(tmp_path / "huge.tif", columns=columns, rows=rows, data=bytes(16))
    assert quickly(tmp_path / "huge.tif")


@pytest.mark.parametrize("code", [273, 279, 324])
def test_a_count_of_four_billion_is_refused(tmp_path, code):
    path = tmp_path / "count.tif"
    strip(path, columns=16, rows=1, data=bytes(16), code=1)
    data = bytearray(path.read_bytes())
    (at,) = struct.unpack_from("<I", data, 4)
    for entry in range(at + 2, len(data) - 4, 12):
        if struct.unpack_from("<H", data, entry)[0] in {code, 273}:
            struct.pack_into("<HHI", data, entry, code, 4, 0xFFFFFFFF)
    path.write_bytes(data)
    assert "past the end" in quickly(path)


def imagej(path, **given):
    """Two channels of three slices, by tifffile's own writer of ImageJ files."""
    values = np.stack([sixteen_bits() + number for number in range(6)]).reshape(3, 2, 150, 200)
    told = {"axes": "ZCYX", "unit": "micron", "spacing": 1.5, **given}
    tifffile.imwrite(path, values, imagej=True, resolution=(4, 4), metadata=told)
    return values


def test_a_hyperstack_of_imagej_is_read(tmp_path):
    path = tmp_path / "stack.tif"
    values = imagej(path, Info="Erika Mustermann")
    with open_slide(path) as slide:
        assert slide.format == "imagej-tiff"
        (level,) = slide.levels
        assert level.stack == Stack(samples=1, bits=16, planes=3, paths=2)
        assert (slide.mpp, slide.plane_spacing) == ((0.25, 0.25), 1.5)
        for channel in range(2):
            for plane in range(3):
                seen = level.pixels(channel * 3 + plane)[:150, :200, 0]
                assert np.array_equal(seen, values[plane, channel])
        assert len(slide.channels({})) == 2
    done = convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)))
    assert b"Erika" in path.read_bytes().replace(b"\0", b"")
    for instance in done.instances:
        assert b"Erika" not in instance.read_bytes().replace(b"\0", b"")


@pytest.mark.parametrize(
    ("description", "what"),
    [
        (b"ImageJ=1.53f\nimages=7\nchannels=7\n", "7 planes are described"),
        (b"ImageJ=1.53f\nimages=6\nchannels=2\nslices=2\n", "in two ways"),
        (b"ImageJ=1.53f\nimages=6\nframes=6\n", "6 times"),
        (b"ImageJ=1.53f\nimages=-6\nframes=999999999999999999\n", "in two ways"),
    ],
)
def test_an_imagej_stack_that_contradicts_itself_is_refused(tmp_path, description, what):
    path = tmp_path / "stack.tif"
    with tifffile.TiffWriter(path) as writer:
        for number in range(6):
            writer.write(sixteen_bits(), photometric="minisblack", metadata=None,
                         description=description if number == 0 else None)  # fmt: skip
    assert what in refused(path).what


def test_an_unknown_line_of_imagej_stops_the_slide(tmp_path):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, sixteen_bits(), photometric="minisblack", metadata=None,
                     description=b"ImageJ=1.53f\nunit=um\nUnheard=Erika Mustermann\n")  # fmt: skip
    with pytest.raises(SlideError, match="no rule") as caught:
        convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)), mpp=0.5)
    assert "Mustermann" not in str(caught.value)
