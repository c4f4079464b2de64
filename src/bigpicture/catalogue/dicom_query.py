"""A DICOM query: what is searched for, by which attributes, and which part of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.dicom.searched import INSTANCE, SERIES, STUDY

STUDY_UID, SERIES_UID, INSTANCE_UID = "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"
SYNTAX = "AvailableTransferSyntaxUID"
MODALITIES = "ModalitiesInStudy"


class Kind(StrEnum):
    """What one answer is about."""

    STUDIES = "studies"
    SERIES = "series"
    INSTANCES = "instances"


OF_STUDY = frozenset({*STUDY, STUDY_UID, MODALITIES})
OF_SERIES = frozenset({*SERIES, SERIES_UID}) | OF_STUDY
OF_INSTANCE = frozenset({*INSTANCE, INSTANCE_UID, SYNTAX}) | OF_SERIES
MATCHED = {Kind.STUDIES: OF_STUDY, Kind.SERIES: OF_SERIES, Kind.INSTANCES: OF_INSTANCE}
"""By what each can be searched: its own attributes and those of what it lies in."""


@dataclass(frozen=True, slots=True)
class Match:
    """An attribute by its keyword, and the values of which any is wanted."""

    keyword: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DicomQuery:
    kind: Kind
    matches: tuple[Match, ...]
    limit: int
    offset: int = 0
