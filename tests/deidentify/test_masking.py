"""What a report may say of a value: its kind and shape, and no letter or digit of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.deidentify.masking import Kind, kind_of, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mustermann^Erika", "***^*** (16 characters)"),
        ("S19-12345", "***###-### (9 characters)"),
        ("1004486", "### (7 characters)"),
        ("29.12.2009", "###.###.### (10 characters)"),
        ("Müller", "*** (6 characters)"),
        ("7", "### (1 character)"),
        ("", " (0 characters)"),
        ("one two three four", "*** *** *** … (18 characters)"),
        ("a\nb\x1b", "***?***? (4 characters)"),
    ],
)
def test_a_value_is_masked_to_its_shape(text, masked):
    assert mask(text) == masked


@given(st.text(max_size=80))
def test_no_letter_and_no_digit_is_shown_and_names_of_equal_length_look_alike(text):
    shown = mask(text).rpartition(" (")[0]
    assert not any(letter.isalnum() for letter in shown)
    assert shown.isprintable()
    assert len(shown) <= 20


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
