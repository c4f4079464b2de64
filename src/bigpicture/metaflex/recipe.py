"""A recipe: how an object is made whose like was read before, of nothing but its values.

The objects of a large document are alike: what differs are aliases, digests, numbers and words. So
an object's text is cut into its values and the skeleton around them. The skeleton is read once, by
the parser that reads everything else; an object with the same skeleton is made from its values.
What is not cut, because it could mean anything but itself (entities, line ends, what may say nil),
stays in the skeleton, and so is always read by the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bigpicture.metaflex.attributes import TYPES, read_attributes
from bigpicture.metaflex.known import KnownAttribute
from bigpicture.metaflex.mark import FIRST, LAST, slot_of
from bigpicture.metaflex.noun import MakeNoun, noun
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.stated import NotSoundError, Values
from bigpicture.metaflex.tree import Element
from bigpicture.model.entity import Entity
from bigpicture.model.identifiers import ALIAS_LENGTH
from bigpicture.model.place import Place

CACHED = 4096
"""Fragments kept for each place of a recipe; a dataset's codes and scanners are fewer."""

Make: TypeAlias = Callable[[Values, int], Element]
"""Values and the object's line to an element."""


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
    _noun: MakeNoun | None
    _seen: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    _was_sound: bool = False

    def noun(self, values: Values, place: Place) -> Entity | None:
        """Return the noun of a sound object; None where it has to be made of its element."""
        if self._noun is None or not self._was_sound or not self._fits(values):
            return None
        try:
            return self._noun(values, place)
        except NotSoundError:
            return None

    def element(self, values: Values, line: int) -> tuple[Element, bool]:
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

_BESIDE = "checksum_method"
"""A value that no noun has."""


def recipe(
    element: Element, *, line: int, is_sound: Callable[[Element], bool], shared: Shared
) -> Recipe | None:
    """Return how to make an element like this one, read of a marked skeleton at `line`.

    None where a mark stands elsewhere than alone as a value, or twice (written as a reference to
    its character).
    """
    slots = _slots(element)
    if len(slots) != len(set(slots)):
        return None
    compiler = _Compiler(line, is_sound)
    try:
        make = compiler.element(element)
    except _ElsewhereError:
        return None
    free = tuple(_free(element))
    beside = {slot for slot, name in free if name == _BESIDE}
    made = noun(element, line=line, wanted=set(slots) - beside, shared=shared)
    return Recipe(make, compiler.unsound, free, made)


def _free(element: Element) -> Iterator[tuple[int, str]]:
    """The slots outside attributes."""
    if element.tag in TYPES:
        return
    for name, value in ((element.tag, element.text), *element.attributes):
        slot = slot_of(value)
        if slot is not None:
            yield slot, name
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
    slot = slot_of(text)
    if slot is not None:
        return slot
    _refuse_marks(text)
    return text


def _slots(element: Element) -> list[int]:
    texts = [element.text, *(value for _, value in element.attributes)]
    own = [slot for text in texts if (slot := slot_of(text)) is not None]
    return own + [slot for child in element.elements for slot in _slots(child)]


def _refuse_marks(*texts: str) -> None:
    if any(FIRST in text or LAST in text for text in texts):
        raise _ElsewhereError
