"""Read a DataCite record (MSMdad 5.4.17), and say where it departs from kernel 4.5."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bigpicture.metaflex.datacite_kernel import LISTS, RESOURCE, Shape
from bigpicture.metaflex.tree import Document, Element
from bigpicture.model.aside import Aside
from bigpicture.model.datacite import DataciteRecord
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place

FILE = "PRIVATE/datacite.xml"
RULE = "5.4.17"
_KERNEL = "http://datacite.org/schema/kernel-4"
_NAMES = frozenset({"creators", "contributors"})
_PROSE = frozenset({"title", "description", "subject", "rights", "size", "format", "version",
                    "dateInformation", "awardTitle", "geoLocationPlace"})  # fmt: skip
_SHOWN = 40


def is_datacite(document: Document) -> bool:
    """Whether a document is a DataCite record, or stands where one is kept."""
    return document.name == FILE or any(
        address.startswith("http://datacite.org/schema/") for _, address in document.root.namespaces
    )


def check_datacite(document: Document) -> list[Finding]:
    """Every place where the record departs from kernel 4.5, in order of lines."""
    root = document.root
    if _local(root.tag) != "resource" or _address(root) != _KERNEL:
        what = "the root element is no resource of DataCite's kernel 4."
        expected = f'<resource xmlns="{_KERNEL}">'
        return [_finding(document.name, root, what, expected, "Export it as DataCite 4.5.")]
    found = _Checker(document.name).element(root, RESOURCE)
    return sorted(found, key=lambda each: each.place)


def read_datacite(document: Document) -> DataciteRecord:
    """Read what the dataset states as well; what is missing is empty, a finding tells."""
    root, file = document.root, document.name
    kind = _child(root, "resourceType")
    return DataciteRecord(
        place=Place(file, root.line),
        titles=tuple(_aside(each, file) for each in _below(_child(root, "titles"), "title")),
        publisher=_told(root, "publisher", file),
        year=_told(root, "publicationYear", file),
        version=_told(root, "version", file),
        resource_type=(kind.get("resourceTypeGeneral") or "") if kind else "",
        prose=tuple(_prose(root, file)),
    )


class _Checker:
    def __init__(self, file: str) -> None:
        self.file = file

    def element(self, element: Element, shape: Shape) -> Iterator[Finding]:
        if shape.is_free:
            return
        yield from self._attributes(element, shape)
        yield from self._text(element, shape)
        counts = Counter(_local(each.tag) for each in element.elements)
        for tag, (least, most, _) in shape.parts.items():
            if counts[tag] < least:
                number = "one" if least == 1 else f"{least}"
                what = f"{_local(element.tag)} holds {counts[tag] or 'no'} {tag}."
                yield self._say(element, what, f"at least {number} {tag}", f"Add {tag}.")
            elif counts[tag] > most:
                what = f"{_local(element.tag)} holds {counts[tag]} {tag}."
                yield self._say(element, what, f"one {tag}", "Keep the one that is meant.")
        yield from self._parts(element, shape)

    def _parts(self, element: Element, shape: Shape) -> Iterator[Finding]:
        order = {tag: number for number, tag in enumerate(shape.parts)}
        last = 0
        for child in element.elements:
            tag = _local(child.tag)
            if tag not in shape.parts:
                what = f"{tag[:_SHOWN]!r} does not belong into {_local(element.tag)}."
                expected = ", ".join(shape.parts) or "text only"
                yield self._say(child, what, expected, "Take it out, or correct its name.")
                continue
            if shape.is_ordered and order[tag] < last:
                what = f"{tag} stands too late in {_local(element.tag)}."
                yield self._say(child, what, ", then ".join(shape.parts), "Move it up.")
            last = max(last, order[tag])
            yield from self.element(child, shape.parts[tag][2])

    def _attributes(self, element: Element, shape: Shape) -> Iterator[Finding]:
        tag = _local(element.tag)
        there = {key: value for key, value in element.attributes if not _is_schema_hint(key)}
        for key in shape.needs:
            if key not in there:
                expected = " or ".join(LISTS.get(key, (f"{key}, filled",)))
                yield self._say(element, f"{tag} has no {key}.", expected, f"Add {key}.")
        for key, value in there.items():
            if key not in (*shape.needs, *shape.may):
                what = f"{tag} has an attribute {key[:_SHOWN]!r}."
                expected = ", ".join((*shape.needs, *shape.may)) or "none"
                yield self._say(element, what, expected, "Take it out, or correct its name.")
            elif key in LISTS and value not in LISTS[key]:
                what = f"{key} is {value[:_SHOWN]!r}."
                yield self._say(element, what, "one of " + "; ".join(LISTS[key]), "Correct it.")

    def _text(self, element: Element, shape: Shape) -> Iterator[Finding]:
        tag = _local(element.tag)
        text = "".join((element.text, *(each.tail for each in element.children)))
        if element.is_nil:
            yield self._say(element, f"{tag} is nil.", "a value", "Fill it, or leave it out.")
        elif not shape.text:
            if text.strip() and not shape.is_mixed:
                yield self._say(element, f"{tag} holds text.", "elements only", "Take it out.")
        elif not re.fullmatch(shape.text, text, re.ASCII) or (
            shape.limit and abs(float(text)) > shape.limit
        ):
            what = f"{tag} is empty." if not text.strip() else f"{tag} does not fit."
            yield self._say(element, what, _asked(tag, shape), "Correct it.")

    def _say(self, element: Element, what: str, expected: str, remedy: str) -> Finding:
        return _finding(self.file, element, what, expected, remedy)


def _asked(tag: str, shape: Shape) -> str:
    if shape.limit:
        return f"degrees from -{shape.limit} to {shape.limit}"
    return {"publicationYear": "a year of four digits", "language": "a language, such as en"}.get(
        tag, "a text"
    )


def _finding(file: str, element: Element, what: str, expected: str, remedy: str) -> Finding:
    return Finding(RULE, Severity.ERROR, Place(file, element.line), what, expected, remedy)


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _address(root: Element) -> str | None:
    prefix = root.tag.rpartition(":")[0]
    return next((address for each, address in root.namespaces if each == prefix), None)


def _is_schema_hint(key: str) -> bool:
    """`xsi:schemaLocation` and `xsi:nil` say nothing of the record itself."""
    return key.startswith("xsi:")


def _child(element: Element | None, tag: str) -> Element | None:
    return next(iter(_below(element, tag)), None)


def _below(element: Element | None, tag: str) -> list[Element]:
    return [each for each in element.elements if _local(each.tag) == tag] if element else []


def _told(root: Element, tag: str, file: str) -> Aside | None:
    found = _child(root, tag)
    return _aside(found, file) if found else None


def _aside(element: Element, file: str) -> Aside:
    parts = (element.text, *(each.tail for each in element.children))
    return Aside(" ".join(" ".join(parts).split()), Place(file, element.line))


def _prose(element: Element, file: str) -> Iterator[Aside]:
    """Titles, descriptions and the like, wherever they stand outside creators and contributors."""
    for child in element.elements:
        tag = _local(child.tag)
        if tag in _NAMES:
            continue
        if tag in _PROSE and (aside := _aside(child, file)).text:
            yield aside
        yield from _prose(child, file)
