"""What every object derived from a slide says: whose it is, what made it, what it refers to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from bigpicture.dicom.code import MICROSCOPE_SLIDE, code_sequence
from bigpicture.dicom.header import IMPLEMENTATION, IMPLEMENTATION_NAME
from bigpicture.dicom.read import WHOLE_SLIDE
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.code import Code
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import Maker, SlideFrame

SCHEME = "99BIGPICTURE"
"""A private coding scheme (PS3.16 8.2): for names that an algorithm gave and no vocabulary has."""
ALGORITHM_FAMILY = Code("123109", "DCM", "Not specified")
_LONG, _SHORT = 64, 16
_DATE, _TIME = "%Y%m%d", "%H%M%S"

NameUid = Callable[[str], UID]


def name_uids(frame: SlideFrame, maker: Maker, content: bytes) -> NameUid:
    """Unique identifiers for the parts of one object, the same ones when it is written again.

    Of a slide, a run and a content comes one UUID of version 8 (RFC 9562), as a UID of PS3.5 B.2.
    """
    made = (frame.instance_uid, maker.name, maker.version, maker.key)
    held = hashlib.sha256(content).hexdigest()
    return lambda part: _uid(*made, held, part)


def device_uid(maker: Maker) -> UID:
    """The unique identifier of an algorithm in one version."""
    return _uid(maker.name, maker.version)


def _uid(*parts: str) -> UID:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | (8 << 76) | (2 << 62)
    return UID(f"2.25.{number}")


def begin_derived(
    *, sop_class: str, modality: str, frame: SlideFrame, maker: Maker, uid: NameUid
) -> Dataset:
    """Patient, study, series, equipment and SOP common, of an object in the study of its slide."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(sop_class), uid("instance")
    _whose(dataset, frame)
    dataset.StudyInstanceUID = UID(frame.study_uid)
    dataset.SeriesInstanceUID = uid("series")
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.Modality = modality
    dataset.SeriesDescription = RESEARCH_ONLY
    dataset.Manufacturer = "Bigpicture"
    dataset.ManufacturerModelName = maker.name[:_LONG]
    dataset.SoftwareVersions = maker.version.replace("\\", "/")[:_LONG]
    dataset.DeviceSerialNumber = (maker.key or "not told")[:_LONG]
    dataset.ContentDate = maker.moment.strftime(_DATE)
    dataset.ContentTime = maker.moment.strftime(_TIME)
    dataset.file_meta = _file_meta(dataset)
    return dataset


def _whose(dataset: Dataset, frame: SlideFrame) -> None:
    dataset.PatientName = dataset.PatientID = frame.patient[:_LONG]
    dataset.PatientBirthDate = ""
    dataset.PatientSex = frame.sex
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Bigpicture allow-list: rewritten from nothing"
    dataset.StudyDate = dataset.StudyTime = dataset.StudyID = ""
    dataset.ReferringPhysicianName = ""
    dataset.AccessionNumber = frame.accession_number[:_SHORT]


def _file_meta(dataset: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    meta.ImplementationVersionName = IMPLEMENTATION_NAME
    return meta


def add_specimen(dataset: Dataset, frame: SlideFrame) -> None:
    """The glass and what lies on it (PS3.3 C.7.6.22), where the slide told."""
    if not frame.container:
        return
    dataset.ContainerIdentifier = frame.container[:_LONG]
    dataset.IssuerOfTheContainerIdentifierSequence = Sequence()
    dataset.ContainerTypeCodeSequence = code_sequence(MICROSCOPE_SLIDE)
    specimen = Dataset()
    specimen.SpecimenIdentifier = (frame.specimen or frame.container)[:_LONG]
    specimen.IssuerOfTheSpecimenIdentifierSequence = Sequence()
    specimen.SpecimenUID = UID(frame.specimen_uid or frame.instance_uid)
    specimen.SpecimenPreparationSequence = Sequence()
    dataset.SpecimenDescriptionSequence = Sequence([specimen])


def add_content(dataset: Dataset, *, label: str, maker: Maker) -> None:
    """Content identification (PS3.3 10.9): a label in capitals, the rest as it is."""
    dataset.ContentLabel = label
    dataset.ContentDescription = RESEARCH_ONLY
    dataset.ContentCreatorName = ""
    dataset.InstanceCreationDate = maker.moment.strftime(_DATE)
    dataset.InstanceCreationTime = maker.moment.strftime(_TIME)


def referenced(frame: SlideFrame) -> Dataset:
    """The slide's finest instance, as an item that references it."""
    item = Dataset()
    item.ReferencedSOPClassUID = UID(WHOLE_SLIDE)
    item.ReferencedSOPInstanceUID = UID(frame.instance_uid)
    return item


def add_references(dataset: Dataset, frame: SlideFrame) -> None:
    """Common instance reference (PS3.3 C.12.2): the slide in whose study this lies."""
    series = Dataset()
    series.SeriesInstanceUID = UID(frame.series_uid)
    series.ReferencedInstanceSequence = Sequence([referenced(frame)])
    dataset.ReferencedSeriesSequence = Sequence([series])


def algorithm_item(maker: Maker) -> Dataset:
    """Algorithm identification (PS3.3 10.16)."""
    item = Dataset()
    item.AlgorithmFamilyCodeSequence = code_sequence(ALGORITHM_FAMILY)
    item.AlgorithmName = maker.name[:_LONG]
    item.AlgorithmVersion = maker.version[:_LONG]
    return item


def named_code(name: str) -> Code:
    """A name that no vocabulary has, as a code of ours; `name` may be of any length.

    A code of more than 16 characters goes into the long code value (PS3.3 8.8).
    """
    return Code(name, SCHEME, name[:_LONG])


NO_UNIT = Code("1", "UCUM", "no units")
"""PS3.16 CID 82."""


def unit_code(unit: str) -> Code:
    """A unit of UCUM, empty for a pure number."""
    return Code(unit, "UCUM", unit) if unit else NO_UNIT


def read_code(item: Dataset) -> Code:
    """A code sequence item read; the other way of `code_item`."""
    code = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return Code(str(code), str(item.get("CodingSchemeDesignator", "")), str(item.CodeMeaning))


def read_unit(item: Dataset) -> str:
    """The unit that `unit_code` was given."""
    found = read_code(item)
    return "" if (found.code, found.meaning) == (NO_UNIT.code, NO_UNIT.meaning) else found.code


def decimal_text(value: float) -> str:
    """A decimal string of at most 16 characters, as near to the value as they reach."""
    return format_number_as_ds(float(value))


def to_bytes(dataset: Dataset) -> bytes:
    """The file, with its preamble."""
    buffer = BytesIO()
    pydicom.dcmwrite(
        buffer, dataset, enforce_file_format=True, implicit_vr=False, little_endian=True
    )
    return buffer.getvalue()


def from_bytes(data: bytes, sop_class: str, what: str) -> Dataset:
    """Read an object of one class; raises `InputError` where the bytes hold none."""
    try:
        dataset = pydicom.dcmread(BytesIO(data))
    except Exception as error:
        raise InputError(f"this is no DICOM file: a {what} was expected.") from error
    if str(dataset.get("SOPClassUID", "")) != sop_class:
        raise InputError(f"this DICOM file is no {what}.", rule=f"SOP Class {sop_class}")
    return dataset
