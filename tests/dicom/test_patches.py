"""Patches show what OpenSlide shows, to the last bit, wherever they lie."""

from __future__ import annotations

import random

import numpy as np
import openslide
import pytest
import simplejpeg

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.patches import Patches
from bigpicture.dicom.tiles import open_pyramid, open_tiles
from bigpicture.model.errors import SlideError
from made_dicom import JPEG, header, save, stack, tiles, write
from places import shared
from published import BytesSource
from slide_making import convert_all, pattern, write_jpeg_tiff

SIDE = 64
NOISE = np.random.default_rng(3)
SAMPLINGS = ["420", "422", "440", "444"]
REAL = [
    "wsi_svs/libvips__CMU-1-Small-Region.svs",
    "dicom_wsi/cmu-1-small-region",
    "wsi_tiff/rationai__CMU-1-small.tiff",
]


def level(folder):
    return open_pyramid([(path.name, FileSource(path)) for path in sorted(folder.glob("*.dcm"))])[0]


def made(path, *, sampling="420", damage=lambda frames: frames, photometric="YBR_FULL_422"):
    """A level of 64-pixel tiles with much detail in its chroma, encoded by libjpeg-turbo."""
    smooth = pattern(300, 250).astype(int)
    noisy = np.clip(smooth + NOISE.integers(-60, 60, smooth.shape), 0, 255).astype(np.uint8)
    picture = noisy[None, None]
    told = header(picture, syntax=JPEG, name=path.name, side=SIDE)
    told.PhotometricInterpretation = photometric
    frames = [
        simplejpeg.encode_jpeg(tile, quality=80, colorsubsampling=sampling)
        for tile in tiles(picture, SIDE)
    ]
    return save(path, told, damage(frames))


def rectangles(level, count, seed=1):
    """On the grid, across it, along edges, larger than a tile, and of one pixel."""
    chance = random.Random(seed)
    across, down = level.tile_columns, level.tile_rows
    yield 0, 0, across, down
    yield 0, 0, 1, 1
    for _ in range(count):
        wide, high = chance.randint(1, 2 * across), chance.randint(1, 2 * down)
        wide, high = min(wide, level.columns), min(high, level.rows)
        yield (
            chance.randint(0, level.columns - wide),
            chance.randint(0, level.rows - high),
            wide,
            high,
        )


def seen_by_openslide(slide, x, y, width, height):
    return np.asarray(slide.read_region((x, y), 0, (width, height)))[..., :3]


@pytest.mark.parametrize("name", REAL)
def test_real_slides_are_seen_as_openslide_sees_them(name, tmp_path):
    source = shared(f"testdata/{name}")
    convert_all(source, tmp_path)
    tiled = level(tmp_path)
    patches = Patches(tiled)
    first = min(source.glob("level-0*.dcm")) if source.is_dir() else source
    with openslide.OpenSlide(first) as slide:
        for place in rectangles(tiled.level, 60):
            wanted = seen_by_openslide(slide, *place)
            assert np.array_equal(patches.read(*place), wanted), place


@pytest.mark.parametrize("photometric", ["ycbcr", "rgb"])
def test_made_slides_are_seen_as_openslide_sees_them(photometric, tmp_path):
    write_jpeg_tiff(tmp_path / "made.tif", photometric=photometric)
    convert_all(tmp_path / "made.tif", tmp_path / "out")
    tiled = level(tmp_path / "out")
    assert tiled.instance.photometric.startswith("RGB" if photometric == "rgb" else "YBR")
    patches = Patches(tiled)
    with openslide.OpenSlide(tmp_path / "out/level-0.dcm") as slide:
        for place in rectangles(tiled.level, 60):
            assert np.array_equal(patches.read(*place), seen_by_openslide(slide, *place)), place


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_every_height_of_every_chroma_is_that_of_the_whole_frame(sampling, tmp_path):
    tiled = open_tiles(FileSource(made(tmp_path / "a.dcm", sampling=sampling)))
    patches = Patches(tiled)
    whole = simplejpeg.decode_jpeg(tiled.frame(0, 1).rstrip(b"\0"), "RGB")
    for rows in range(1, SIDE + 1):
        assert np.array_equal(patches.read(0, SIDE, SIDE, rows), whole[:rows]), rows


def test_an_unmarked_stream_that_the_header_calls_rgb_is_rgb(tmp_path):
    tiled = open_tiles(FileSource(made(tmp_path / "a.dcm", sampling="444", photometric="RGB")))
    with openslide.OpenSlide(tmp_path / "a.dcm") as slide:
        for place in rectangles(tiled.level, 30):
            wanted = seen_by_openslide(slide, *place)
            assert np.array_equal(Patches(tiled).read(*place), wanted)


def test_outside_of_the_level_it_is_white(tmp_path):
    tiled = open_tiles(FileSource(made(tmp_path / "a.dcm")))
    patches, size = Patches(tiled), tiled.level
    assert (patches.read(-500, 10, 100, 100) == 255).all()
    for x, y in ((-30, -20), (size.columns - 30, size.rows - 20), (-30, size.rows - 20)):
        seen = patches.read(x, y, SIDE, SIDE)
        assert np.array_equal(seen, tiled.region(x, y, SIDE, SIDE))
        left, top = max(0, -x), max(0, -y)
        inside = seen[top : size.rows - y, left : size.columns - x]
        whole = patches.read(max(x, 0), max(y, 0), inside.shape[1], inside.shape[0])
        assert np.array_equal(inside, whole)
        assert (np.delete(seen, np.s_[top : size.rows - y], axis=0) == 255).all()


@pytest.mark.parametrize("bits", [8, 16])
def test_channels_are_read_the_slow_way(bits, tmp_path):
    path = write(tmp_path / "a.dcm", stack(paths=2, bits=bits))
    tiled = open_tiles(FileSource(path))
    for place in ((0, 0, 32, 32), (5, 9, 40, 33)):
        assert np.array_equal(Patches(tiled).read(*place), tiled.region(*place))


def test_frames_of_another_head_are_learned_again(tmp_path):
    """Every second frame was encoded with other tables."""

    def mixed(frames):
        others = [
            simplejpeg.encode_jpeg(
                simplejpeg.decode_jpeg(frame, "RGB"), quality=60, colorsubsampling="422"
            )
            for frame in frames
        ]
        return [pair[number % 2] for number, pair in enumerate(zip(frames, others, strict=True))]

    tiled = open_tiles(FileSource(made(tmp_path / "a.dcm", damage=mixed)))
    patches = Patches(tiled)
    for place in rectangles(tiled.level, 60):
        assert np.array_equal(patches.read(*place), tiled.region(*place))


def flipped(data, start, length, count):
    """The file with one bit of a frame changed, again and again."""
    chance = random.Random(5)
    for _ in range(count):
        place = start + chance.randrange(length)
        changed = bytes([data[place] ^ (1 << chance.randrange(8))])
        yield open_tiles(BytesSource(data[:place] + changed + data[place + 1 :]))


def read_or_refuse(read, *place):
    try:
        return read(*place)
    except SlideError:
        return None


def test_strictly_read_damage_is_told_wherever_a_whole_decoding_tells_it(tmp_path):
    data = made(tmp_path / "a.dcm").read_bytes()
    refused = []
    for broken in flipped(data, *open_tiles(BytesSource(data)).index.frame(0), 300):
        whole = read_or_refuse(broken.region, 0, 0, SIDE, 20)
        seen = read_or_refuse(Patches(broken, is_strict=True).read, 0, 0, SIDE, 20)
        refused.append(seen is None)
        assert (seen is None) is (whole is None)
        assert seen is None or np.array_equal(seen, whole)
    assert 30 < sum(refused) < 300  # JPEG bears no checksum: most of it nobody can tell


def test_what_a_whole_decoding_shows_of_a_damaged_frame_a_patch_shows_too(tmp_path):
    data = made(tmp_path / "a.dcm").read_bytes()
    refused = 0
    for broken in flipped(data, *open_tiles(BytesSource(data)).index.frame(0), 300):
        whole = read_or_refuse(broken.region, 0, 0, SIDE, 20)
        seen = read_or_refuse(Patches(broken).read, 0, 0, SIDE, 20)
        refused += seen is None
        assert whole is None or np.array_equal(seen, whole)
    assert refused > 10  # of a head, and of rows that were wanted


@pytest.mark.parametrize("length", [2, 300, 900])
def test_a_cut_frame_is_told(tmp_path, length):
    def cut(frames):
        return [frames[0][:length], *frames[1:]]

    tiled = open_tiles(FileSource(made(tmp_path / "a.dcm", damage=cut)))
    for height in (SIDE, 40):
        with pytest.raises(SlideError, match="damaged"):
            Patches(tiled).read(0, 0, SIDE, height)
