"""The schemas of MetaFleX, and what is the same in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bigpicture.metaflex.form import ATTRIBUTES, MANY, Object, Part, Schema, Shape
from bigpicture.metaflex.v2_0 import METAFLEX_2_0, OBSERVED
from bigpicture.metaflex.v3_0 import METAFLEX_3_0
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import MetadataError

SCHEMAS: Mapping[str, Schema] = {each.line: each for each in (METAFLEX_2_0, METAFLEX_3_0)}
"""Every version that is read and written, by its line, the oldest first."""


def schema_of(version: str) -> Schema:
    """Return the schema of a version (`2.0`, `2.0.1`); raises `MetadataError` for another."""
    line = ".".join(version.split(".")[:2])
    if line not in SCHEMAS:
        raise MetadataError(
            f"MetaFleX {version!a:.20} is none of the versions that are read and written.",
            rule="MSMdad 1.1.5",
            remedy=f"Use one of {', '.join(each.release for each in SCHEMAS.values())}.",
        )
    return SCHEMAS[line]


def _in_any(kind: EntityKind) -> Object:
    """The object with the parts of every version, in an order that fits each."""
    *older, newest = (schema.of(kind) for schema in SCHEMAS.values())
    parts = list(newest.parts)
    for each in older:
        for number, part in reversed(list(enumerate(each.parts))):
            if newest.part(part.tag) is None:
                following = each.parts[number + 1].tag
                place = next(n for n, other in enumerate(parts) if other.tag == following)
                parts.insert(place, part)
    return replace(newest, parts=tuple(parts))


OBJECTS: tuple[Object, ...] = tuple(_in_any(each.kind) for each in METAFLEX_2_0.objects)
"""Each class with the parts of every version: for those who change a document, not judge it."""

BY_TAG: Mapping[str, Object] = {each.tag: each for each in OBJECTS}
BY_KIND: Mapping[EntityKind, Object] = {each.kind: each for each in OBJECTS}
CONTAINERS = frozenset(each.container for each in OBJECTS)

STATEMENT: tuple[Part, ...] = (
    Part(
        "STATEMENT_TYPE",
        Shape.TEXT,
        values=("Diagnosis", "Macroscopic Description", "Microscopic Description", "Finding"),
    ),
    Part("STATEMENT_STATUS", Shape.TEXT, values=("Summary", "Distinct")),
    Part("CODE_ATTRIBUTES", Shape.CODES),
    Part("CUSTOM_ATTRIBUTES", Shape.ATTRIBUTES),
    Part("FREETEXT", Shape.TEXT),
    ATTRIBUTES,
)

NILLABLE = frozenset(
    {"ATTRIBUTES", "CODE_ATTRIBUTES", "CUSTOM_ATTRIBUTES", "FREETEXT", "VALUE", "SCHEME_VERSION"}
)
"""The elements that may say `xsi:nil`, wherever they stand."""

FILE_TAGS = {"FILES": "FILE", "SAMPLE_IMAGE_FILES": "SAMPLE_IMAGE_FILE"}

NAMED = frozenset(
    {each.tag for each in OBJECTS}
    | {part.tag for each in OBJECTS for part in each.parts if part.shape == Shape.REFERENCE}
    | {"FILE", "SAMPLE_IMAGE_FILE"}
)
"""The elements that bear attributes of MetaFleX."""

SAMPLE_IMAGES = 5
"""Most sample images of a landing page."""

DATACITE = "http://datacite.org/schema/kernel-4"
"""Namespace of `PRIVATE/datacite.xml`, which is kept and not read here."""

__all__ = [
    "BY_KIND",
    "BY_TAG",
    "CONTAINERS",
    "DATACITE",
    "FILE_TAGS",
    "MANY",
    "NAMED",
    "NILLABLE",
    "OBJECTS",
    "OBSERVED",
    "SAMPLE_IMAGES",
    "SCHEMAS",
    "STATEMENT",
    "Object",
    "Part",
    "Schema",
    "Shape",
    "schema_of",
]
