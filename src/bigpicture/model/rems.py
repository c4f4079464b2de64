"""How access to a dataset is applied for in REMS; private to the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Rems(Entity):
    """MSMdad 10; the workflow fixes the form and the committee."""

    kind: ClassVar[EntityKind] = EntityKind.REMS

    dataset: Reference | None
    workflow_id: str = ""
    organisation_id: str = ""
