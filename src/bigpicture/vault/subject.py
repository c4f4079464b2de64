"""A subject: whom, or what, sealed bytes belong to, and with whose key they close."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    ARRIVAL = "arrival"
    """What was sent in, until it is accepted: its key goes when the dataset is published."""
    DATASET = "dataset"
    """What a dataset says as a whole: its documents, its landing page."""
    BEING = "being"
    """What was made of one BiologicalBeing: pixels, previews, annotations, reports of them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of an owner (a submission, later the dataset of its accession)."""

    kind: SubjectKind
    alias: str = ""
    """Of the being, as the submission calls it; empty for all else."""

    @classmethod
    def being(cls, alias: str) -> Subject:
        return cls(SubjectKind.BEING, alias)


ARRIVAL = Subject(SubjectKind.ARRIVAL)
DATASET = Subject(SubjectKind.DATASET)
