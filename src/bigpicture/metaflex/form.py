"""The form of a schema: objects, their parts in order, and what a file states of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.entity import EntityKind

MANY = 1_000_000_000
"""maxOccurs="unbounded"."""


class Shape(StrEnum):
    """What an element holds."""

    TEXT = "text"
    WHOLE_NUMBER = "whole number"
    REFERENCE = "reference"
    FILES = "files"
    ATTRIBUTES = "attributes"
    CODES = "code attributes"
    CHOICE = "choice"
    """One empty-ish element out of `values` (IMAGE_TYPE)."""
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Part:
    """A child element of an object: how often, in which shape.

    Parts with the same `choice` exclude each other, and exactly one of them must stand there.
    """

    tag: str
    shape: Shape
    least: int = 1
    most: int = 1
    refers_to: EntityKind | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """One class of the standard in XML."""

    kind: EntityKind
    tag: str
    container: str
    file: str
    """Where it stands in a dataset folder."""
    parts: tuple[Part, ...]

    def part(self, tag: str) -> Part | None:
        """The part of that tag, or None where this version has none."""
        return next((part for part in self.parts if part.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of MetaFleX; releases of a line (2.0.0, 2.0.1 ...) share a schema."""

    line: str
    """`2.0`"""
    objects: tuple[Object, ...]
    digests: tuple[str, ...]
    """The attributes of a file that must hold a SHA-256."""

    @property
    def release(self) -> str:
        """What METADATA_STANDARD says where nothing else is asked for."""
        return f"{self.line}.0"

    def of(self, kind: EntityKind) -> Object:
        """The object that stands for a class."""
        return next(each for each in self.objects if each.kind == kind)


def text(tag: str, *, least: int = 1, most: int = 1, pattern: str = "") -> Part:
    return Part(tag, Shape.TEXT, least, most, pattern=pattern)


def reference(
    tag: str, kind: EntityKind, *, least: int = 1, most: int = 1, choice: str = ""
) -> Part:
    return Part(tag, Shape.REFERENCE, least, most, refers_to=kind, choice=choice)


ATTRIBUTES = Part("ATTRIBUTES", Shape.ATTRIBUTES)
