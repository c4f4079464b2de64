"""`bigpicture deidentify`: any DICOM set is judged, and the report to sign is written."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pydicom
import pytest
import zxingcpp

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.submission.convert import convert_slide
from made_glass import glass, svs
from places import shared
from preloaded import ran

SVS = "testdata/wsi_svs/openslide__small.svs"
THEIRS = "testdata/dicom_wsi/cmu-1-small-region"


def run(*words):
    return ran(*words)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    home = tmp_path_factory.mktemp("site")
    source = home / "Rabenhorst.svs"
    source.write_bytes(shared(SVS).read_bytes())
    told = run("convert", source, "--out", home / "out", "--key", home / "key")
    assert told.returncode == 0, told.stderr
    return home / "out"


def test_our_own_set_is_clean_and_its_report_is_written(converted):
    told = run("deidentify", "audit", converted)
    assert told.returncode == 0, told.stdout
    assert "Clean" in told.stdout
    told = run("deidentify", "review", converted)
    assert told.returncode == 0, told.stderr
    page = (converted / "deidentification.html").read_text()
    assert "Ten questions" in page
    assert "Rabenhorst" not in page
    assert json.loads((converted / "deidentification.json").read_text())["sound"]
    # What it wrote is no stranger in the set.
    assert run("deidentify", "audit", converted).returncode == 0


def test_another_programs_set_is_judged_by_the_same_rules():
    told = run("deidentify", "audit", shared(THEIRS), "--json")
    assert told.returncode == 1
    audit = json.loads(told.stdout)
    found = {each["place"].rpartition(" ")[2] for each in audit["found"]}
    assert {"StudyInstanceUID", "PatientIdentityRemoved", "BurnedInAnnotation"} <= found
    header = pydicom.dcmread(next(shared(THEIRS).glob("*.dcm")), stop_before_pixels=True)
    assert str(header.StudyInstanceUID) not in told.stdout


def test_a_report_in_dicom_and_a_foreign_file_are_told(converted, tmp_path):
    other = tmp_path / "set"
    other.mkdir()
    document = pydicom.Dataset()
    document.PatientName = "Rabenhorst^Erika"
    document.EncapsulatedDocument = b"%PDF-1.4"
    document.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    document.SOPInstanceUID = "2.25.1"
    document.file_meta = pydicom.dataset.FileMetaDataset()
    document.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    document.save_as(other / "document.dcm", enforce_file_format=True)
    (other / "list.csv").write_text("names")
    told = run("deidentify", "audit", other)
    assert told.returncode == 1
    assert "PatientName" in told.stdout
    assert "EncapsulatedDocument" in told.stdout
    assert "list.csv" in told.stdout
    assert "Rabenhorst" not in told.stdout + told.stderr


def test_a_code_among_the_pixels_is_told_and_not_repeated(tmp_path):
    """The picture of a label, in an instance whose header is clean."""
    source = svs(tmp_path / "slide.svs", glass())
    convert_slide(source, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)))
    dataset = pydicom.dcmread(tmp_path / "out/level-0.dcm")
    drawn = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode("S-2019-40871", zxingcpp.BarcodeFormat.QRCode), scale=4
    )
    code = np.asarray(drawn, np.uint8)[:, :, None]
    tile = np.full((int(dataset.Rows), int(dataset.Columns), 3), 255, np.uint8)
    tile[20 : 20 + code.shape[0], 20 : 20 + code.shape[1]] = code
    encoded = cv2.imencode(".jpg", tile)[1].tobytes()
    dataset.PixelData = pydicom.encaps.encapsulate([encoded] * int(dataset.NumberOfFrames))
    del dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(tmp_path / "code.dcm")
    told = run("deidentify", "audit", tmp_path / "code.dcm")
    assert told.returncode == 1
    assert "barcode of 12 characters" in told.stdout
    assert "40871" not in told.stdout


def test_an_empty_folder_says_what_to_do(tmp_path):
    told = run("deidentify", "audit", tmp_path)
    assert told.returncode == 1
    assert "no DICOM file" in told.stderr
