"""Results as DICOM, judged and read by programs that no one here wrote."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from bigpicture.analysis.encode import encode
from bigpicture.analysis.values import Geometry
from places import REPOSITORY
from results_made import FRAME, LONG, MAKER, VALUES, geometry, heatmap, mask, measurements

DCIODVFY, DSRDUMP = shutil.which("dciodvfy"), shutil.which("dsrdump")
OBJECTS = {
    "mask": ("Segmentation", "segmentation"),
    "heatmap": ("ParametricMap", "parametric map"),
    "geometry": ("MicroscopyBulkSimpleAnnotations", "bulk annotations"),
    "none": ("MicroscopyBulkSimpleAnnotations", "bulk annotations of nothing"),
    "measurements": ("Comprehensive3DSR", "report"),
    "word": ("Comprehensive3DSR", "report"),
    "nothing": ("Comprehensive3DSR", "report"),
}


def written(name: str) -> bytes:
    value = Geometry(()) if name == "none" else VALUES[name]
    return encode(value, frame=FRAME, name=name, maker=MAKER).data


@pytest.mark.skipif(DCIODVFY is None, reason="needs dciodvfy (Debian package dicom3tools)")
@pytest.mark.parametrize("name", OBJECTS)
def test_dciodvfy_reports_what_the_docs_explain(name, tmp_path):
    path = tmp_path / "object.dcm"
    path.write_bytes(written(name))
    if name == "heatmap":  # deflated, which the program does not read
        dataset = pydicom.dcmread(path)
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.save_as(path)
    done = subprocess.run([DCIODVFY, path], capture_output=True, text=True, check=False)
    output = (done.stdout + done.stderr).splitlines()
    kind, title = OBJECTS[name]
    assert kind in output
    errors = {line.strip() for line in output if re.search(r"\bError\b", line)}
    text = (REPOSITORY / "docs" / "dciodvfy.md").read_text(encoding="utf-8")
    assert errors == set(re.findall(rf"^\| {title} \| `(Error[^`]*)` \|", text, re.MULTILINE))


def test_highdicom_reads_the_mask():
    read = highdicom.seg.segread(BytesIO(written("mask")))
    pixels = read.get_total_pixel_matrix(combine_segments=True)
    assert np.array_equal(pixels, mask().pixels)
    assert [read.get_segment_description(n).segment_label for n in (1, 2, 3)] == [
        "tissue",
        LONG[:64],
        "pen",
    ]
    assert read.get_source_image_uids() == [(FRAME.study_uid, FRAME.series_uid, FRAME.instance_uid)]


def test_highdicom_reads_the_heatmap():
    read = highdicom.pm.ParametricMap.from_file(BytesIO(written("heatmap")))
    pixels = read.get_total_pixel_matrix(apply_real_world_transform=True)
    assert np.array_equal(pixels.astype(np.float32), heatmap().pixels, equal_nan=True)


def test_highdicom_reads_the_shapes():
    read = highdicom.ann.annread(BytesIO(written("geometry")))
    groups = {group.label: group for group in read.get_annotation_groups()}
    assert list(groups) == ["nucleus", "field", "gland", "unlabelled"]
    nuclei = [shape for shape in geometry().shapes if shape.label == "nucleus"]
    found = groups["nucleus"].get_graphic_data("2D")
    assert np.array_equal(np.concatenate(found), [shape.coordinates[0] for shape in nuclei])
    names, scores, units = groups["nucleus"].get_measurements()
    assert names[0].meaning == "score"
    assert units[0].value == "1"
    assert [None if np.isnan(one) else one for one in scores[:, 0]] == [
        shape.score for shape in nuclei
    ]
    (box,) = groups["field"].get_graphic_data("2D")
    assert np.array_equal(box, [[10, 20], [110.25, 20], [110.25, 220], [10, 220]])
    (polygon,) = groups["unlabelled"].get_graphic_data("2D")
    assert np.array_equal(polygon, geometry().shapes[-1].coordinates)


def test_highdicom_reads_the_measurements():
    read = highdicom.sr.srread(BytesIO(written("measurements")))
    (group,) = read.content.get_image_measurement_groups()
    found = [(one.name.meaning, one.value, one.unit.value) for one in group.get_measurements()]
    known = [one for one in measurements().values if one.value is not None]
    assert found == [(one.name, pytest.approx(one.value, rel=1e-13), one.unit) for one in known]
    assert group.tracking_identifier == "measurements"


@pytest.mark.skipif(DSRDUMP is None, reason="needs dsrdump (Debian package dcmtk)")
def test_dcmtk_reads_the_report(tmp_path):
    (tmp_path / "report.dcm").write_bytes(written("measurements"))
    done = subprocess.run(
        [DSRDUMP, tmp_path / "report.dcm"], capture_output=True, text=True, check=True
    )
    assert '<contains NUM:(,,"nuclei")="3.0" (1,UCUM,"1")>' in done.stdout
    assert '"mitoses")=(114007,DCM,"Measurement not attempted")' in done.stdout
