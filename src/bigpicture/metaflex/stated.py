"""How an attribute is made of its values alone, without its elements.

It reads as `attributes.py` does what is known to be sound but for its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import itemgetter
from sys import intern
from typing import TypeAlias

from bigpicture.metaflex.attributes import TYPES, read_number, text_of
from bigpicture.metaflex.mark import slot_of
from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute, AttributeType, Measurement, Value
from bigpicture.model.code import Code

KEPT = 4096
"""Attributes kept for each place of a skeleton; a dataset's codes and scanners are fewer."""

Values: TypeAlias = Sequence[str]
MakeAttribute: TypeAlias = Callable[[Values], Attribute]
_Text: TypeAlias = Callable[[Values], str]
_OF_CODES = ("CODE", "SCHEME", "MEANING", "SCHEME_VERSION")


class NotSoundError(Exception):
    """A value cannot be what should stand there."""


class Stated:
    """Finds the marks of values in attributes, and how the attributes are made of them."""

    def __init__(self, line: int) -> None:
        self._line = line
        """That of their object."""
        self.used: list[int] = []
        """The slots that were found."""

    def attribute(self, element: Element) -> MakeAttribute:
        """Return how to make it: the same object again for the same values."""
        before = len(self.used)
        make = self._new(element)
        slots = self.used[before:]
        if not slots:
            always = make(())
            return lambda _: always
        key_of = itemgetter(*slots)
        known: dict[str | tuple[str, ...], Attribute] = {}

        def remembered(values: Values) -> Attribute:
            key = key_of(values)
            found = known.get(key)
            if found is None:
                if len(known) >= KEPT:
                    known.clear()
                found = known[key] = make(values)
            return found

        return remembered

    def list(self, element: Element | None) -> Callable[[Values], tuple[Attribute, ...]]:
        """Return how to make the attributes below an element."""
        children = element.elements if element else ()
        makes = [self.attribute(each) for each in children if each.tag in TYPES]
        return lambda values: tuple([make(values) for make in makes])

    def _new(self, element: Element) -> MakeAttribute:
        kind, below = TYPES[element.tag], element.line - self._line
        tag, value = self._text(element.child("TAG")), element.child("VALUE")
        units = self._text(element.child("UNITS"))
        # a few tags and units, in a million attributes
        if value is None or value.is_nil:
            return lambda values: Attribute(intern(tag(values)), kind, None, below, units(values))
        of = self._value(kind, value, units)
        return lambda values: Attribute(intern(tag(values)), kind, of(values), below)

    def _value(
        self, kind: AttributeType, value: Element, units: _Text
    ) -> Callable[[Values], Value]:
        match kind:
            case AttributeType.STRING:
                return self._text(value)
            case AttributeType.CODE:
                return self._code(value)
            case AttributeType.SET:
                return self.list(value)
            case AttributeType.NUMERIC:
                return self._number(value)
            case AttributeType.MEASUREMENT:
                number = self._number(value)
                return lambda values: Measurement(number(values), intern(units(values)))

    def _code(self, value: Element) -> Callable[[Values], Code]:
        parts = [self._text(value.child(tag)) for tag in _OF_CODES]
        return lambda values: Code(*[part(values) for part in parts])

    def _number(self, element: Element) -> Callable[[Values], Decimal]:
        text = self._text(element)

        def number(values: Values) -> Decimal:
            found = read_number(text(values))
            if found is None:
                raise NotSoundError
            return found

        return number

    def _text(self, element: Element | None) -> _Text:
        """As `text_of` reads it."""
        slot = None if element is None or element.is_nil else slot_of(element.text)
        if slot is None:
            always = text_of(element)
            return lambda _: always
        self.used.append(slot)
        return lambda values: values[slot].strip()
