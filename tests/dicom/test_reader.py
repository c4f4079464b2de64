"""A reader shows what OpenSlide shows where pixels are stored, and the mean of them elsewhere."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import openslide
import pytest
import tifffile

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.reader import ArraySlide, Cover, open_reader, reader_of
from bigpicture.dicom.tiles import open_pyramid
from bigpicture.model.errors import InputError, SlideError
from places import shared
from slide_making import convert_all, pattern, write_jpeg_tiff

REAL = [
    "wsi_svs/libvips__CMU-1-Small-Region.svs",
    "dicom_wsi/cmu-1-small-region",
    "wsi_tiff/rationai__CMU-1-small.tiff",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A TIFF of half a micrometre a pixel, and the same as DICOM."""
    folder = tmp_path_factory.mktemp("reader")
    write_jpeg_tiff(folder / "made.tif")
    convert_all(folder / "made.tif", folder / "out")
    return folder


def seen_by_openslide(slide, x, y, width, height):
    seen = np.asarray(slide.read_region((x, y), 0, (width, height)))
    return np.where(seen[..., 3:] == 0, 255, seen[..., :3])


def compare(reader, slide, count=25):
    chance = random.Random(4)
    columns, rows = slide.dimensions
    tile = reader.levels[0].tile_columns, reader.levels[0].tile_rows
    boxes = [(0, 0, *tile)]
    for _ in range(count):
        wide, high = chance.randint(1, min(700, columns)), chance.randint(1, min(700, rows))
        boxes.append(
            (chance.randint(0, columns - wide), chance.randint(0, rows - high), wide, high)
        )
    for box in boxes:
        assert np.array_equal(reader.region(*box), seen_by_openslide(slide, *box)), box


@pytest.mark.parametrize("name", REAL)
def test_real_slides_are_seen_as_openslide_sees_them(name):
    path = shared(f"testdata/{name}")
    first = min(path.glob("level-0*.dcm")) if path.is_dir() else path
    with openslide.OpenSlide(first) as slide, open_reader(path) as reader:
        assert (reader.width, reader.height) == slide.dimensions
        compare(reader, slide)


@pytest.mark.parametrize("form", ["made.tif", "out", "out/level-0.dcm"])
def test_made_slides_are_seen_as_openslide_sees_them(made, form):
    first = made / form if not (made / form).is_dir() else made / form / "level-0.dcm"
    with openslide.OpenSlide(first) as slide, open_reader(made / form) as reader:
        assert reader.mpp == pytest.approx((0.5, 0.5))
        compare(reader, slide)


def test_stored_instances_are_read_as_their_folder_is(made):
    files = [(path.name, FileSource(path)) for path in sorted((made / "out").glob("*.dcm"))]
    with open_reader(made / "out") as reader:
        stored = reader_of(open_pyramid(files))
        assert stored.levels == reader.levels
        assert np.array_equal(stored.region(5, 9, 200, 150), reader.region(5, 9, 200, 150))


def test_beyond_the_slide_it_is_white(made):
    with open_reader(made / "out") as reader:
        seen = reader.region(-10, -20, 50, 60)
        assert (seen[:20] == 255).all()
        assert (seen[:, :10] == 255).all()
        assert np.array_equal(seen[20:, 10:], reader.region(0, 0, 40, 40))


def test_a_pixel_at_a_scale_is_the_mean_of_what_lies_under_it():
    picture = pattern(60, 80)
    slide = ArraySlide(picture, 0.25)
    half = slide.at_mpp(8, 4, mpp=0.5, size=(20, 10))
    means = picture[4:24, 8:48].reshape(10, 2, 20, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(half - means).max() <= 0.5


def test_a_scale_that_is_no_whole_number_is_still_exact():
    """A ramp across of 3 grey values a pixel: at 0.8 µm a pixel of 0.5 µm it rises by 4.8."""
    ramp = np.repeat((np.arange(80) * 3).astype(np.uint8)[None, :, None], 40, axis=0)
    slide = ArraySlide(np.repeat(ramp, 3, axis=2), (0.5, 0.5))
    seen = slide.at_mpp(0, 0, mpp=0.8, size=(7, 5))[0, :, 0].astype(int)
    # the mean of pixel numbers over [1.6 n, 1.6 (n + 1)), each pixel constant over its width
    edges = np.arange(8) * 1.6
    sums = [sum(3 * k * max(0, min(b, k + 1) - max(a, k)) for k in range(80)) / 1.6
            for a, b in pairwise(edges)]  # fmt: skip
    assert np.abs(seen - np.array(sums)).max() <= 0.5


def test_the_whole_slide_is_rounded_up_and_its_size_is_that_of_the_scale():
    slide = ArraySlide(np.zeros((101, 201, 3), np.uint8), 1.0)
    overview = slide.overview(10.0)
    assert overview.shape == (11, 21, 3)
    assert (overview[:10, :20] == 0).all()
    # 1 of 10 pixels is slide, the rest background: 0.9 × 255
    assert np.abs(overview[0, 20].astype(int) - round(0.9 * 255)).max() <= 1


def test_the_coarsest_level_that_is_fine_enough_is_read(tmp_path):
    """The second level holds other pixels than the first, so that one sees which was read."""
    with tifffile.TiffWriter(tmp_path / "two.tif") as tiff:
        for side, shade in ((512, 40), (128, 200)):
            data = np.full((side, side, 3), shade, np.uint8)
            tiff.write(data, tile=(64, 64), resolution=(20000, 20000), resolutionunit="CENTIMETER")
    with open_reader(tmp_path / "two.tif") as reader:
        assert [level.mpp_x for level in reader.levels] == pytest.approx([0.5, 2.0])
        for mpp, shade in ((0.5, 40), (1.9, 40), (2.0, 200), (5.0, 200)):
            assert (reader.at_mpp(0, 0, mpp=mpp, size=(20, 20)) == shade).all(), mpp
        assert (reader.region(0, 0, 512, 512, size=(128, 128)) == 200).all()


def test_large_regions_come_in_blocks_without_seams():
    picture = pattern(60, 9000)
    slide = ArraySlide(picture, 1.0)
    small = slide.overview(3.0)
    assert small.shape == (20, 3000, 3)
    means = picture.reshape(20, 3, 3000, 3, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 0.5


def test_tiles_cover_the_slide_in_order_and_a_mask_chooses():
    slide = ArraySlide(pattern(100, 150), 0.5)
    found = list(slide.tiles(mpp=1.0, size=25))
    assert [(x, y) for x, y, _ in found] == [(x, y) for y in (0, 50) for x in (0, 50, 100)]
    assert np.array_equal(found[1][2], slide.at_mpp(50, 0, mpp=1.0, size=(25, 25)))
    mask = np.array([[0, 1, 0], [0, 0, 1]])
    assert [(x, y) for x, y, _ in slide.tiles(mpp=1.0, size=25, mask=mask)] == [(50, 0), (100, 50)]
    steps = [x for x, y, _ in slide.tiles(mpp=1.0, size=25, step=15) if y == 0]
    assert steps == [0, 30, 60, 90, 120]


def test_cover_is_counted_by_hand():
    cover = Cover(np.array([[1, 1, 0, 0], [1, 0, 0, 0]]), 40, 20)
    assert cover.of(0, 0, 20, 20) == 0.75
    assert cover.of(20, 0, 20, 20) == 0
    assert cover.of(10, 0, 20, 10) == 0.5
    assert cover.of(-20, 0, 40, 20) == 0.375


def test_a_slide_without_a_scale_says_so():
    slide = ArraySlide(pattern(20, 20), None)
    assert slide.mpp is None
    assert slide.region(0, 0, 5, 5).shape == (5, 5, 3)
    with pytest.raises(SlideError, match="how large its pixels are"):
        slide.at_mpp(0, 0, mpp=0.5, size=(5, 5))
    with pytest.raises(SlideError):
        slide.overview()


def test_what_is_empty_is_refused():
    slide = ArraySlide(pattern(20, 20), 1.0)
    with pytest.raises(InputError, match="empty"):
        slide.region(0, 0, 0, 5)
    with pytest.raises(InputError, match="greater than zero"):
        slide.at_mpp(0, 0, mpp=0, size=(5, 5))
    with pytest.raises(InputError, match="one pixel"):
        list(slide.tiles(mpp=1.0, size=0))
