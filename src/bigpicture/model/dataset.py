"""A dataset as its contributor describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetHeader(Entity):
    """MSMdad 1: title, version and what belongs to the set."""

    kind: ClassVar[EntityKind] = EntityKind.DATASET

    title: str
    short_name: str = ""
    description: str = ""
    version: str = ""
    metadata_standard: str = ""
    owner_email: str = ""
    types: tuple[str, ...] = ()
    images: tuple[Reference, ...] = ()
    annotations: tuple[Reference, ...] = ()
    observations: tuple[Reference, ...] = ()
    complements: tuple[Reference, ...] = ()
    node: str = ""
    """The node that the dataset is reported under; MetaFleX 3.0 asks for it, 2.0 has none."""
    landing_page: Reference | None = None
    """Of MetaFleX 3.0."""
