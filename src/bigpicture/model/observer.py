"""An observer: the human or machine who stated something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer(Entity):
    """MSMdad 14; `type` is Human or Machine."""

    kind: ClassVar[EntityKind] = EntityKind.OBSERVER

    type: str

    @property
    def is_machine(self) -> bool:
        return self.type.casefold() == "machine"
