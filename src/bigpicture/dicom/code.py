"""Coded terms as DICOM items, and the codes that every slide's header needs."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from bigpicture.model.code import Code

# PS3.16 CID 8121, 8122, 8101, 8111, 8102; PS3.15 annex E, PS3.16 CID 7050; TID 8001.
MICROSCOPE_SLIDE = Code("433466003", "SCT", "Microscope slide")
BRIGHTFIELD = Code("111744", "DCM", "Brightfield illumination")
EPIFLUORESCENCE = Code("111743", "DCM", "Epifluorescence illumination")
FULL_SPECTRUM = Code("414298005", "SCT", "Full Spectrum")
SPECIMEN_IDENTIFIER = Code("121041", "DCM", "Specimen Identifier")
PROCESSING_TYPE = Code("111701", "DCM", "Processing type")
STAINING = Code("127790008", "SCT", "Staining")
PREPARATION = Code("9265001", "SCT", "Specimen processing")
USING_SUBSTANCE = Code("424361007", "SCT", "Using substance")
FIXATIVE = Code("430864009", "SCT", "Tissue Fixative")
EMBEDDING_MEDIUM = Code("430863003", "SCT", "Embedding medium")
BASIC_PROFILE = Code("113100", "DCM", "Basic Application Confidentiality Profile")
CLEAN_DESCRIPTORS = Code("113105", "DCM", "Clean Descriptors Option")
MODIFIED_DATES = Code(
    "113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"
)

_SCHEMES = {"SNOMED CT": "SCT", "SNOMEDCT": "SCT", "SNOMED": "SCT", "SNOMED-CT": "SCT"}
_SHORT, _LONG = 16, 64


def code_item(code: Code) -> Dataset:
    """A code sequence item (PS3.3 table 8.8-1)."""
    item = Dataset()
    if len(code.code) <= _SHORT:
        item.CodeValue = code.code
    else:
        item.LongCodeValue = code.code
    item.CodingSchemeDesignator = _SCHEMES.get(code.scheme.upper(), code.scheme)[:_SHORT]
    if code.scheme_version:
        item.CodingSchemeVersion = code.scheme_version[:_SHORT]
    item.CodeMeaning = (code.meaning or code.code)[:_LONG]
    return item


def code_sequence(*codes: Code) -> Sequence:
    return Sequence([code_item(code) for code in codes])


def coded_content(name: Code, value: Code) -> Dataset:
    """A CODE content item (PS3.3 10.2)."""
    item = Dataset()
    item.ValueType = "CODE"
    item.ConceptNameCodeSequence = code_sequence(name)
    item.ConceptCodeSequence = code_sequence(value)
    return item


def text_content(name: Code, value: str) -> Dataset:
    """A TEXT content item (PS3.3 10.2)."""
    item = Dataset()
    item.ValueType = "TEXT"
    item.ConceptNameCodeSequence = code_sequence(name)
    item.TextValue = value
    return item
