"""The terms of a dataset as its contributor wrote them; `policy` is what we read in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Entity):
    """MSMdad 9; `policy` is None where the type of dataset or the tier cannot be read."""

    kind: ClassVar[EntityKind] = EntityKind.POLICY

    dataset: Reference | None
    policy: Policy | None
