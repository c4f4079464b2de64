"""The node's check: our own output passes; each way of smuggling something in is found."""

from __future__ import annotations

from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.proof import prove
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.model.code import Code
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.submission.convert import subject_from_pseudonyms
from places import shared

SECRET = "Mustermann"


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A small real slide as our converter writes it, with a staining and a block."""
    folder = tmp_path_factory.mktemp("clean")
    subject = replace(
        subject_from_pseudonyms(Pseudonyms(bytes(32)), "a"),
        block="BLOCKPSEUDONYM234567",
        stains=(Code("12710003", "SCT", "hematoxylin stain"),),
        fixation=Code("434162003", "SCT", "Neutral buffered formalin"),
        species=Code("337915000", "SCT", "Homo sapiens"),
        sex="F",
    )
    source = shared("testdata/wsi_svs/openslide__small.svs")
    convert(source, folder, allowed=allow_list("aperio-svs"), subject=subject)
    return folder / "level-0.dcm"


def findings_of(path):
    with FileSource(path) as source:
        return check_instance(source, "upload.dcm")


def changed(clean, tmp_path, change):
    dataset = pydicom.dcmread(clean)
    change(dataset)
    path = tmp_path / "changed.dcm"
    dataset.save_as(path)
    return path


def test_what_our_converter_writes_is_clean(clean):
    assert findings_of(clean) == []


def test_a_vendors_own_dicom_is_not(tmp_path):
    found = findings_of(shared("testdata/dicom_wsi/openslide__boxes_0.dcm"))
    assert len(found) > 10
    text = "\n".join(f"{each.what} {each.place} {each.rule}" for each in found)
    assert "CPAPERIOCS" not in text
    assert "20091229" not in text


def _with(**values):
    def change(dataset):
        for keyword, value in values.items():
            setattr(dataset, keyword, value)

    return change


def _nested(dataset):
    dataset.SpecimenDescriptionSequence[0].SpecimenShortDescription = SECRET


def _deep(dataset):
    path = dataset.OpticalPathSequence[0]
    code = path.IlluminationTypeCodeSequence[0]
    code.add_new(0x00090010, "LO", SECRET)


def _sequence(dataset):
    item = Dataset()
    item.PersonName = SECRET
    dataset.OperatorIdentificationSequence = Sequence([item])


def _step_text(dataset):
    step = dataset.SpecimenDescriptionSequence[0].SpecimenPreparationSequence[0]
    item = step.SpecimenPreparationStepContentItemSequence[0]
    item.ConceptNameCodeSequence[0].CodeValue = "121106"  # Comment
    item.TextValue = SECRET


def _private(dataset):
    block = dataset.private_block(0x0029, "SCANWORKS", create=True)
    block.add_new(0x01, "LO", SECRET)


def _private_without_value(dataset):
    dataset.add_new(0x00290010, "LO", "")


@pytest.mark.parametrize(
    ("change", "keyword"),
    [
        (_with(PatientBirthDate="19500101"), "PatientBirthDate"),
        (_with(StudyDate="20240101"), "StudyDate"),
        (_with(ContentTime="101500"), "ContentTime"),
        (_with(AcquisitionDateTime="20240101101500"), "AcquisitionDateTime"),
        (_with(InstitutionName=SECRET), "InstitutionName"),
        (_with(ReferringPhysicianName=SECRET), "ReferringPhysicianName"),
        (_with(ImageComments=SECRET), "ImageComments"),
        (_with(LabelText=SECRET), "LabelText"),
        (_with(BarcodeValue=SECRET), "BarcodeValue"),
        (_with(SeriesDescription=SECRET), "SeriesDescription"),
        (_with(PatientSex=SECRET), "PatientSex"),
        (_with(StudyInstanceUID=generate_uid()), "StudyInstanceUID"),
        (_with(BurnedInAnnotation="YES"), "BurnedInAnnotation"),
        (_with(SpecimenLabelInImage="YES"), "SpecimenLabelInImage"),
        (_with(PatientIdentityRemoved="NO"), "PatientIdentityRemoved"),
        (_with(ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"]), "(0008,0008)"),
        (_with(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"]), "(0008,0008)"),
        (_with(ManufacturerModelName="x" * 300), "ManufacturerModelName"),
        (_with(Manufacturer=SECRET), "Manufacturer"),
        (_with(SoftwareVersions=SECRET), "SoftwareVersions"),
        (_with(DeidentificationMethod=SECRET), "DeidentificationMethod"),
        (_with(PositionReferenceIndicator=SECRET), "PositionReferenceIndicator"),
        (_with(SeriesNumber="73590417"), "SeriesNumber"),
        (_with(preamble=b"MZ" + bytes(126)), "preamble"),
        (_nested, "SpecimenShortDescription"),
        (_deep, "(0009,0010)"),
        (_sequence, "OperatorIdentificationSequence"),
        (_step_text, "TextValue"),
        (_private, "(0029,"),
        (_private_without_value, "(0029,"),
    ],
)
def test_each_way_of_smuggling_something_in_is_found_and_not_repeated(
    clean, tmp_path, change, keyword
):
    found = findings_of(changed(clean, tmp_path, change))
    assert found
    assert any(keyword in each.place or keyword in each.what for each in found)
    assert SECRET not in "".join(each.what + each.place + each.rule for each in found)


def _shifted(*, code="113107", **values):
    """As PS3.15 E.3.6 has shifted dates declared: the flag, and the option among the methods."""

    def change(dataset):
        _with(LongitudinalTemporalInformationModified="MODIFIED", **values)(dataset)
        method = Dataset()
        method.CodeValue, method.CodingSchemeDesignator, method.CodeMeaning = code, "DCM", "x"
        dataset.DeidentificationMethodCodeSequence.append(method)

    return change


def test_days_may_be_shifted_where_the_header_says_so(clean, tmp_path):
    day = {"StudyDate": "19930203", "StudyTime": "000000", "AcquisitionDateTime": "19930203000000"}
    assert findings_of(changed(clean, tmp_path, _shifted(**day))) == []


@pytest.mark.parametrize(
    "change",
    [
        _shifted(StudyDate="19930203", code="113106"),
        _shifted(StudyDate="19930203", StudyTime="101500"),
        _shifted(AcquisitionDateTime="19930203101500"),
        _with(LongitudinalTemporalInformationModified="MODIFIED", StudyDate="19930203"),
    ],
)
def test_a_shift_that_is_not_declared_or_keeps_the_time_of_day_is_found(clean, tmp_path, change):
    assert any("shifted" in each.what for each in findings_of(changed(clean, tmp_path, change)))


@pytest.mark.parametrize(
    "name", ["Rabenhorst^Erika", "4711", "HOSPITAL-2019", "abcdefghijklmnop", "ABCDEFGHIJKLMNO1"]
)
@pytest.mark.parametrize("keyword", ["PatientName", "PatientID", "ContainerIdentifier"])
def test_what_has_not_the_form_of_our_pseudonyms_is_found(clean, tmp_path, keyword, name):
    """RFC 4648: base 32 has A to Z and 2 to 7; ours are 20 of these, or 16 in a short string."""
    found = findings_of(changed(clean, tmp_path, _with(**{keyword: name})))
    assert any(keyword in each.place for each in found)
    assert name not in "".join(each.what for each in found)


def test_bytes_after_the_pixels_are_found(clean, tmp_path):
    path = tmp_path / "trailing.dcm"
    path.write_bytes(clean.read_bytes() + SECRET.encode())
    assert any("follow the pixel data" in each.what for each in findings_of(path))


def test_an_element_after_the_pixels_is_found(clean, tmp_path):
    path = changed(clean, tmp_path, lambda dataset: dataset.add_new(0xFFFCFFFC, "OB", b"secret"))
    assert any("follow the pixel data" in each.what for each in findings_of(path))


def test_what_is_no_dicom_or_is_cut_short_is_refused(clean, tmp_path):
    whole = clean.read_bytes()
    path = tmp_path / "cut.dcm"
    for sixteenth in range(16):
        path.write_bytes(whole[: len(whole) * sixteenth // 16])
        with pytest.raises(BigpictureError):
            findings_of(path)
    path.write_bytes(b"<html>" * 100)
    with pytest.raises(SlideError):
        findings_of(path)


@pytest.mark.parametrize("place", ["header", "pixels"])
def test_the_proof_searches_header_and_pixels(clean, tmp_path, place):
    whole = bytearray(clean.read_bytes())
    start = whole.find(b"ISO_IR 192") if place == "header" else len(whole) - 60
    whole[start : start + len(SECRET)] = SECRET.encode()
    path = tmp_path / "level-0.dcm"
    path.write_bytes(whole)
    try:
        findings, scanned = prove(tmp_path, [path.name], [Needle(SECRET, "Aperio.User")])
    except BigpictureError:
        assert place == "header"  # the character set is broken, so it cannot even be read
        return
    assert any("Aperio.User" in each.what for each in findings)
    assert scanned.bytes == len(whole)
    assert SECRET not in str(findings)


def test_the_proof_of_a_clean_instance_finds_nothing(clean):
    findings, scanned = prove(clean.parent, [clean.name], [Needle(SECRET, "Aperio.User")])
    assert findings == []
    assert scanned.findings == 0
