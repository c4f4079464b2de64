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


@pytest.mark.parametrize(
    "written",
    [
        "Erika Muster",
        "Muster Erika",
        "Muster, Erika",
        "Muster_Erika",
        "ErikaMuster",
        "Erika.Muster",
    ],
)
def test_a_name_is_searched_in_both_orders_and_with_the_usual_marks(written):
    assert written in texts([("DICOM.PatientName", "Muster^Erika")], "dicom")


def test_short_parts_of_a_name_are_searched_together():
    assert {"Li An", "An Li", "Li, An", "LiAn"} <= texts([("DICOM.PatientName", "Li^An")], "dicom")


def test_an_identifier_is_searched_without_its_marks_and_a_number_with_them():
    found = texts(
        [("DICOM.AccessionNumber", "S19-12345"), ("DICOM.PatientID", "0001004486")], "dicom"
    )
    assert {"S1912345", "S19 12345", "S19/12345", "S19_12345"} <= found
    assert {"1004486", "1,004,486", "1.004.486", "1 004 486"} <= found


def test_what_is_split_over_neighbouring_fields_is_searched_as_one():
    found = texts(
        [
            ("DICOM.PatientFamilyName", "Li"),
            ("DICOM.PatientGivenName", "An"),
            ("DICOM.CaseYear", "19"),
            ("DICOM.CaseNumber", "1234"),
            ("DICOM.BirthYear", "1931"),
            ("DICOM.BirthMonth", "5"),
            ("DICOM.BirthDay", "6"),
        ],
        "dicom",
    )
    assert {"Li An", "An Li", "19-1234", "191234", "1931-05-06", "06.05.1931"} <= found


def test_settings_of_a_scanner_side_by_side_identify_nobody():
    found = texts([("Aperio.Exposure Time", "32"), ("Aperio.Gain", "109"), ("Aperio.Tiles", "77")])
    assert found == set()


def test_dates_before_1970_and_dates_in_texts_are_searched():
    assert "06.05.1931" in texts([("DICOM.PatientBirthDate", "19310506")], "dicom")
    assert "2009-12-29" in texts([("DICOM.ImageComments", "seen on 29.12.2009 again")], "dicom")
    found = texts([("DICOM.AcquisitionDateTime", "20091229101112.5")], "dicom")
    assert "2009-12-29T10:11:12" in found


def test_barcodes_and_names_of_folders_are_searched_and_generic_ones_are_not():
    found = texts([], names=["slides", "Data", "Erika", "S19-1", "svs"], barcodes=["S19-99999-A2"])
    assert {"Erika", "S19-99999-A2", "S1999999A2"} <= found
    assert not {"slides", "Data", "svs"} & found
    assert texts([], names=["COHORT-7"], aliases=["cohort-7"]) == set()
    kept = [("DICOM.Manufacturer", "Leica Biosystems")]
    assert texts(kept, "dicom", names=["leica"]) == set()
    unknown = [("DICOM.Manufacturer", "Scanworks Berlin")]
    assert {"scanworks", "Scanworks Berlin"} <= texts(unknown, "dicom", names=["scanworks"])


@pytest.mark.parametrize("text", ["-----", "xxxxxxxx", "________"])
def test_a_line_of_one_sign_tells_nothing(text):
    assert not is_telling(text)
