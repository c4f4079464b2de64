"""An entity: anything of a submission that has an alias, and references from one to another."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from typing import ClassVar, TypeAlias

from bigpicture.model.attribute import Attribute, Json, as_json
from bigpicture.model.identifiers import Accession, AccessionKind, Alias
from bigpicture.model.place import Place


class EntityKind(StrEnum):
    """The classes of the standard; an alias is unique within its dataset and kind."""

    DATASET = "dataset"
    POLICY = "policy"
    LANDING_PAGE = "landing_page"
    REMS = "rems"
    ORGANISATION = "organisation"
    BEING = "being"
    CASE = "case"
    SPECIMEN = "specimen"
    BLOCK = "block"
    SLIDE = "slide"
    STAINING = "staining"
    IMAGE = "image"
    ANNOTATION = "annotation"
    OBSERVATION = "observation"
    OBSERVER = "observer"

    __hash__ = str.__hash__  # that of `Enum` is slow, and keys of entities begin with a kind

    @property
    def accession_kind(self) -> AccessionKind:
        """Being, case, specimen, block and slide share `sample`."""
        return AccessionKind.SAMPLE if self in _SAMPLES else AccessionKind(self.value)

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


_SAMPLES = frozenset(
    {
        EntityKind.BEING,
        EntityKind.CASE,
        EntityKind.SPECIMEN,
        EntityKind.BLOCK,
        EntityKind.SLIDE,
    }
)

EntityKey: TypeAlias = tuple[EntityKind, str]
"""Kind and alias."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Points at an entity by alias, by accession (the only way to another dataset), or both.

    `at` is the place of the object that refers, `below` how many lines further down it does.
    """

    kind: EntityKind
    alias: str
    accession: Accession | None
    at: Place
    below: int = field(default=0, compare=False)

    @property
    def place(self) -> Place:
        return self.at.down(self.below)

    @property
    def key(self) -> EntityKey:
        return (self.kind, self.alias)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.alias or self.accession}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What all entities have; `stated` are the attributes as written, in order."""

    kind: ClassVar[EntityKind]

    alias: Alias
    accession: Accession | None = None
    place: Place
    stated: tuple[Attribute, ...] = ()

    @property
    def key(self) -> EntityKey:
        return (self.kind, self.alias)

    @property
    def attributes(self) -> dict[str, Json]:
        """The attributes as the records hold them, see `as_json`."""
        return as_json(self.stated)

    def place_of(self, attribute: Attribute) -> Place:
        """Where one of its attributes stands, at any depth."""
        return self.place.down(attribute.below)

    def __str__(self) -> str:
        return f"{self.kind.label} {self.alias}"


_PLAIN = frozenset({"alias", "accession", "place", "stated"})


@cache
def _names(kind: type[Entity]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name not in _PLAIN)


def references(entity: Entity) -> list[Reference]:
    """Return everything an entity refers to, in the order of its fields."""
    found: list[Reference] = []
    for name in _names(type(entity)):
        value = getattr(entity, name)
        if isinstance(value, Reference):
            found.append(value)
        elif isinstance(value, tuple):
            found += [each for each in value if isinstance(each, Reference)]
    return found
