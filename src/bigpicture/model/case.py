"""A pathology case of one biological being."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Entity):
    """MSMdad 13. A reference is None only where the document lacks it (a finding says so)."""

    kind: ClassVar[EntityKind] = EntityKind.CASE

    being: Reference | None
