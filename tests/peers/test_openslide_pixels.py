"""Slides of every format and real ones, converted: what OpenSlide sees of them."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import openslide
import pytest
import tifffile

from places import shared
from slide_making import convert_all
from slides_of_every_format import EVERY_CASE

COPIED = [
    "wsi_svs/libvips__CMU-1-Small-Region.svs",
    "wsi_svs/openslide__small.svs",
    "dicom_wsi/cmu-1-small-region",
    "wsi_tiff/rationai__CMU-1-small.tiff",
    "dicom_wsi/googlecloudplatform__multi_frame_jpeg_camelyon_challenge_image.dcm",
    "dicom_wsi/imagingdatacommons__sm_image.dcm",
    "dicom_wsi/googlecloudplatform__test_raw_dicom.dcm",
    "dicom_wsi/googlecloudplatform__test_jpeg_dicom.dcm",
    "dicom_wsi/openslide__boxes_0.dcm",
]
LOSSLESS = ["wsi_tiff/openslide__boxes.tiff", "wsi_tiff/dana-farber-aios__small_HE_levels.tiff"]


def _file(path):
    return min(path.glob("level-0*.dcm")) if path.is_dir() else path


def _region(slide, level, x, y, width, height) -> np.ndarray:
    scale = slide.level_downsamples[level]
    at = (round(x * scale), round(y * scale))
    return np.asarray(slide.read_region(at, level, (width, height)))


@pytest.mark.parametrize("name", [*COPIED, *LOSSLESS])
def test_levels_and_regions_are_those_of_the_source(name, tmp_path):
    source = shared(f"testdata/{name}")
    conversion = convert_all(source, tmp_path / "out")
    with (
        openslide.OpenSlide(_file(source)) as before,
        openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as after,
    ):
        stored = after.level_dimensions[: before.level_count]
        assert stored == before.level_dimensions
        assert float(after.properties["openslide.mpp-x"]) == pytest.approx(
            float(before.properties["openslide.mpp-x"]), rel=1e-6
        )
        for level, (columns, rows) in enumerate(before.level_dimensions):
            if level > 3:
                break
            for x, y in ((0, 0), (columns // 2, rows // 2), (columns - 200, rows - 150)):
                x, y = max(0, x), max(0, y)
                width, height = min(300, columns - x), min(300, rows - y)
                wanted = _region(before, level, x, y, width, height)[..., :3]
                assert np.array_equal(_region(after, level, x, y, width, height)[..., :3], wanted)
    assert (conversion.frames_copied > 0) is (name in COPIED)


@pytest.mark.parametrize("name", [*COPIED, *LOSSLESS])
def test_the_published_reference_region(name, tmp_path):
    expected = json.loads(shared("testdata/EXPECTED_OPENSLIDE.dev.json").read_text())
    source = shared(f"testdata/{name}")
    key = f"{name}/{_file(source).name}" if source.is_dir() else name
    convert_all(source, tmp_path / "out")
    wanted = expected[key]["centre_region"]
    with openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as after:
        region = after.read_region(
            (wanted["x"], wanted["y"]), wanted["level"], (wanted["w"], wanted["h"])
        )
    assert hashlib.sha256(region.tobytes()).hexdigest() == wanted["rgba_sha256"]


@pytest.mark.parametrize(
    "name", ["wsi_tiff/cytomine__test-image.tiff", "wsi_tiff/histolab__kidney-48-5.tif"]
)
def test_a_plain_image_in_strips_is_tiled_without_loss(name, tmp_path):
    source = shared(f"testdata/{name}")
    conversion = convert_all(source, tmp_path / "out", mpp=0.5)
    with openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as after:
        stored = np.asarray(after.read_region((0, 0), 0, after.dimensions))[..., :3]
    assert np.array_equal(stored, tifffile.imread(source)[..., :3])
    assert conversion.frames_copied == 0
    assert "strips" in conversion.remarks[0]


@pytest.mark.parametrize("name", ["OS-1-detail.ome.tif", "OS-2-ndpi.ome.tif"])
def test_ome_tiff_frames_are_copied(name, tmp_path):
    source = shared(f"testdata/wsi_ometiff/petebankhead__{name}")
    conversion = convert_all(source, tmp_path / "out")
    with openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as after:
        stored = np.asarray(after.read_region((0, 0), 0, after.dimensions))[..., :3].astype(int)
    # tifffile's decoder is another build of libjpeg-turbo: equal but for rounding.
    assert np.abs(stored - tifffile.imread(source).astype(int)).max() <= 1
    assert conversion.instances[0].frames_encoded == 0


def test_missing_levels_are_made_where_there_is_one_large_one(tmp_path):
    source = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs")
    conversion = convert_all(source, tmp_path / "out")
    with (
        openslide.OpenSlide(source) as before,
        openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as after,
    ):
        assert after.level_dimensions == ((2220, 2967), (1110, 1483), (555, 741))
        half = np.asarray(before.read_region((480, 480), 0, (800, 800)).convert("RGB"))
        wanted = half.reshape(400, 2, 400, 2, 3).mean((1, 3))
        made = _region(after, 1, 240, 240, 400, 400)[..., :3]
        # JPEG of quality 90 changes some; a shift by one pixel would change several times as much.
        shifted = np.abs(made[:, 1:] - wanted[:, :-1]).mean()
        assert np.abs(made - wanted).mean() < shifted / 3
    assert [each.frames_copied > 0 for each in conversion.instances] == [True, False, False]


@EVERY_CASE
def test_every_format_opens_or_is_refused_as_the_docs_say(case, converted):
    """Of several optical paths it shows the first; intensities and focal planes it refuses."""
    slide = converted(case)
    if not case.is_read_by_openslide:
        with pytest.raises(openslide.OpenSlideError, match=_why_not(case)):
            openslide.OpenSlide(slide.finest)
        return
    with openslide.OpenSlide(slide.finest) as shown:
        levels = [(each.level.columns, each.level.rows) for each in slide.conversion.instances]
        assert list(shown.level_dimensions) == levels
        for level, (columns, rows) in enumerate(levels):
            wide, high = min(600, columns), min(600, rows)
            seen = _region(shown, level, 0, 0, wide, high)
            assert (seen[..., 3] == 255).all()
            wanted = slide.region(level, 0, 0, 0, wide, high)
            assert np.array_equal(seen[..., :3], wanted)


def _why_not(case) -> str:
    if not case.is_colour:
        return "PlanarConfiguration"
    return "FocalPlanes" if case.stack.planes > 1 else "Unsupported transfer syntax"
