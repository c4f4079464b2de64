"""Converted slides open in wsidicom, which shows the same pixels as OpenSlide does."""

from __future__ import annotations

import numpy as np
import openslide
import pytest
from wsidicom import WsiDicom

from places import shared
from slide_making import convert_all
from slides_of_every_format import EVERY_CASE, JPEG


@pytest.mark.parametrize(
    "name",
    [
        "wsi_svs/libvips__CMU-1-Small-Region.svs",
        "wsi_tiff/rationai__CMU-1-small.tiff",
        "wsi_tiff/openslide__boxes.tiff",
        "dicom_wsi/cmu-1-small-region",
    ],
)
def test_wsidicom_opens_it_and_sees_the_same(name, tmp_path):
    convert_all(shared(f"testdata/{name}"), tmp_path / "out")
    with (
        WsiDicom.open(tmp_path / "out") as slide,
        openslide.OpenSlide(tmp_path / "out" / "level-0.dcm") as peer,
    ):
        # wsidicom leaves out levels whose tiles are of another size.
        assert 1 < len(slide.levels) <= peer.level_count
        base = slide.levels[0]
        assert (base.size.width, base.size.height) == peer.dimensions
        at = (base.size.width // 3, base.size.height // 3)
        size = (min(200, base.size.width - at[0]), min(200, base.size.height - at[1]))
        seen = np.asarray(slide.read_region(at, 0, size).convert("RGB")).astype(int)
        wanted = np.asarray(peer.read_region(at, 0, size).convert("RGB")).astype(int)
        assert np.abs(seen - wanted).max() <= 1
        assert base.mpp.width == pytest.approx(float(peer.properties["openslide.mpp-x"]))


def test_wsidicom_reads_the_metadata(tmp_path):
    convert_all(shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs"), tmp_path / "out")
    with WsiDicom.open(tmp_path / "out") as slide:
        metadata = slide.metadata
        assert metadata.patient.identifier == "PSEUDONYM1"
        assert metadata.slide.identifier == "SLIDE1"
        assert slide.labels is None or len(list(slide.labels)) == 0


@EVERY_CASE
def test_every_format_and_layer(case, converted):
    slide = converted(case)
    stack = case.stack
    with WsiDicom.open(slide.folder) as shown:
        base = shown.levels[0]
        level = slide.conversion.instances[0].level
        assert (base.size.width, base.size.height) == (level.columns, level.rows)
        planes, paths = sorted(base.focal_planes), base.optical_paths
        assert (len(planes), sorted(paths)) == (stack.planes, [str(n) for n in range(stack.paths)])
        size = (min(300, level.columns), min(300, level.rows))
        for path in range(stack.paths):
            for plane, z in enumerate(planes):
                image = shown.read_region((0, 0), 0, size, z=z, path=str(path))
                seen = np.asarray(image)
                wanted = slide.region(0, path * stack.planes + plane, 0, 0, *size)
                difference = np.abs(seen.reshape(wanted.shape).astype(int) - wanted)
                # Another decoder of the same coefficients rounds otherwise.
                assert difference.max() <= (2 if case.syntax == JPEG else 0)
