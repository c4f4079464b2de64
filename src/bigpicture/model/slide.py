"""A slide: a cut of one block, stained one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide(Entity):
    """MSMdad 5."""

    kind: ClassVar[EntityKind] = EntityKind.SLIDE

    block: Reference | None
    staining: Reference | None
