"""DICOM structured report (TID 1500): named numbers and words of a slide, written and read back."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from bigpicture.dicom.code import code_sequence, coded_content, text_content
from bigpicture.dicom.derived import (
    NameUid,
    begin_derived,
    decimal_text,
    device_uid,
    from_bytes,
    name_uids,
    named_code,
    read_code,
    read_unit,
    referenced,
    to_bytes,
    unit_code,
)
from bigpicture.model.code import Code
from bigpicture.model.slide_frame import Maker, SlideFrame

REPORT = "1.2.840.10008.5.1.4.1.1.88.34"
"""Comprehensive 3D SR, in which others write measurement reports too."""

# PS3.16 TID 1500, 1204, 1001, 1004, 1600, 1501.
_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
_LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
_ENGLISH = Code("en", "RFC5646", "English")
_OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
_DEVICE = Code("121007", "DCM", "Device")
_DEVICE_UID = Code("121012", "DCM", "Device Observer UID")
_DEVICE_NAME = Code("121013", "DCM", "Device Observer Name")
_PROCEDURE = Code("121058", "DCM", "Procedure reported")
_MICROSCOPY = Code("104157003", "SCT", "Light microscopy procedure")
_LIBRARY = Code("111028", "DCM", "Image Library")
_LIBRARY_GROUP = Code("126200", "DCM", "Image Library Group")
_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
_GROUP = Code("125007", "DCM", "Measurement Group")
_TRACKING = Code("112039", "DCM", "Tracking Identifier")
_TRACKING_UID = Code("112040", "DCM", "Tracking Unique Identifier")
_ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
_ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
_NOT_ATTEMPTED = Code("114007", "DCM", "Measurement not attempted")
_UNITS = Code("246514001", "SCT", "Units")


@dataclass(frozen=True, slots=True)
class Stated:
    """A name, what it is of this slide, and in which unit (UCUM); None where nothing was found."""

    name: str
    value: float | str | None
    unit: str = ""


def write_report(stated: Several[Stated], *, title: str, frame: SlideFrame, maker: Maker) -> bytes:
    """The file: one measurement group about the slide. Numbers keep all 64 bits.

    `title` names the group (its tracking identifier).
    """
    uid = name_uids(frame, maker, repr((title, tuple(stated))).encode())
    dataset = begin_derived(sop_class=REPORT, modality="SR", frame=frame, maker=maker, uid=uid)
    dataset.ReferencedPerformedProcedureStepSequence = Sequence()
    dataset.PerformedProcedureCodeSequence = Sequence()
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    dataset.PreliminaryFlag = "PRELIMINARY"
    dataset.CurrentRequestedProcedureEvidenceSequence = Sequence([_evidence(frame)])
    root = _container(_MEASUREMENT_REPORT, [
        _related(coded_content(_LANGUAGE, _ENGLISH), "HAS CONCEPT MOD"),
        *_observer(maker),
        _related(coded_content(_PROCEDURE, _MICROSCOPY), "HAS CONCEPT MOD"),
        _related(_library(frame), "CONTAINS"),
        _related(_container(_MEASUREMENTS, [_group(stated, title, maker, uid)]), "CONTAINS"),
    ])  # fmt: skip
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "1500"
    root.ContentTemplateSequence = Sequence([template])
    dataset.update(root)
    return to_bytes(dataset)


def _evidence(frame: SlideFrame) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = UID(frame.series_uid)
    series.ReferencedSOPSequence = Sequence([referenced(frame)])
    study = Dataset()
    study.StudyInstanceUID = UID(frame.study_uid)
    study.ReferencedSeriesSequence = Sequence([series])
    return study


def _container(name: Code, content: list[Dataset]) -> Dataset:
    item = Dataset()
    item.ValueType = "CONTAINER"
    item.ConceptNameCodeSequence = code_sequence(name)
    item.ContinuityOfContent = "SEPARATE"
    item.ContentSequence = Sequence(content)
    return item


def _related(item: Dataset, relationship: str) -> Dataset:
    item.RelationshipType = relationship
    return item


def _uid_content(name: Code, value: UID) -> Dataset:
    item = Dataset()
    item.ValueType = "UIDREF"
    item.ConceptNameCodeSequence = code_sequence(name)
    item.UID = value
    return item


def _observer(maker: Maker) -> list[Dataset]:
    return [
        _related(item, "HAS OBS CONTEXT")
        for item in (
            coded_content(_OBSERVER_TYPE, _DEVICE),
            _uid_content(_DEVICE_UID, device_uid(maker)),
            text_content(_DEVICE_NAME, f"{maker.name} {maker.version}"),
        )
    ]


def _library(frame: SlideFrame) -> Dataset:
    """The slide: TID 1600."""
    image = Dataset()
    image.ValueType = "IMAGE"
    image.ReferencedSOPSequence = Sequence([referenced(frame)])
    group = _container(_LIBRARY_GROUP, [_related(image, "CONTAINS")])
    return _container(_LIBRARY, [_related(group, "CONTAINS")])


def _group(stated: Several[Stated], title: str, maker: Maker, uid: NameUid) -> Dataset:
    """TID 1501: what the algorithm is called, then each number (TID 300) or word."""
    group = _container(_GROUP, [
        _related(text_content(_TRACKING, title), "HAS OBS CONTEXT"),
        _related(_uid_content(_TRACKING_UID, uid("tracking")), "HAS OBS CONTEXT"),
        _related(text_content(_ALGORITHM_NAME, maker.name), "HAS CONCEPT MOD"),
        _related(text_content(_ALGORITHM_VERSION, maker.version), "HAS CONCEPT MOD"),
        *(_related(_value(one), "CONTAINS") for one in stated),
    ])  # fmt: skip
    return _related(group, "CONTAINS")


def _value(stated: Stated) -> Dataset:
    name = named_code(stated.name)
    if isinstance(stated.value, str):
        return text_content(name, stated.value)
    if stated.value is None:
        # A number without a value (PS3.3 C.18.1) stops readers that others wrote.
        item = coded_content(name, _NOT_ATTEMPTED)
        unit = coded_content(_UNITS, unit_code(stated.unit))
        item.ContentSequence = Sequence([_related(unit, "HAS CONCEPT MOD")])
        return item
    item = Dataset()
    item.ValueType = "NUM"
    item.ConceptNameCodeSequence = code_sequence(name)
    measured = Dataset()
    measured.NumericValue = decimal_text(stated.value)
    # 16 characters do not hold every number; this does (PS3.3 C.18.1).
    measured.FloatingPointValue = float(stated.value)
    measured.MeasurementUnitsCodeSequence = code_sequence(unit_code(stated.unit))
    item.MeasuredValueSequence = Sequence([measured])
    return item


def read_report(data: bytes) -> tuple[Stated, ...]:
    """What the report's measurement groups state, in order; raises `InputError`."""
    dataset = from_bytes(data, REPORT, "measurement report")
    found: list[Stated] = []
    for part in dataset.ContentSequence:
        if _is_named(part, _MEASUREMENTS):
            for group in part.get("ContentSequence") or ():
                found += [
                    _read(item)
                    for item in group.get("ContentSequence") or ()
                    if item.RelationshipType == "CONTAINS" and _is_stated(item)
                ]
    return tuple(found)


def _is_stated(item: Dataset) -> bool:
    if item.ValueType == "CODE":
        return read_code(item.ConceptCodeSequence[0]).code == _NOT_ATTEMPTED.code
    return item.ValueType == "TEXT" or (item.ValueType == "NUM" and item.MeasuredValueSequence)


def _read(item: Dataset) -> Stated:
    name = read_code(item.ConceptNameCodeSequence[0]).code
    if item.ValueType == "TEXT":
        return Stated(name, str(item.TextValue))
    if item.ValueType == "CODE":
        units = [one for one in item.get("ContentSequence") or () if _is_named(one, _UNITS)]
        return Stated(name, None, *(read_unit(one.ConceptCodeSequence[0]) for one in units[:1]))
    measured = item.MeasuredValueSequence[0]
    exact = measured.get("FloatingPointValue")
    value = float(measured.NumericValue if exact is None else exact)
    return Stated(name, value, read_unit(measured.MeasurementUnitsCodeSequence[0]))


def _is_named(item: Dataset, name: Code) -> bool:
    found = item.get("ConceptNameCodeSequence")
    return bool(found) and read_code(found[0]).code == name.code
