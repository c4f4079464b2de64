"""Truth says what the pixels show."""

import json

import cv2
import numpy as np

from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.identity import identity
from bigpicture.phantom.material import Material
from bigpicture.phantom.tissue import Tissue
from bigpicture.phantom.truth import COARSE, classes, nuclei, tissue_mask, write_truth


def tissue(**wanted):
    return Tissue(**{"seed": 3, "width": 2048, "height": 1500, "organ": "colon", **wanted})


def test_glass_is_bright_and_tissue_is_stained():
    slide = tissue()
    picture, mask = slide.block(0, 0).astype(int), tissue_mask(slide, 0, 0)
    kernel = np.ones((9, 9), np.uint8)
    outside = cv2.dilate(mask.astype(np.uint8), kernel) == 0
    assert (picture[outside].min(axis=1) > 225).all()
    stroma = np.isin(classes(slide, 0, 0), [Material.MUSCLE, Material.EPITHELIUM])
    assert np.median(picture[stroma].min(axis=1)) < 200
    assert ((classes(slide, 0, 0) != Material.GLASS) == mask).all()


def test_nuclei_are_dark_inside_their_outlines():
    slide = tissue()
    picture = slide.block(0, 0)[..., 0]
    found = nuclei(slide, 0, 0)
    assert len(found) > 300
    darker = 0
    for feature in found:
        ring = np.array(feature["geometry"]["coordinates"][0])
        assert np.array_equal(ring[0], ring[-1])
        x, _ = feature["properties"]["centre"]
        assert ring[:, 0].min() < x < ring[:, 0].max()
        mask = np.zeros(picture.shape, np.uint8)
        cv2.fillPoly(mask, [np.rint(ring - 0.5).astype(np.int32)], 1)
        if mask.any():
            darker += picture[mask > 0].mean() < 190
    assert darker > 0.98 * len(found)


def test_every_nucleus_belongs_to_one_block():
    slide = tissue()
    centres = [
        tuple(feature["properties"]["centre"])
        for column in (0, 1)
        for feature in nuclei(slide, column, 0)
    ]
    border = [x for x, _ in centres if abs(x - 1024) < 30]
    assert border
    repeated = len(centres) - len(set(centres))
    assert repeated < 3, "two nuclei may share a pixel, whole rows may not"


def test_what_is_written_covers_the_slide(tmp_path):
    slide = tissue(organ="breast", finding="carcinoma", kinds=(Kind.PEN,))
    who = identity(3)
    write_truth(tmp_path, slide, who)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["planted"]["family_name"] == who.family_name
    labels = cv2.imread(str(tmp_path / "classes.png"), cv2.IMREAD_UNCHANGED)
    assert labels.shape == (-(-1500 // COARSE), 2048 // COARSE)
    assert np.array_equal(labels[:64, :64], classes(slide, 0, 0)[8::16, 8::16])
    assert cv2.imread(str(tmp_path / "pen.png"), cv2.IMREAD_UNCHANGED).any()
    lesions = json.loads((tmp_path / "regions.geojson").read_text())["features"]
    assert lesions
    x, y = lesions[0]["geometry"]["coordinates"][0][0]
    assert 0 <= x <= 2048
    assert 0 <= y <= 1500
