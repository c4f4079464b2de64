"""Levels of TIFFs in every compression, read as brightfield and as channels; peer: tifffile."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil

import imagecodecs
import numpy as np
import pytest
import tifffile

from bigpicture.dicom.codecs import JPEG_2000, JPEG_BASELINE
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import Stack
from bigpicture.dicom.tiff import read_tiff
from bigpicture.dicom.tiff_pyramid import build_stacks, tiff_level
from bigpicture.model.errors import SlideError
from slide_making import pattern

ROWS, COLUMNS, TILE = 150, 200, 64
LOSSLESS = [None, "lzw", "zlib", "zstd", "packbits", "lzma"]


def intensities(kind, rows=ROWS, columns=COLUMNS) -> np.ndarray:
    """Every value differs from its neighbours, in both bytes."""
    y, x = np.mgrid[0:rows, 0:columns]
    return ((x * 311 + y * 1009) % (np.iinfo(kind).max + 1)).astype(kind)


@contextmanager
def opened(path, **given):
    with FileSource(path) as source:
        directories = read_tiff(source, place=path.name).directories
        yield tiff_level(directories[0], **given)


def whole(level, first=0) -> np.ndarray:
    """All tiles of a level put together, cut to its size; of a stack those from `first` on."""
    across = ceil(level.columns / level.tile_columns)
    down = ceil(level.rows / level.tile_rows)
    tiles = [level.pixels(first + number) for number in range(across * down)]
    rows = [np.concatenate(tiles[n * across : (n + 1) * across], axis=1) for n in range(down)]
    return np.concatenate(rows)[: level.rows, : level.columns]


@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {"rowsperstrip": 7}, {}])
@pytest.mark.parametrize("predictor", [False, True])
def test_channels_are_read_as_they_are(tmp_path, compression, order, kind, layout, predictor):
    if predictor and compression in {None, "packbits"}:
        pytest.skip("these have no predictor")
    path = tmp_path / "channel.tif"
    values = intensities(kind)
    tifffile.imwrite(
        path, values, byteorder=order, compression=compression, predictor=predictor,
        photometric="minisblack", metadata=None, **layout,
    )  # fmt: skip
    with opened(path, is_channel=True) as level:
        assert level.stack == Stack(samples=1, bits=np.iinfo(kind).bits)
        assert level.pixels(0).dtype == kind
        assert np.array_equal(whole(level)[:, :, 0], values)
        is_native = compression is None and "tile" in layout
        is_native &= kind == np.uint8 or order == "<"
        expected = EXPLICIT_LITTLE if is_native else ""
        assert level.encoding.transfer_syntax == expected
        assert level.encoding.photometric == "MONOCHROME2"
        assert not level.encoding.is_lossy
        if is_native:
            frame = level.frame(1)
            stored = np.frombuffer(frame.body, kind).reshape(TILE, TILE)
            assert np.array_equal(stored, values[:TILE, TILE : 2 * TILE])


@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {"rowsperstrip": 7}])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("predictor", [False, True])
def test_colours_may_lie_together_or_apart(tmp_path, compression, layout, planar, predictor):
    if predictor and compression in {None, "packbits"}:
        pytest.skip("these have no predictor")
    path = tmp_path / "colours.tif"
    picture = pattern(ROWS, COLUMNS)
    stored = picture if planar == "contig" else np.moveaxis(picture, 2, 0)
    tifffile.imwrite(
        path, stored, photometric="rgb", planarconfig=planar, compression=compression,
        predictor=predictor, metadata=None, **layout,
    )  # fmt: skip
    with opened(path) as level:
        assert np.array_equal(whole(level), picture)
        assert level.stack == Stack()
        is_native = compression is None and planar == "contig" and "tile" in layout
        assert level.encoding.is_copied is is_native


@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {"rowsperstrip": 16}])
def test_jpeg_colours_apart_are_put_together(tmp_path, layout):
    path = tmp_path / "apart.tif"
    stored = np.moveaxis(pattern(ROWS, COLUMNS), 2, 0)
    tifffile.imwrite(path, stored, photometric="rgb", planarconfig="separate",
                     compression="jpeg", metadata=None, **layout)  # fmt: skip
    wanted = np.moveaxis(tifffile.imread(path), 0, 2)
    with opened(path) as level:
        assert np.array_equal(whole(level), wanted)
        assert level.encoding.is_lossy


def test_grey_jpeg_channels_are_copied(tmp_path):
    path = tmp_path / "grey.tif"
    tifffile.imwrite(path, intensities(np.uint8), photometric="minisblack", compression="jpeg",
                     tile=(TILE, TILE), metadata=None)  # fmt: skip
    with opened(path, is_channel=True) as level:
        encoding = level.encoding
        assert (encoding.transfer_syntax, encoding.photometric) == (JPEG_BASELINE, "MONOCHROME2")
        assert encoding.is_lossy
        assert np.array_equal(whole(level)[:, :, 0], tifffile.imread(path))
        frame = level.frame(2)
        assert frame.body in path.read_bytes()
        decoded = imagecodecs.jpeg8_decode(frame.head + frame.body)
        assert np.array_equal(decoded, level.pixels(2)[:, :, 0])
    # As brightfield it is what it was: grey becomes RGB and is encoded again.
    with opened(path) as level:
        assert not level.encoding.is_copied
        assert level.pixels(0).shape == (TILE, TILE, 3)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_jpeg_2000_channels_are_copied(tmp_path, kind):
    path = tmp_path / "grey.tif"
    values = intensities(kind)
    tifffile.imwrite(path, values, photometric="minisblack", compression=34712,
                     tile=(TILE, TILE), metadata=None)  # fmt: skip
    with opened(path, is_channel=True) as level:
        encoding = level.encoding
        assert (encoding.transfer_syntax, encoding.photometric) == (JPEG_2000, "MONOCHROME2")
        assert np.array_equal(whole(level)[:, :, 0], values)
        frame = level.frame(1)
        assert np.array_equal(imagecodecs.jpeg2k_decode(frame.body), level.pixels(1)[:, :, 0])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", ["jpegxr", "jpegxl"])
def test_channels_in_rare_compressions_are_decoded(tmp_path, kind, compression):
    path = tmp_path / "grey.tif"
    tifffile.imwrite(path, intensities(kind), photometric="minisblack", compression=compression,
                     tile=(TILE, TILE), metadata=None)  # fmt: skip
    with opened(path, is_channel=True) as level:
        assert np.array_equal(whole(level)[:, :, 0], tifffile.imread(path))
        assert not level.encoding.is_copied


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {}])
def test_channels_whose_white_is_zero_are_turned(tmp_path, kind, layout):
    path = tmp_path / "white.tif"
    values = intensities(kind)
    tifffile.imwrite(path, values, photometric="miniswhite", metadata=None, **layout)
    with opened(path, is_channel=True) as level:
        assert np.array_equal(whole(level)[:, :, 0], np.iinfo(kind).max - values)
        assert not level.encoding.is_copied


@pytest.mark.parametrize(
    ("values", "given", "what"),
    [
        (intensities(np.uint16).astype(np.float32), {"predictor": 3}, "floating"),
        (intensities(np.uint16).astype(np.float32), {}, "floating"),
        (intensities(np.uint16).astype(np.uint32), {}, "32 bits"),
        (intensities(np.uint8).astype(np.int8), {}, "signed"),
        (intensities(np.uint16), {"compression": "lerc"}, "compression is"),
        (intensities(np.uint16).astype(np.int16), {}, "signed"),
    ],
)
def test_channels_of_other_samples_are_refused(tmp_path, values, given, what):
    path = tmp_path / "odd.tif"
    if "predictor" in given:
        given = {**given, "compression": "zlib"}
    tifffile.imwrite(path, values, photometric="minisblack", tile=(TILE, TILE), **given)
    with pytest.raises(SlideError, match=what), opened(path, is_channel=True):
        pass


def test_sixteen_bits_are_no_brightfield(tmp_path):
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, intensities(np.uint16), photometric="minisblack", tile=(TILE, TILE))
    with pytest.raises(SlideError, match="16 bits"), opened(path):
        pass


@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {"rowsperstrip": 7}])
def test_planes_and_channels_lie_in_the_order_of_dicom(tmp_path, layout):
    """Two channels of three planes each, written channel by channel."""
    path = tmp_path / "stack.tif"
    values = np.stack([intensities(np.uint16) + n for n in range(6)])
    with tifffile.TiffWriter(path) as writer:
        for image in values:
            writer.write(image, photometric="minisblack", metadata=None, **layout)
            writer.write(image[::2, ::2], photometric="minisblack", metadata=None, **layout)
    with FileSource(path) as source:
        found = read_tiff(source, place=path.name).directories
        pairs = [found[n : n + 2] for n in range(0, 12, 2)]
        levels = build_stacks(pairs, planes=3, paths=2, is_channel=True)
        assert [level.stack for level in levels] == [Stack(1, 16, 3, 2)] * 2
        for level, image in zip(levels, (values, values[:, ::2, ::2]), strict=True):
            tiles = ceil(level.columns / level.tile_columns) * ceil(level.rows / level.tile_rows)
            for number in range(6):
                assert np.array_equal(whole(level, number * tiles)[:, :, 0], image[number])
        assert levels[0].encoding.is_copied is ("tile" in layout)
        if "tile" in layout:
            frame = levels[0].frame(5 * 12 + 1)
            assert frame.body == values[5, :TILE, TILE : 2 * TILE].astype("<u2").tobytes()


def test_planes_of_different_sizes_are_refused(tmp_path):
    path = tmp_path / "odd.tif"
    with tifffile.TiffWriter(path) as writer:
        for side in (64, 80):
            writer.write(np.zeros((side, 64), np.uint8), photometric="minisblack", metadata=None)
    with FileSource(path) as source:
        pairs = [[each] for each in read_tiff(source, place=path.name).directories]
        with pytest.raises(SlideError, match="different sizes"):
            build_stacks(pairs, planes=1, paths=2, is_channel=True)


def test_planes_in_different_compressions_are_encoded_again(tmp_path):
    path = tmp_path / "odd.tif"
    with tifffile.TiffWriter(path) as writer:
        for compression in ("jpeg", None):
            writer.write(intensities(np.uint8), photometric="minisblack", metadata=None,
                         tile=(TILE, TILE), compression=compression)  # fmt: skip
    with FileSource(path) as source:
        pairs = [[each] for each in read_tiff(source, place=path.name).directories]
        (level,) = build_stacks(pairs, planes=1, paths=2, is_channel=True)
        assert not level.encoding.is_copied
        assert level.encoding.is_lossy
        assert "different ways" in level.encoding.reason


@pytest.mark.parametrize("layout", [{"tile": (TILE, TILE)}, {"rowsperstrip": 40}])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_two_threads_read_what_one_reads(tmp_path, layout, compression):
    path = tmp_path / "slide.tif"
    picture = pattern(1300, 1400)
    tifffile.imwrite(path, picture, photometric="rgb", compression=compression, **layout)
    with opened(path) as level:
        numbers = list(range(level.count))
        alone = [level.pixels(number) for number in numbers]
    with opened(path) as level:
        start = threading.Barrier(4)

        def read(turn):
            start.wait()
            order = numbers if turn % 2 else numbers[::-1]
            return {number: level.pixels(number) for number in order}

        with ThreadPoolExecutor(4) as pool:
            for seen in pool.map(read, range(4)):
                assert all(np.array_equal(seen[n], alone[n]) for n in numbers)


def test_a_strip_is_decoded_once_though_two_threads_ask(tmp_path, monkeypatch):
    path = tmp_path / "slide.tif"
    tifffile.imwrite(path, pattern(600, 600), photometric="rgb", compression="zlib",
                     rowsperstrip=600)  # fmt: skip
    with opened(path) as level:
        calls = []
        decode = type(level).decode

        def counted(self, *given, **more):
            calls.append(more["place"])
            return decode(self, *given, **more)

        monkeypatch.setattr(type(level), "decode", counted)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(level.pixels, [0, 0, 1, 1, 2, 3, 2, 3]))
    assert calls == ["slide.tif IFD 0 strip 0"]
