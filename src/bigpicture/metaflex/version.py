"""Which version of MetaFleX a document is of: what it says, else what only that version has."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.metaflex.attributes import text_of
from bigpicture.metaflex.schema import BY_TAG, CONTAINERS, FILE_TAGS, SCHEMAS, Object, Schema
from bigpicture.metaflex.tree import Document, Element

OLDEST = next(iter(SCHEMAS.values()))


def objects(document: Document) -> Iterator[Element]:
    """Return the objects of a document: the container's members, or a root that is one itself."""
    if document.root.tag in BY_TAG:
        yield document.root
    elif document.root.tag in CONTAINERS:
        yield from (child for child in document.root.elements if child.tag in BY_TAG)


def schema_for(document: Document) -> Schema | None:
    """Return the document's version; None where nothing in it tells."""
    return _said(document) or _marked(document)


def _said(document: Document) -> Schema | None:
    """By METADATA_STANDARD, which only a dataset has."""
    for element in objects(document):
        line = ".".join(text_of(element.child("METADATA_STANDARD")).split(".")[:2])
        if line in SCHEMAS:
            return SCHEMAS[line]
    return None


def _marked(document: Document) -> Schema | None:
    """By the first object that only one version can hold."""
    for element in objects(document):
        kind = BY_TAG[element.tag].kind
        fitting = [each for each in SCHEMAS.values() if _fits(element, each.of(kind), each)]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _fits(element: Element, form: Object, schema: Schema) -> bool:
    """Whether this version has the parts, as often, and the files the digests it asks for."""
    counts: dict[str, int] = {}
    for child in element.elements:
        counts[child.tag] = counts.get(child.tag, 0) + 1
    for tag, count in counts.items():
        part = form.part(tag)
        if BY_TAG[element.tag].part(tag) is not None and (part is None or count > part.most):
            return False
    listings = (child for child in element.elements if child.tag in FILE_TAGS)
    files = (file for listing in listings for file in listing.elements)
    return all(file.get(name) is not None for file in files for name in schema.digests)
