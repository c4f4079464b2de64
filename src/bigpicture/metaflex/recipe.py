"""A recipe: how an object is made whose like was read before, of nothing but its values.

The objects of a large document are alike: what differs are aliases, digests, numbers and words. So
an object's text is cut into its values and the skeleton around them. The skeleton is read once, by
the parser that reads everything else; an object with the same skeleton is made from its values.
What is not cut, because it could mean anything but itself (entities, line ends, what may say nil),
stays in the skeleton, and so is always read by the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from bigpicture.metaflex.attributes import TYPES, read_attributes
from bigpicture.metaflex.known import KnownAttribute
from bigpicture.metaflex.tree import Element
from bigpicture.model.identifiers import ALIAS_LENGTH

CACHED = 4096
"""Fragments kept for each place of a recipe; a dataset's codes and scanners are fewer."""

_FIRST, _LAST = "\ue000", "\ue001"  # private use: a document that holds them is read in full
_CUT = re.compile(
    r">([^<>&\s][^<>&\r\n]*)</"
    r'|="(?!true|false|[01]\s*"|http|preserve|default)([^"&<>\s][^"&<>\t\r\n]*)"'
)
_MARK = re.compile(f"{_FIRST}(\\d+){_LAST}")

Values: TypeAlias = Sequence[str]
Make: TypeAlias = Callable[[Values, int], Element]
"""Values and the object's line to an element."""


def cut(text: str) -> tuple[str, list[str]] | None:
    """Cut an object's text into its skeleton and its values; None where it cannot be cut."""
    if _FIRST in text:
        return None
    parts = _CUT.split(text)
    values = [one or other for one, other in zip(parts[1::3], parts[2::3], strict=True)]
    return _FIRST.join(parts[::3]), values


def marked(text: str) -> str:
    """The object's text with a numbered mark in the place of each value."""
    numbers = count()
    return _CUT.sub(lambda found: _with_mark(found, next(numbers)), text)


def _with_mark(found: re.Match[str], number: int) -> str:
    mark = f"{_FIRST}{number}{_LAST}"
    return f">{mark}</" if found[1] else f'="{mark}"'


@dataclass(slots=True)
class Recipe:
    """Makes the objects of one skeleton, and knows of which nothing needs to be checked again.

    The skeleton was checked with its first object. Another departs from the schema only by its
    values: those of attributes were checked when they were made, those that have a form of their
    own are held against it, and any other must have stood there before.
    """

    _make: Make
    _unsound: list[Element]
    _free: tuple[tuple[int, str], ...]
    """Slots outside attributes, and the name of what they are the value of."""
    _seen: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    _was_sound: bool = False

    def make(self, values: Values, line: int) -> tuple[Element, bool]:
        """Return the element, and whether it is known to be sound."""
        self._unsound.clear()
        element = self._make(values, line)
        return element, self._was_sound and not self._unsound and self._fits(values)

    def _fits(self, values: Values) -> bool:
        for slot, name in self._free:
            form = _FORMS.get(name)
            value = values[slot]
            if not (form(value) if form else (slot, value) in self._seen):
                return False
        return True

    def learn(self, values: Values) -> None:
        """Hear that an object of these values is sound."""
        self._was_sound = True
        if len(self._seen) < CACHED:
            new = [(slot, values[slot]) for slot, name in self._free if name not in _FORMS]
            self._seen.update(new)


_FORMS: Mapping[str, Callable[[str], object]] = {
    "alias": lambda value: len(value) <= ALIAS_LENGTH and value.isprintable(),
    "filename": bool,
    "checksum": re.compile(r"[0-9a-f]{64}").fullmatch,
    "unencrypted_checksum": re.compile(r"[0-9a-f]{64}").fullmatch,
    "FREETEXT": bool,
}


def recipe(element: Element, *, line: int, is_sound: Callable[[Element], bool]) -> Recipe | None:
    """Return how to make an element like this one, read of a marked skeleton at `line`.

    None where a mark stands elsewhere than alone as a value.
    """
    compiler = _Compiler(line, is_sound)
    try:
        return Recipe(compiler.element(element), compiler.unsound, tuple(_free(element)))
    except _ElsewhereError:
        return None


def _free(element: Element) -> Iterator[tuple[int, str]]:
    """The slots outside attributes."""
    if element.tag in TYPES:
        return
    for name, value in ((element.tag, element.text), *element.attributes):
        found = _MARK.fullmatch(value)
        if found:
            yield int(found[1]), name
    for child in element.elements:
        yield from _free(child)


class _ElsewhereError(Exception):
    """A mark is part of something larger."""


class _Compiler:
    def __init__(self, line: int, is_sound: Callable[[Element], bool]) -> None:
        self.unsound: list[Element] = []
        self._line = line
        self._is_sound = is_sound

    def element(self, element: Element) -> Make:
        if element.tag in TYPES:
            return self._attribute(element)
        return self._plain(element)

    def _plain(self, element: Element) -> Make:
        tag, below = element.tag, element.line - self._line
        namespaces, is_nil = element.namespaces, element.is_nil
        text, tail = _slot(element.text), element.tail
        pairs = tuple((name, _slot(value)) for name, value in element.attributes)
        makes: list[Make] = []
        for child in element.children:
            if not isinstance(child, Element):
                raise _ElsewhereError
            makes.append(self.element(child))
        _refuse_marks(tail, tag, *(name for name, _ in pairs), *(each for _, each in namespaces))

        def make(values: Values, line: int) -> Element:
            return Element(
                tag,
                values[text] if isinstance(text, int) else text,
                tuple((n, values[v] if isinstance(v, int) else v) for n, v in pairs),
                tuple([each(values, line) for each in makes]),
                namespaces,
                tail,
                line + below,
                is_nil,
            )

        return make

    def _attribute(self, element: Element) -> Make:
        """One that is made once for the same values: it bears its own reading."""
        make = _Within(self._line, self._is_sound).element(element)
        slots = sorted(_slots(element))
        known: dict[tuple[str, ...], KnownAttribute] = {}
        if slots and slots != list(range(slots[0], slots[-1] + 1)):
            raise _ElsewhereError
        first, last = (slots[0], slots[-1] + 1) if slots else (0, 0)

        def remembered(values: Values, line: int) -> Element:
            key = tuple(values[first:last])
            found = known.get(key)
            if found is None:
                if len(known) >= CACHED:
                    known.clear()
                made = make(values, line)
                [read] = read_attributes(Element("ATTRIBUTES", children=(made,)), line=line)
                parts = {name: getattr(made, name) for name in Element.__slots__}
                found = KnownAttribute(**parts, read=read, is_sound=self._is_sound(made))
                known[key] = found
            if not found.is_sound:
                self.unsound.append(found)
            return found

        return remembered


class _Within(_Compiler):
    """Inside an attribute nothing is remembered by itself."""

    def element(self, element: Element) -> Make:
        return self._plain(element)


def _slot(text: str) -> str | int:
    """The number of the value that stands here, or the text itself."""
    found = _MARK.fullmatch(text)
    if found:
        return int(found[1])
    _refuse_marks(text)
    return text


def _slots(element: Element) -> list[int]:
    texts = [element.text, *(value for _, value in element.attributes)]
    own = [int(found[1]) for text in texts if (found := _MARK.fullmatch(text))]
    return own + [slot for child in element.elements for slot in _slots(child)]


def _refuse_marks(*texts: str) -> None:
    if any(_FIRST in text for text in texts):
        raise _ElsewhereError
