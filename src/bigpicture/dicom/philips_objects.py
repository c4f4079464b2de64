"""The data objects of a Philips description: attributes by name, in objects in attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bigpicture.dicom.markup import Markup
from bigpicture.model.allowance import Field

SCANNED_IMAGES = "PIM_DP_SCANNED_IMAGES"
REPRESENTATIONS = "PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE"
IMAGE_TYPE = "PIM_DP_IMAGE_TYPE"
IMAGE_DATA = "PIM_DP_IMAGE_DATA"
PIXEL_SPACING = "DICOM_PIXEL_SPACING"

PICTURES = frozenset({IMAGE_DATA, "DICOM_ICCPROFILE", "UFS_IMAGE_BLOCK_HEADER_TABLE"})
"""Attributes that hold a picture, a profile or a table in base 64, and no text."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,79}")
_ORDINARY = {
    "Name": re.compile(r".*", re.DOTALL),
    "Group": re.compile(r"0x[0-9A-Fa-f]{4}"),
    "Element": re.compile(r"0x[0-9A-Fa-f]{4}"),
    "PMSVR": re.compile(r"I[A-Za-z0-9]{1,30}"),
    "ObjectType": re.compile(r"[A-Za-z]{1,60}"),
}


@dataclass
class DataObject:
    """One object: its type, the name of the attribute it is a value of, and its own attributes.

    `texts` holds attributes with a text, the first of a name; `lines` where each stands.
    """

    type: str
    held_by: str
    line: int
    texts: dict[str, str] = field(default_factory=dict[str, str])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    children: list[DataObject] = field(default_factory=list["DataObject"])

    def held(self, attribute: str) -> list[DataObject]:
        """The objects that are the value of one of its attributes."""
        return [child for child in self.children if child.held_by == attribute]


def read_objects(markup: Sequence[Markup]) -> DataObject | None:
    """The outermost object with all it holds; None where the root is something else."""
    if not markup or markup[0].name != "DataObject":
        return None
    root = DataObject(markup[0].attributes.get("ObjectType", ""), "", markup[0].line)
    opened: list[tuple[Markup, DataObject]] = [(markup[0], root)]
    for element in markup[1:]:
        while opened[-1][0].depth >= element.depth:
            opened.pop()
        holder = opened[-1][1]
        if element.name == "Attribute":
            name = element.attributes.get("Name", "")
            if name not in holder.texts:
                holder.texts[name] = unquoted(element.text)
                holder.lines[name] = element.line
        elif element.name == "DataObject":
            attribute = _attribute_around(opened)
            kind = element.attributes.get("ObjectType", "")
            child = DataObject(kind, attribute, element.line)
            holder.children.append(child)
            holder = child
        opened.append((element, holder))
    return root


def _attribute_around(opened: Sequence[tuple[Markup, DataObject]]) -> str:
    for element, _ in reversed(opened):
        if element.name == "Attribute":
            return element.attributes.get("Name", "")
    return ""


def unquoted(text: str) -> str:
    """A value without the quotes around the parts of an array, and without line breaks."""
    return " ".join(text.replace('"', " ").split())


def fields_of(markup: Sequence[Markup], *, place: str) -> Iterator[Field]:
    """Every attribute as `Philips.<Name>`, and whatever else the XML says beside them.

    What is not as the format has it gets a name that no rule knows.
    """
    for element in markup:
        where = f"{place} line {element.line}"
        text = unquoted(element.text)
        name = element.attributes.get("Name", "")
        if element.name == "Attribute" and _NAME.fullmatch(name):
            yield Field(where, f"Philips.{name}", "" if name in PICTURES else text)
        elif element.name == "Attribute":
            yield Field(where, "Philips.Attribute without a proper name", f"{name} {text}".strip())
        elif element.name not in {"DataObject", "Array"}:
            yield Field(where, "Philips.an element that the format does not have", text)
        elif text:
            yield Field(where, f"Philips.{element.name}", text)
        for attribute, value in element.attributes.items():
            form = _ORDINARY.get(attribute)
            if form is None or not form.fullmatch(value):
                yield Field(where, f"Philips.{element.name}@{attribute}"[:64], value)
