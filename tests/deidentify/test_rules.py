"""Every field has an action; what nobody has judged has none; nothing the standard names stays."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary, keyword_for_tag

from bigpicture.deidentify.needles import needles_of
from bigpicture.deidentify.report import judge
from bigpicture.deidentify.rules import (
    Section,
    allow_list,
    check_forms,
    rules_of,
    tables,
)
from bigpicture.deidentify.values import FORMS
from bigpicture.dicom.open import open_slide
from bigpicture.model.allowance import Action, Field
from bigpicture.model.errors import SlideError
from places import shared


def _keyword(attribute):
    tag = re.fullmatch(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)", attribute["tag"])
    if tag is None:
        return attribute["tag"]  # groups such as (60XX,3000), and private ones
    return keyword_for_tag(int("".join(tag.groups()), 16)) or attribute["tag"]


def test_every_attribute_of_the_confidentiality_profile_has_an_action_and_none_is_kept():
    """PS3.15 table E.1-1: X, Z, D and U all forbid that the value stays."""
    table = json.loads(
        shared("specs/dicom-ps3.15/confidentiality_profile_attributes.json").read_text()
    )
    allowed = allow_list("dicom")
    assert len(table) > 600
    for attribute in table:
        action = allowed.action(f"DICOM.{_keyword(attribute)}")
        assert action is not None, attribute["name"]
        assert action is not Action.KEEP, attribute["name"]
        codes = set(re.split(r"[/*]+", attribute["basicProfile"]))
        if action is Action.PSEUDONYM:
            assert codes & {"U", "D", "Z"}, attribute["name"]
        if codes == {"X"}:
            assert action is Action.DROP, attribute["name"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ContainerIdentifier", Action.PSEUDONYM),
        ("SpecimenIdentifier", Action.PSEUDONYM),
        ("DeviceSerialNumber", Action.PSEUDONYM),
        ("LabelText", Action.DROP),
        ("BarcodeValue", Action.DROP),
        ("PyramidLabel", Action.DROP),
        ("StudyDate", Action.DATE),
        ("PatientName", Action.DROP),
        ("TotalPixelMatrixColumns", Action.KEEP),
        ("ObjectiveLensPower", Action.KEEP),
        ("(0029,1001)", Action.DROP),
        ("NobodyHasHeardOfThis", Action.DROP),
    ],
)
def test_dicom_elements(name, code):
    assert allow_list("dicom").action(f"DICOM.{name}") is code


@given(st.sampled_from([row[4] for row in DicomDictionary.values() if row[4]]))
def test_no_element_of_the_dicom_dictionary_stops_a_slide(keyword):
    assert allow_list("dicom").action(f"DICOM.{keyword}") in set(Action)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("AppMag", Action.KEEP),
        ("MPP", Action.KEEP),
        ("ScanScope ID", Action.PSEUDONYM),
        ("Date", Action.DATE),
        ("Time", Action.DATE),
        ("User", Action.DROP),
        ("Filename", Action.DROP),
        ("header", Action.DROP),
        ("Rack", Action.DROP),
        ("Accession", Action.DROP),
        ("CustomField.Last_Name", Action.DROP),
        ("CustomField.whatever a site thought of", Action.DROP),
        ("PatientNickname", None),
        ("appmag", None),
    ],
)
def test_aperio_keys(key, action):
    assert allow_list("aperio-svs").action(f"Aperio.{key}") is action


def _keys_known_elsewhere():
    """The keys another project's rules know, as a list of facts: which keys scanners write."""
    rules = shared("specs/deid-rules/base_rules.yaml").read_text().splitlines()
    start = next(i for i, line in enumerate(rules) if line.strip() == "image_description:")
    for line in rules[start + 1 :]:
        if not line.startswith("    "):
            return
        if re.fullmatch(r" {4}[^ ].*:", line):
            yield line.strip().rstrip(":").strip("'\"")


def test_every_aperio_key_known_elsewhere_has_a_rule():
    allowed = allow_list("aperio-svs")
    keys = list(_keys_known_elsewhere())
    assert len(keys) > 50
    assert [key for key in keys if allowed.action(f"Aperio.{key}") is None] == []


@pytest.mark.parametrize("slide_format", ["aperio-svs", "generic-tiff", "ome-tiff"])
@pytest.mark.parametrize("name", ["TIFF.65427", "TIFF.65449", "OME.Secret@Name", "Aperio.Secret"])
def test_a_field_that_no_table_names_has_no_action(slide_format, name):
    assert allow_list(slide_format).action(name) is None


def test_an_ending_is_only_ever_dropped_and_a_whole_name_wins_over_it():
    for slide_format in tables():
        rules = rules_of(slide_format)
        assert all(rule.action is Action.DROP for rule in rules.beginnings)
    assert allow_list("ome-tiff").action("OME.Pixels@PhysicalSizeX") is Action.KEEP
    assert allow_list("ome-tiff").action("OME.Pixels@ID") is Action.DROP
    assert allow_list("ome-tiff").action("OME.Microscope@SerialNumber") is Action.PSEUDONYM
    assert allow_list("ome-tiff").action("OME.Microscope@LotNumber") is Action.DROP


def test_every_row_gives_its_reason_and_stands_once():
    for slide_format in tables():
        rules = rules_of(slide_format)
        assert all(rule.reason for rule in [*rules.exact.values(), *rules.beginnings])


def test_a_format_without_rules_is_refused():
    with pytest.raises(SlideError, match="no de-identification rules"):
        allow_list("a-format-of-nobody")


@pytest.mark.parametrize("value", ["20", "0.4990", "-0.000424", "[0.25, 0.25]", "1\\0\\0", " 20 "])
def test_numbers_are_numbers(value):
    assert FORMS["number"].fits(value.strip())


@pytest.mark.parametrize("value", ["Mustermann", "20x Mustermann", "12/29/09 M.", "eve"])
def test_a_name_is_no_number(value):
    assert not FORMS["number"].fits(value.strip())


@pytest.mark.parametrize("value", ["12345678", "0 12345678", "20190304", "S-19", "1e5000x"])
def test_a_number_has_no_more_digits_than_a_scanner_writes(value):
    assert not FORMS["number"].fits(value)


def test_numbers_of_the_optics_are_bounded():
    assert FORMS["power"].fits("63")
    assert not FORMS["power"].fits("471")
    assert FORMS["wavelength"].fits("488.5")
    assert not FORMS["wavelength"].fits("4711")


@pytest.mark.parametrize(
    "value",
    ["Aperio GT450 DX", "C13210-01", "Leica SCN400;Leica SCN", "VENTANA DP 200", "Axioscan 7",
     "Carl Zeiss", "not told", "UFS Scanner", "3DHISTECH Kft.", "IX83 P2ZF", "MIRAX", "iScan"],
)  # fmt: skip
def test_scanners_are_known_by_their_words(value):
    assert FORMS["model"].fits(value)


@pytest.mark.parametrize(
    "value",
    ["Mustermann", "Aperio Mustermann", "S-2019-1234", "H19-12345", "GT450 4711", "Carl Muster",
     "Zeiss 123 456", "x" * 300, "Aperio\nGT450 Müller", "GT450@hospital"],
)  # fmt: skip
def test_what_may_name_a_person_or_a_case_is_no_scanner(value):
    assert not FORMS["model"].fits(value)
    assert not FORMS["software"].fits(value)


@pytest.mark.parametrize(
    "value", ["NDP.scan 2.5.89", "1.8.6824 4.0.3", "ZEN (blue edition)", "ZEN 3.6.095.00000",
              "1,14,61,0\\2.4.0.44318\\DicomObjects.NET v8.40.110.2"],
)  # fmt: skip
def test_programs_and_versions_are_known(value):
    assert FORMS["software"].fits(value)


@pytest.mark.parametrize("value", ["12.03.1957", "1957.3.12", "756.1234.5678.97", "2.5 Mustermann"])
def test_a_day_or_a_number_of_a_person_is_no_version(value):
    assert not FORMS["software"].fits(value)


def test_every_row_of_text_says_what_it_may_hold():
    for slide_format in tables():
        for rule in rules_of(slide_format).exact.values():
            if rule.section in {Section.TEXT, Section.NUMBER}:
                assert rule.form in FORMS, rule.name


def test_a_scanner_nobody_knows_is_dropped_and_searched_for():
    rules = rules_of("dicom")
    strange = Field("(0008,0070)", "DICOM.Manufacturer", "Mustermann")
    known = Field("(0008,0070)", "DICOM.Manufacturer", "Hamamatsu")
    assert rules.rule_for(strange).action is Action.DROP
    assert rules.rule_for(known).action is Action.KEEP
    assert allow_list("dicom").action_for(strange) is Action.DROP
    assert [each.text for each in needles_of("dicom", [strange])] == ["Mustermann"]
    assert [each.action for each in judge("dicom", [strange, known])] == ["drop", "keep"]
    check_forms("dicom", [strange, known])


def test_a_name_typed_into_a_kept_number_stops_the_slide_without_being_repeated():
    field = Field("IFD 0 ImageDescription", "Aperio.AppMag", "Mustermann")
    with pytest.raises(SlideError, match=r"Aperio\.AppMag") as caught:
        check_forms("aperio-svs", [field])
    assert "Mustermann" not in str(caught.value)


@pytest.mark.parametrize(
    "slide",
    [
        "wsi_svs/libvips__CMU-1-Small-Region.svs",
        "wsi_svs/openslide__small.svs",
        "wsi_tiff/cytomine__test-image.tiff",
        "wsi_tiff/dana-farber-aios__small_HE_levels.tiff",
        "wsi_tiff/girder__grey10kx5k.tif",
        "wsi_tiff/openslide__boxes.tiff",
        "wsi_tiff/rationai__CMU-1-small.tiff",
        "wsi_tiff/rationai__mask_test.tif",
        "wsi_ometiff/petebankhead__OS-1-detail.ome.tif",
        "wsi_ometiff/petebankhead__OS-2-ndpi.ome.tif",
        "wsi_ometiff/qupath__cells.tif",
        "wsi_ndpi/test3-DAPI-387.ndpi",
        "dicom_wsi/cmu-1-small-region",
        "dicom_wsi/imagingdatacommons__sm_image.dcm",
        "dicom_wsi/openslide__boxes_0.dcm",
    ],
)
def test_the_tables_cover_every_field_of_a_real_slide(slide):
    with open_slide(shared(f"testdata/{slide}")) as opened:
        allowed = allow_list(opened.format)
        assert opened.fields
        assert {each.name for each in opened.fields if allowed.action(each.name) is None} == set()
        check_forms(opened.format, opened.fields)


def test_a_format_of_private_tags_is_not_taken_for_a_plain_tiff():
    """NDPI is no valid TIFF, and its tags 65420 and on name the scanner and the slide."""
    with open_slide(shared("testdata/wsi_ndpi/test3-DAPI-387.ndpi")) as slide:
        assert slide.format == "hamamatsu-ndpi"
    allowed = allow_list("generic-tiff")
    assert allowed.action("TIFF.65442") is None
    assert allowed.action("TIFF.65449") is None
