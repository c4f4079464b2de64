"""An annotation: what was drawn on an image, kept in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(Entity):
    """MSMdad 7."""

    kind: ClassVar[EntityKind] = EntityKind.ANNOTATION

    image: Reference | None
    files: tuple[DataFile, ...] = ()
