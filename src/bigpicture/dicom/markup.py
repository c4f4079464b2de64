"""Reads XML that vendors put into their files, as a flat list, without entities or depth."""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat

from bigpicture.model.errors import SlideError

MAXIMUM_BYTES = 32 << 20
MAXIMUM_DEPTH = 64


@dataclass(slots=True)
class Markup:
    """One element: its name without prefix or namespace, its attributes and its own text."""

    name: str
    attributes: dict[str, str]
    parent: str
    line: int
    text: str = ""


def read_markup(text: str, *, place: str) -> list[Markup]:
    """Every element in document order.

    A document type is refused, so that no entity can expand. Raises `SlideError`.
    """
    data = text.encode("utf-8")
    if len(data) > MAXIMUM_BYTES:
        raise _refused(f"its XML is {len(data) >> 20} MiB long", place)
    found: list[Markup] = []
    opened: list[Markup] = []
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(opened) >= MAXIMUM_DEPTH:
            raise _refused(f"its XML nests more than {MAXIMUM_DEPTH} deep", place)
        own = {_local(key): value for key, value in attributes.items()}
        parent = opened[-1].name if opened else ""
        opened.append(Markup(_local(name), own, parent, parser.CurrentLineNumber))
        found.append(opened[-1])

    def end(_: str) -> None:
        opened.pop()

    def words(data: str) -> None:
        if opened:
            opened[-1].text += data

    def refuse(*_: object) -> None:
        raise _refused("its XML has a document type", place)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _refused("its XML does not parse", f"{place} line {error.lineno}") from error
    return found


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refused(what: str, place: str) -> SlideError:
    return SlideError(f"{what}.", place=place, remedy="Export the slide again.")
