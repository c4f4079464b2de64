"""Real slides go the whole way, and what is served has the pixels that OpenSlide reads."""

from __future__ import annotations

from io import BytesIO

import httpx
import numpy as np
import openslide
import pydicom
import pytest
import tifffile
from PIL import Image

from places import shared
from small_dataset import write_dataset

SLIDES = {
    "svs": "testdata/wsi_svs/libvips__CMU-1-Small-Region.svs",
    "pyramid": "testdata/wsi_tiff/rationai__CMU-1-small.tiff",
    "boxes": "testdata/wsi_tiff/openslide__boxes.tiff",
    "ome": "testdata/wsi_ometiff/petebankhead__OS-1-detail.ome.tif",
    "dicom": "testdata/dicom_wsi/cmu-1-small-region",
}


def by_openslide(path, level=0):
    """Level pixels (h, w, 3) as OpenSlide composes them on white; OME-TIFF by tifffile."""
    source = min(path.glob("*.dcm")) if path.is_dir() else path
    try:
        with openslide.OpenSlide(source) as slide:
            size = slide.level_dimensions[level]
            picture = slide.read_region((0, 0), level, size)
    except openslide.OpenSlideError:
        return tifffile.imread(path, series=0, level=level)[..., :3]
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture).convert("RGB"))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=[] if each in ("svs", "dicom") else [pytest.mark.long])
        for each in SLIDES
    ],
)
def test_a_real_slide_from_disk_to_screen(name, node, tmp_path):
    source = shared(SLIDES[name])
    folder = write_dataset(tmp_path, slide=source)
    node.submit(folder, tmp_path / "site")
    with httpx.Client(base_url=node.address, timeout=60) as visitor:
        (card,) = visitor.get("/api/v1/datasets").json()["items"]
        (image,) = visitor.get(f"/api/v1/datasets/{card['accession']}/images").json()["items"]
        image = visitor.get(f"/api/v1/images/{image['accession']}").json()
        base = image["levels"][0]
        truth = by_openslide(source)
        assert (base["rows"], base["columns"]) == truth.shape[:2]
        width, height = base["tile_columns"], base["tile_rows"]
        across, down = -(-base["columns"] // width), -(-base["rows"] // height)
        for column, row in {(0, 0), (across // 2, down // 2), (across - 1, down - 1)}:
            answer = visitor.get(image["tiles"].format(level=0, column=column, row=row))
            assert answer.status_code == 200, answer.text
            tile = np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"), np.int16)
            assert tile.shape == (height, width, 3)
            there = truth[row * height : (row + 1) * height, column * width : (column + 1) * width]
            seen = tile[: there.shape[0], : there.shape[1]]
            difference = np.abs(seen - there.astype(np.int16))
            if (
                answer.headers["content-type"] == "image/jpeg"
                and base["media_type"] == "image/jpeg"
            ):
                # the stored frame: only the rounding of two decoders, at the edges of chroma
                assert np.quantile(difference, 0.99) <= 3
            else:
                # not for browsers as stored, sent as JPEG of quality 95
                assert np.quantile(difference, 0.99) <= 16


def test_what_was_converted_opens_in_openslide(tmp_path, node):
    source = shared(SLIDES["svs"])
    folder = write_dataset(tmp_path, slide=source)
    node.submit(folder, tmp_path / "site")
    made = sorted((tmp_path / "site" / folder.name).rglob("level-0.dcm"))
    with openslide.OpenSlide(made[0]) as slide:
        assert slide.properties["openslide.vendor"] == "dicom"
        shown = np.asarray(slide.read_region((700, 900), 0, (256, 256)).convert("RGB"))
    with openslide.OpenSlide(source) as slide:
        there = np.asarray(slide.read_region((700, 900), 0, (256, 256)).convert("RGB"))
    np.testing.assert_array_equal(shown, there)
    assert pydicom.dcmread(made[0], stop_before_pixels=True).PatientIdentityRemoved == "YES"
