"""Reads XML that vendors put into their files, as a flat list, without entities or depth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from bigpicture.model.errors import SlideError

MAXIMUM_BYTES = 32 << 20
MAXIMUM_DEPTH = 64
_BUFFER_BYTES = 1 << 20
"""A long text comes in pieces of this size: to join many small ones takes its length squared."""

_ROOT = re.compile(r"<(?:\w+:)?(\w[\w.-]*)([^>]*)")
_BLANK = re.compile(r"[\s\ufeff]*")
_BEFORE_ROOT = (("<?", "?>"), ("<!--", "-->"), ("<!", ">"))


@dataclass(slots=True)
class Markup:
    """One element: its name without prefix or namespace, its attributes and its own text.

    `depth` counts the elements around it: 0 for the root.
    """

    name: str
    attributes: dict[str, str]
    parent: str
    line: int
    text: str = ""
    depth: int = 0


def read_root(text: str) -> tuple[str, str]:
    """Local name and attributes of the root element in what begins as XML; empty where it is none.

    The beginning of a document is enough, and nothing after it is looked at. Declarations,
    comments and a document type, with what stands in its brackets, are passed over.
    """
    position = 0
    while (position := _end(_BLANK, text, position)) < len(text):
        ends = [end for start, end in _BEFORE_ROOT if text.startswith(start, position)]
        if not ends:
            break
        close = text.find(ends[0], position)
        bracket = text.find("[", position, close) if ends[0] == ">" else -1
        if bracket >= 0:
            close = text.find(">", max(text.find("]", bracket), bracket))
        if close < 0:
            return "", ""
        position = close + len(ends[0])
    found = _ROOT.match(text, position)
    return (found[1], found[2]) if found else ("", "")


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def read_markup(text: str, *, place: str, deepest: int = MAXIMUM_DEPTH) -> list[Markup]:
    """Every element in document order, nested at most `deepest` deep.

    A document type is refused, so that no entity can expand. Raises `SlideError`.
    """
    data = text.encode("utf-8")
    if len(data) > MAXIMUM_BYTES:
        raise _refused(f"its XML is {len(data) >> 20} MiB long", place)
    found: list[Markup] = []
    opened: list[Markup] = []
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = _BUFFER_BYTES

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(opened) >= deepest:
            raise _refused(f"its XML nests more than {deepest} deep", place)
        own = {_local(key): value for key, value in attributes.items()}
        parent = opened[-1].name if opened else ""
        line = parser.CurrentLineNumber
        opened.append(Markup(_local(name), own, parent, line, depth=len(opened)))
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
