"""Reads JSON member by member: lists of any length in the memory of their longest member."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import BinaryIO

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError

LONGEST = 32 << 20
"""Characters of one record; a PDF within a report is longer than any record that is mapped."""
DEEPEST = 64
_CHUNK = 1 << 20
_CUT_NUMBER = 2
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Member:
    """`path` names the list it stood in (empty: the file itself is that list)."""

    path: str
    value: Json
    place: str


def read_lines(file: BinaryIO, name: str) -> Iterator[Member]:
    """Read a file of one JSON record a line (ndjson); raises `InputError` with file and line."""
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        place = f"{name} line {number}"
        if len(line) > LONGEST:
            raise _too_long(place)
        text = _decoded(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line, place)
        if text.strip():
            yield Member("", _whole(text, place), place)


def read_members(
    file: BinaryIO, name: str, wanted: frozenset[str] | None = None
) -> Iterator[Member]:
    """Read the members of the lists at the `wanted` dotted paths, in the order of the file.

    The path "" is the file itself. An object at a wanted path is a list of one. With None, every
    list and value at the top is read.
    """
    yield from _Reader(file, name).members(wanted)


def check_depth(value: Json, place: str) -> None:
    """Refuse a value nested deeper than any record is; what follows may then walk it freely."""
    todo: list[tuple[Json, int]] = [(value, 0)]
    while todo:
        each, depth = todo.pop()
        if depth > DEEPEST:
            raise _too_deep(place)
        if isinstance(each, dict):
            todo.extend((inner, depth + 1) for inner in each.values())
        elif isinstance(each, list):
            todo.extend((inner, depth + 1) for inner in each)


class _Reader:
    """A window on the text; the decoder of the standard library takes one value at a time."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._json = JSONDecoder(parse_constant=_no_constant)
        self._text, self._at, self._line = "", 0, 1
        self._is_over = False

    def members(self, wanted: frozenset[str] | None) -> Iterator[Member]:
        first = self._peek()
        if first == "[":
            yield from self._list("") if wanted is None or "" in wanted else self._skipped()
        elif wanted is not None and "" in wanted:
            yield self._member("", 0)
        elif first == "{":
            yield from self._object("", wanted)
        else:
            raise self._wrong("the file holds neither a list nor an object.")
        if self._peek():
            raise self._wrong("something follows after the end of the document.")

    def _object(self, path: str, wanted: frozenset[str] | None) -> Iterator[Member]:
        self._take("{")
        while self._peek() != "}":
            key = self._value()
            if not isinstance(key, str):
                raise self._wrong("a name of an object is no text.")
            self._take(":")
            inner = f"{path}.{key}" if path else key
            yield from self._within(inner, wanted)
            if self._peek() == ",":
                self._take(",")
            elif self._peek() != "}":
                raise self._wrong("a comma or the end of an object is missing.")
        self._take("}")

    def _within(self, path: str, wanted: frozenset[str] | None) -> Iterator[Member]:
        opening = self._peek()
        if wanted is None or path in wanted:
            yield from self._list(path) if opening == "[" else (self._member(path, 0),)
        elif opening == "{" and any(each.startswith(f"{path}.") for each in wanted):
            yield from self._object(path, wanted)
        else:
            self._value()

    def _list(self, path: str) -> Iterator[Member]:
        self._take("[")
        index = 0
        while self._peek() != "]":
            yield self._member(path, index)
            index += 1
            if self._peek() == ",":
                self._take(",")
            elif self._peek() != "]":
                raise self._wrong("a comma or the end of a list is missing.")
        self._take("]")

    def _member(self, path: str, index: int) -> Member:
        self._peek()
        place = f"{self._name} {path or 'entry'}[{index}] line {self._line}"
        value = self._value()
        check_depth(value, place)
        return Member(path, value, place)

    def _skipped(self) -> Iterator[Member]:
        self._value()
        yield from ()

    def _value(self) -> Json:
        self._peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except RecursionError:
                raise _too_deep(self._place) from None
            except JSONDecodeError as error:
                if self._is_over:
                    raise self._broken(error) from None
            except ValueError:
                raise self._wrong("a number is longer than any number is.") from None
            else:
                # of `1.5e-3` cut after `1.5e-`, the decoder takes `1.5`
                if len(self._text) - end > _CUT_NUMBER or self._is_over:
                    self._line += self._text.count("\n", self._at, end)
                    self._at = end
                    return value
            if len(self._text) - self._at > LONGEST:
                raise _too_long(self._place)
            self._more(max(_CHUNK, len(self._text) - self._at))

    def _peek(self) -> str:
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACE:
                self._line += text[at] == "\n"
                at += 1
            self._at = at
            if at < len(text) or self._is_over:
                return text[at] if at < len(text) else ""
            self._more(_CHUNK)

    def _take(self, letter: str) -> None:
        if self._peek() != letter:
            raise self._wrong(f"{letter} is missing.")
        self._at += 1

    def _more(self, size: int) -> None:
        chunk = self._file.read(size)
        self._is_over = not chunk
        try:
            text = self._decode.decode(chunk, final=self._is_over)
        except UnicodeDecodeError:
            raise _not_utf8(self._place) from None
        if not self._text:
            text = text.removeprefix("\ufeff")
        self._text = self._text[self._at :] + text
        self._at = 0

    @property
    def _place(self) -> str:
        return f"{self._name} line {self._line}"

    def _wrong(self, what: str) -> InputError:
        if self._is_over and self._at >= len(self._text):
            return _cut_off(self._place)
        return InputError(what, place=self._place, rule="RFC 8259", remedy="Export it again.")

    def _broken(self, error: JSONDecodeError) -> InputError:
        self._line += self._text.count("\n", self._at, error.pos)
        rest = self._text[error.pos :].strip()
        if not rest or error.msg.startswith("Unterminated"):
            return _cut_off(self._place)
        return InputError(
            f"this is no JSON: {error.msg[0].lower()}{error.msg[1:]}.",
            place=f"{self._place} column {error.colno}",
            rule="RFC 8259",
            remedy="Export it again, or mend it with a JSON editor.",
        )


def _whole(text: str, place: str) -> Json:
    try:
        value: Json = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep(place) from None
    except JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise _cut_off(place) from None
        raise InputError(
            f"this is no JSON: {error.msg[0].lower()}{error.msg[1:]}.",
            place=f"{place} column {error.colno}",
            rule="RFC 8259: one record a line",
            remedy="Export it again; a document over several lines is a .json, not an .ndjson.",
        ) from None
    except ValueError:
        raise InputError(
            "a number is longer than any number is.", place=place, rule="RFC 8259, section 6"
        ) from None
    check_depth(value, place)
    return value


def _no_constant(name: str) -> Json:
    raise JSONDecodeError(f"{name} is no number of JSON", "", 0)


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8(place) from None


def _not_utf8(place: str) -> InputError:
    return InputError(
        "this is not UTF-8.",
        place=place,
        rule="RFC 8259, section 8.1",
        remedy="Export it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
    )


def _cut_off(place: str) -> InputError:
    return InputError(
        "the file ends in the middle of a record.",
        place=place,
        rule="RFC 8259",
        remedy="It was cut off while it was written or copied: export or copy it again.",
    )


def _too_long(place: str) -> InputError:
    return InputError(
        f"a record is longer than {LONGEST >> 20} million characters.",
        place=place,
        rule="one record is a specimen, a report or a person",
        remedy="Export without attachments (presentedForm, images).",
    )


def _too_deep(place: str) -> InputError:
    return InputError(
        f"a record is nested deeper than {DEEPEST} levels.",
        place=place,
        rule="no record of pathology is",
        remedy="Look at how the export was made.",
    )
