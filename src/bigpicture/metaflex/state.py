"""Compose what an object states: attributes of the five types, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from bigpicture.metaflex import build
from bigpicture.metaflex.read import DEPTH
from bigpicture.metaflex.schema import FILE_TAGS, Schema
from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute, AttributeType, Measurement
from bigpicture.model.code import Code
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity
from bigpicture.model.errors import MetadataError

DEEPEST_SET = (DEPTH - 8) // 2
"""Sets within sets that fit into the nesting that is read; each takes two elements."""


def list_of_attributes(
    stated: Sequence[Attribute],
    owner: Entity,
    *,
    tag: str = "ATTRIBUTES",
    empty_is_nil: bool = True,
) -> Element:
    """Return attributes below `tag`; nil where there are none and `tag` may be nil."""
    if not stated and empty_is_nil:
        return build.nil(tag)
    return Element(tag, children=tuple(attribute_of(each, owner) for each in stated))


def list_of_codes(stated: Sequence[Attribute], owner: Entity) -> Element:
    """Return `CODE_ATTRIBUTES`, which holds codes only."""
    for each in stated:
        if each.type is not AttributeType.CODE:
            raise _refuse(owner, each, "is no code, and CODE_ATTRIBUTES holds codes only")
    return list_of_attributes(stated, owner, tag="CODE_ATTRIBUTES")


def list_of_files(tag: str, files: Iterable[DataFile], schema: Schema) -> Iterator[Element]:
    """Yield the list of files, or nothing where there are none."""
    held = tuple(_file(FILE_TAGS[tag], each, schema) for each in files)
    if held:
        yield Element(tag, children=held)


def _file(tag: str, file: DataFile, schema: Schema) -> Element:
    """A file with the digests it has; the one that the version requires stands there always."""
    digests = {"checksum": file.checksum, "unencrypted_checksum": file.unencrypted_checksum}
    if not any(digests[name] for name in schema.digests):
        digests = dict.fromkeys(digests, "") | dict.fromkeys(schema.digests, file.sha256)
    pairs = {
        "filename": file.filename,
        "checksum_method": "SHA256",
        **{name: digest for name, digest in digests.items() if digest},
        "filetype": file.filetype,
    }
    return Element(tag, attributes=tuple(pairs.items()))


def attribute_of(attribute: Attribute, owner: Entity | None = None, depth: int = 0) -> Element:
    """Return one attribute; raises `MetadataError` for what XML cannot hold, naming its `owner`."""
    if depth > DEEPEST_SET:
        raise _refuse(owner, attribute, f"stands in more than {DEEPEST_SET} sets, one in another")
    kind, tag, value = attribute.type, attribute.tag, attribute.value
    match kind, value:
        case AttributeType.MEASUREMENT, None:
            return build.measurement_attribute(tag, None, attribute.units)
        case _, None:
            return build.attribute(kind, tag, build.nil("VALUE"))
        case AttributeType.STRING, str():
            return build.string_attribute(tag, value)
        case AttributeType.CODE, Code():
            return build.code_attribute(tag, value)
        case AttributeType.SET, tuple():
            members = tuple(attribute_of(each, owner, depth + 1) for each in value)
            return build.attribute(kind, tag, Element("VALUE", children=members))
        case AttributeType.NUMERIC, Decimal() if value.is_finite():
            return build.numeric_attribute(tag, value)
        case AttributeType.MEASUREMENT, Measurement() if value.value.is_finite():
            return build.measurement_attribute(tag, value.value, value.units)
        case _:
            raise _refuse(owner, attribute, f"is no {kind} that XML can hold")


def _refuse(owner: Entity | None, attribute: Attribute, what: str) -> MetadataError:
    return MetadataError(
        f"{attribute.tag!a:.60} of {owner or 'an object'} {what}.",
        place=str(owner.place_of(attribute)) if owner else "",
        rule="MetaFleX",
        remedy="Correct its type or value.",
    )
