"""A biological being: the human or animal that tissue was taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.code import Code
from bigpicture.model.entity import Entity, EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Being(Entity):
    """MSMdad 2; strain, control and termination are stated for animals only."""

    kind: ClassVar[EntityKind] = EntityKind.BEING

    sex: str | None = None
    species: Code | None = None
    strain: Code | None = None
    control: str | None = None
    termination: Code | None = None
