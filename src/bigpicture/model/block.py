"""A block: specimens sampled and embedded together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Entity):
    """MSMdad 4; several specimens where a block holds more than one (tissue microarrays)."""

    kind: ClassVar[EntityKind] = EntityKind.BLOCK

    specimens: tuple[Reference, ...]
    preparation: Code | None = None
