"""What is searched for: the identifying strings, and not what every slide says."""

from __future__ import annotations

import pytest

from bigpicture.deidentify.needles import is_telling, needles_of
from bigpicture.model.allowance import Field

PLACE = "IFD 0 ImageDescription"


def texts(fields, slide_format="aperio-svs", **given):
    listed = [Field(PLACE, name, value) for name, value in fields]
    return {needle.text for needle in needles_of(slide_format, listed, **given)}


def test_dropped_and_pseudonymised_values_are_searched_and_kept_ones_are_not():
    found = texts(
        [
            ("Aperio.User", "b414003d-95c6-48b0"),
            ("Aperio.ScanScope ID", "CPAPERIOCS"),
            ("Aperio.MPP", "0.49901"),
            ("Aperio.ImageID", "1004486"),
        ]
    )
    assert {"b414003d-95c6-48b0", "CPAPERIOCS", "1004486"} <= found
    assert "0.49901" not in found


def test_a_name_is_searched_in_its_parts():
    found = texts([("DICOM.PatientName", "Mustermann^Erika")], "dicom")
    assert {"Mustermann^Erika", "Mustermann", "Erika"} <= found


@pytest.mark.parametrize("written", ["12/29/09", "20091229", "2009-12-29", "29.12.2009"])
def test_a_date_is_searched_as_others_write_it(written):
    assert {"20091229", "2009-12-29", "29.12.2009"} <= texts([("Aperio.Date", written)])


@pytest.mark.parametrize("text", ["19700101", "1970-01-01", "19700101000000", "not told"])
def test_what_stands_for_nothing_is_everybodys(text):
    assert texts([("DICOM.AcquisitionDateTime", text)], "dicom") == set()


@pytest.mark.parametrize("text", ["19700102", "19700101101500"])
def test_what_stands_near_the_dummy_is_not(text):
    assert text in texts([("DICOM.AcquisitionDateTime", text)], "dicom")


def test_the_file_name_is_searched_unless_the_slide_is_published_under_it():
    assert {"S-2019-1234", "S20191234", "S 2019 1234"} <= texts([], stem="S-2019-1234")
    assert texts([], stem="S-2019-1234", aliases=["s-2019-1234"]) == set()
    assert "S-2019-1234" in texts(
        [("Aperio.Barcode", "S-2019-1234")], stem="S-2019-1234", aliases=["S-2019-1234"]
    )


def test_what_a_kept_field_says_or_a_code_means_blocks_nothing():
    fields = [
        ("DICOM.Manufacturer", "Hamamatsu"),
        ("DICOM.StationName", "hamamatsu"),
        ("DICOM.StudyDescription", "Skin"),
    ]
    assert texts(fields, "dicom", vouched=["Skin structure"]) == set()
    assert texts(fields, "dicom", vouched=["Foreskin"]) == {"Skin"}


@pytest.mark.parametrize("text", ["RGB", "rgb", "", "NR", "jd", "5", "2040", "0.000000",
                                  "1.000000", "....", "x" * 300])  # fmt: skip
def test_what_everybody_says_or_is_too_short_tells_nothing(text):
    assert not is_telling(text)


@pytest.mark.parametrize("text", ["1004486", "Erika", "S-2019", "-0.000424519", "Żółć"])
def test_what_identifies_is_telling(text):
    assert is_telling(text)


def test_the_parts_of_an_address_are_searched_and_its_scheme_is_not():
    found = texts([("DICOM.UniversalEntityID", "http://clinic.example/mrns")], "dicom")
    assert {"http://clinic.example/mrns", "clinic.example", "mrns"} == found
