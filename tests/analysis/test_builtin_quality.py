"""The shipped algorithms of quality: on a slide in memory, and behind the walls of the sandbox."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.analysis.builtin import fingerprint, focus, pen, quality, stain, tissue
from bigpicture.analysis.check_values import check_values
from bigpicture.analysis.execute import execute
from bigpicture.analysis.focus import BLURRED
from bigpicture.analysis.shipped import shipped
from bigpicture.dicom.reader import ArraySlide
from bigpicture.model.algorithm import Algorithm
from bigpicture.model.errors import AlgorithmError, FailureReason
from bigpicture.phantom.slides import write_tiff
from bigpicture.phantom.tissue import Tissue
from bigpicture.phantom.truth import tissue_mask

ORDER = (tissue, pen, focus, stain, fingerprint, quality)


@pytest.fixture(scope="module")
def invented():
    return Tissue(seed=3, width=2048, height=2048, mpp=1.0, organ="colon")


@pytest.fixture(scope="module")
def picture(invented):
    return invented.region(0, 0, 2048, 2048)


def results(slide, modules=ORDER, **parameters):
    """The values of each, in order, given to those that need them."""
    found = {}
    for module in modules:
        manifest: Algorithm = module.MANIFEST
        inputs = {each.name: found[each.algorithm] for each in manifest.needs}
        asked = manifest.defaults() | parameters.get(manifest.id.removeprefix("core."), {})
        values = module.run(slide, inputs=inputs, parameters=asked, weights=None)
        check_values(manifest, values, (slide.width, slide.height))
        found[manifest.id] = values
    return found


@pytest.fixture(scope="module")
def found(picture):
    fine = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    fine = cv2.GaussianBlur(fine, (0, 0), 2)
    return results(ArraySlide(fine, 0.5), focus={"step": 256})


def test_they_are_all_shipped():
    told = {each.algorithm.id for each in shipped()}
    assert {module.MANIFEST.id for module in ORDER} <= told
    assert all(each.algorithm.description for each in shipped())


def test_tissue_is_where_it_was_painted(found, invented):
    """Two by two blocks of 1024 px at 1 um: a pixel of the mask is ten of them, or twenty."""
    painted = np.block(
        [[tissue_mask(invented, column, row) for column in (0, 1)] for row in (0, 1)]
    )
    mask = found["core.tissue"]["tissue"]
    assert mask.scale == pytest.approx(20)
    whole = cv2.resize(mask.pixels, (2050, 2050), interpolation=cv2.INTER_NEAREST)[:2048, :2048]
    overlap = np.count_nonzero(painted & (whole > 0))
    assert 2 * overlap / (painted.sum() + whole.sum()) > 0.95
    assert found["core.tissue"]["tissue_mm2"].value == pytest.approx(painted.sum() * 1e-6, rel=0.1)


def test_a_facet_for_each_question(found):
    assert found["core.pen"]["pen_fraction"].value == 0
    assert found["core.stain"]["stain"].value == "H&E"
    assert 0 < found["core.focus"]["focus_p10"].value < BLURRED
    assert found["core.focus"]["blurred_fraction"].value > 0.9
    assert len(found["core.fingerprint"]["fingerprint"].value) == 16
    assert found["core.quality"]["blur_part"].value > 0.8
    assert found["core.quality"]["quality"].value < 0.2


def test_focus_is_mapped_over_the_tissue(found):
    heatmap = found["core.focus"]["focus"]
    assert heatmap.scale == 512
    assert heatmap.pixels.shape == (8, 8)
    assert np.isnan(heatmap.pixels[0, 0])
    assert not np.isnan(heatmap.pixels[3:5, 3:5]).any()


def test_empty_glass_has_no_tissue_and_nothing_else():
    glass = ArraySlide(np.full((600, 600, 3), 240, np.uint8), 0.5)
    values = results(glass, (tissue, pen))
    assert values["core.tissue"]["tissue_mm2"].value == 0
    for module in (focus, stain, fingerprint):
        with pytest.raises(AlgorithmError) as refused:
            module.run(
                glass,
                inputs={"tissue": values["core.tissue"]},
                parameters=module.MANIFEST.defaults(),
                weights=None,
            )
        assert refused.value.reason is FailureReason.EMPTY_GLASS


def test_the_same_behind_walls(tmp_path):
    slide = tmp_path / "slide.tiff"
    write_tiff(slide, Tissue(seed=4, width=1024, height=1024, mpp=1.0, organ="colon"))
    first = execute(tissue.MANIFEST, slide).values
    for module in (pen, stain, fingerprint):
        inputs = {each.name: first for each in module.MANIFEST.needs}
        assert execute(module.MANIFEST, slide, inputs=inputs).values
    with pytest.raises(AlgorithmError) as refused:
        execute(focus.MANIFEST, slide, inputs={"tissue": first})
    assert refused.value.reason is FailureReason.WRONG_MPP
