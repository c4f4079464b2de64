"""`dciodvfy` reports no error of a converted slide that the docs do not name."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from bigpicture.model.code import Code
from places import REPOSITORY, shared
from slide_making import convert_all, write_jpeg_tiff
from slides_of_every_format import CASES, EVERY_CASE

PROGRAM = shutil.which("dciodvfy")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="needs dciodvfy (Debian package dicom3tools), which is not installed"
)


def _errors(path) -> set[str]:
    done = subprocess.run([PROGRAM, path], capture_output=True, text=True, check=False)
    output = (done.stdout + done.stderr).splitlines()
    assert any("VLWholeSlideMicroscopyImage" in line for line in output), output
    return {line.strip() for line in output if re.search(r"\bError\b", line)}


def _named(syntax: str) -> set[str]:
    """Errors that the docs explain, of every slide or of those in one transfer syntax."""
    text = (REPOSITORY / "docs" / "dciodvfy.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(Error[^`]*)` \| (?:`([\d.]+)`|all) \|", text, re.MULTILINE)
    return {error for error, only in rows if only in {"", syntax}}


@EVERY_CASE
def test_every_format(case, converted):
    for instance in converted(case).conversion.instances:
        assert _errors(instance.path) - _named(instance.transfer_syntax) == set()


def test_every_error_that_the_docs_explain_is_reported(converted):
    """Else the explanation could go."""
    for case in CASES:
        if named := _named(case.syntax):
            assert _errors(converted(case).finest) == named


@pytest.mark.parametrize(
    "name",
    [
        "wsi_svs/libvips__CMU-1-Small-Region.svs",
        "wsi_tiff/rationai__CMU-1-small.tiff",
        "wsi_tiff/openslide__boxes.tiff",
        "wsi_ometiff/petebankhead__OS-1-detail.ome.tif",
        "dicom_wsi/googlecloudplatform__multi_frame_jpeg_camelyon_challenge_image.dcm",
        "dicom_wsi/imagingdatacommons__sm_image.dcm",
    ],
)
def test_real_slides(name, tmp_path):
    for instance in convert_all(shared(f"testdata/{name}"), tmp_path / "out").instances:
        assert _errors(instance.path) - _named(instance.transfer_syntax) == set()


def test_animals_and_ycbcr(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif")
    rat = Code("371564000", "SNOMED CT", "Rattus norvegicus")
    conversion = convert_all(tmp_path / "slide.tif", tmp_path / "out", species=rat, sex="F")
    (instance,) = conversion.instances
    assert _errors(instance.path) - _named(instance.transfer_syntax) == set()
