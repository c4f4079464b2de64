"""A specimen: tissue removed from a being."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen(Entity):
    """MSMdad 3; age is the interval [start, start + length[ in ISO 8601 durations."""

    kind: ClassVar[EntityKind] = EntityKind.SPECIMEN

    being: Reference | None
    case: Reference | None = None
    sites: tuple[Code, ...] = ()
    extraction: Code | None = None
    fixation: Code | None = None
    specimen_type: Code | None = None
    age_start: str | None = None
    age_length: str | None = None
