"""What kind a value is said to be in a report."""

from __future__ import annotations

import pytest

from bigpicture.deidentify.masking import Kind, kind_of


@pytest.mark.parametrize(
    ("source", "text", "kind"),
    [
        ("DICOM.PatientName", "Mustermann^Erika", Kind.NAME),
        ("DICOM.PatientBirthDate", "19310506", Kind.DATE),
        ("Aperio.Date", "12/29/09", Kind.DATE),
        ("Aperio.Title", "S19-12345 Muster", Kind.FILE_NAME),
        ("the name of the file", "S19-12345", Kind.FILE_NAME),
        ("a barcode", "S19-12345", Kind.BARCODE),
        ("DICOM.StudyInstanceUID", "1.2.3", Kind.UID),
        ("DICOM.DeviceSerialNumber", "SS7001", Kind.DEVICE),
        ("Aperio.ScanScope ID", "SS7001", Kind.DEVICE),
        ("DICOM.PatientID", "4711", Kind.IDENTIFIER),
        ("DICOM.AccessionNumber", "S19-12345", Kind.IDENTIFIER),
        ("Aperio.ImageID", "1004486", Kind.IDENTIFIER),
        ("Aperio.Left", "23456", Kind.NUMBER),
        ("TIFF.ImageDescription", "skin of somebody", Kind.TEXT),
        ("Aperio.Width", "wide words", Kind.TEXT),
    ],
)
def test_a_value_has_the_kind_of_its_field_or_its_form(source, text, kind):
    assert kind_of(source, text) is kind
