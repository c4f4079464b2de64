"""What a search asks of an instance: the few attributes that DICOM wants found (PS3.18 10.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

STUDY = (
    "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientName",
    "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDescription",
)  # fmt: skip
"""Of the patient and the study (table 10.6.1-3), without its UID."""
SERIES = (
    "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined", "Manufacturer",
    "ManufacturerModelName", "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime",
)  # fmt: skip
INSTANCE = (
    "SOPClassUID", "InstanceNumber", "Rows", "Columns", "BitsAllocated", "NumberOfFrames",
    "ImageType", "SamplesPerPixel", "PhotometricInterpretation", "TotalPixelMatrixColumns",
    "TotalPixelMatrixRows", "ContainerIdentifier",
)  # fmt: skip
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Searched:
    """Texts by keyword; several values stand in one text, between backslashes (PS3.5 6.4)."""

    study_uid: str = ""
    series: dict[str, str] = field(default_factory=dict[str, str])
    """Of patient, study and series."""
    instance: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, header: Dataset) -> Searched:
        return cls(
            study_uid=str(header.get("StudyInstanceUID", "") or ""),
            series=_texts(header, (*STUDY, *SERIES)),
            instance=_texts(header, INSTANCE),
        )


def _texts(header: Dataset, keywords: tuple[str, ...]) -> dict[str, str]:
    return {each: _text(header[each].value) for each in keywords if each in header}


def _text(value: Any) -> str:  # noqa: ANN401 - whatever pydicom holds
    if value is None:
        return ""
    parts = list(value) if isinstance(value, MultiValue | list) else [value]
    return "\\".join(str(part) for part in parts)[:_LONGEST]
