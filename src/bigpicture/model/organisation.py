"""The organisation that contributes a dataset; private to the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Entity):
    """MSMdad 16; `pic_code` is the EU participant code, as written."""

    kind: ClassVar[EntityKind] = EntityKind.ORGANISATION

    dataset: Reference | None
    name: str = ""
    pic_code: str = ""
    datamanager_group: str = ""
