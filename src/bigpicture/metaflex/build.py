"""Build exchange documents: typed attributes, references, objects in the schema's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bigpicture.metaflex.schema import BY_KIND, BY_TAG, FILE_TAGS
from bigpicture.metaflex.tree import XSI, Document, Element
from bigpicture.model.attribute import AttributeType
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind

_XSI = (("xsi", XSI),)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file as an object lists it; `filename` is relative to the dataset folder."""

    filename: str
    sha256: str
    filetype: str = "dcm"
    encrypted_sha256: str = ""


def text(tag: str, value: str | None) -> Element:
    """Return `<tag>value</tag>`; None becomes nil."""
    return Element(tag, text=value) if value is not None else nil(tag)


def nil(tag: str) -> Element:
    """Return an element that says its value is not available."""
    return Element(tag, attributes=(("xsi:nil", "true"),), namespaces=_XSI, is_nil=True)


def reference(tag: str, alias: str, *, accession: str | None = None) -> Element:
    """Return a reference, `tag` telling its part in the graph (`IMAGE_OF`, `DATASET_REF` ...)."""
    pairs = (("alias", alias), ("accession", accession or ""))
    return Element(tag, attributes=tuple((key, value) for key, value in pairs if value))


def string_attribute(tag: str, value: str | None) -> Element:
    return attribute(AttributeType.STRING, tag, text("VALUE", value))


def numeric_attribute(tag: str, value: Decimal | float | None) -> Element:
    return attribute(AttributeType.NUMERIC, tag, text("VALUE", _digits(value)))


def measurement_attribute(tag: str, value: Decimal | float | None, units: str) -> Element:
    return attribute(
        AttributeType.MEASUREMENT, tag, text("VALUE", _digits(value)), text("UNITS", units)
    )


def code_attribute(tag: str, value: Code | None) -> Element:
    return attribute(AttributeType.CODE, tag, _code(value) if value else nil("VALUE"))


def set_attribute(tag: str, members: Iterable[Element] | None) -> Element:
    """Return a set; without members it is nil, since the schema wants one at least."""
    held = tuple(members or ())
    return attribute(
        AttributeType.SET, tag, Element("VALUE", children=held) if held else nil("VALUE")
    )


def attributes(members: Iterable[Element], *, tag: str = "ATTRIBUTES") -> Element:
    """Return a list of attributes (`ATTRIBUTES`, `STAIN` ...); nil where there are none."""
    held = tuple(members)
    return Element(tag, children=held) if held else nil(tag)


def files(entries: Iterable[FileEntry], *, tag: str = "FILES") -> Element:
    """Return `FILES` (or `SAMPLE_IMAGE_FILES`); one digest serves as both checksums."""
    return Element(tag, children=tuple(_file(FILE_TAGS[tag], entry) for entry in entries))


def image_type(name: str = "WSI_IMAGE") -> Element:
    return Element("IMAGE_TYPE", children=(Element(name),))


def statement(
    kind: str,
    status: str,
    *,
    codes: Iterable[Element] = (),
    custom: Iterable[Element] = (),
    freetext: str | None = None,
) -> Element:
    """Return an observation's `STATEMENT`; `codes` are code attributes."""
    return Element(
        "STATEMENT",
        children=(
            text("STATEMENT_TYPE", kind),
            text("STATEMENT_STATUS", status),
            attributes(codes, tag="CODE_ATTRIBUTES"),
            attributes(custom, tag="CUSTOM_ATTRIBUTES"),
            text("FREETEXT", freetext),
            nil("ATTRIBUTES"),
        ),
    )


def entity(
    kind: EntityKind,
    alias: str,
    parts: Iterable[Element] = (),
    *,
    stated: Iterable[Element] = (),
) -> Element:
    """Return one object: `parts` are put in the schema's order, `stated` become `ATTRIBUTES`."""
    schema = BY_KIND[kind]
    order = {part.tag: number for number, part in enumerate(schema.parts)}
    children = sorted(parts, key=lambda part: order[part.tag])
    return Element(
        schema.tag,
        attributes=(("alias", alias),),
        children=(*children, attributes(stated)),
    )


def document(objects: Sequence[Element]) -> Document:
    """Return the document that holds `objects`, named by the file the standard gives it."""
    schema = BY_TAG[objects[0].tag]
    declared = _XSI if any(_holds_nil(each) for each in objects) else ()
    root = Element(schema.container, children=tuple(objects), namespaces=declared)
    return Document(schema.file, _declared_once(root, declared) if declared else root)


def _declared_once(element: Element, declared: tuple[tuple[str, str], ...]) -> Element:
    """Take declarations out that the root makes already."""
    children = tuple(
        _without_declaration(child) if isinstance(child, Element) else child
        for child in element.children
    )
    return replace(element, children=children, namespaces=declared)


def _without_declaration(element: Element) -> Element:
    return _declared_once(element, tuple(pair for pair in element.namespaces if pair not in _XSI))


def _holds_nil(element: Element) -> bool:
    return element.is_nil or any(_holds_nil(child) for child in element.elements)


def attribute(kind: AttributeType, tag: str, *values: Element) -> Element:
    """Return an attribute of that type with its tag before `values` (`VALUE`, `UNITS`)."""
    return Element(f"{kind.name}_ATTRIBUTE", children=(text("TAG", tag), *values))


def _code(code: Code) -> Element:
    return Element(
        "VALUE",
        children=(
            text("CODE", code.code),
            text("SCHEME", code.scheme),
            text("MEANING", code.meaning),
            text("SCHEME_VERSION", code.scheme_version or None),
        ),
    )


def _digits(value: Decimal | float | None) -> str | None:
    """Return xs:decimal digits: no exponent, the shortest that reads back the same."""
    return None if value is None else format(Decimal(str(value)), "f")


def _file(tag: str, entry: FileEntry) -> Element:
    pairs: Mapping[str, str] = {
        "filename": entry.filename,
        "checksum_method": "SHA256",
        "checksum": entry.encrypted_sha256 or entry.sha256,
        "unencrypted_checksum": entry.sha256,
        "filetype": entry.filetype,
    }
    return Element(tag, attributes=tuple(pairs.items()))
