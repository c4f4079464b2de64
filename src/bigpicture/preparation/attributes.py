"""Makes the attributes of the exchange format out of what cells mean."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bigpicture.model.attribute import Attribute, AttributeType
from bigpicture.model.code import Code
from bigpicture.preparation.age import Age
from bigpicture.preparation.meaning import Meaning


def string(tag: str, text: str | None) -> Attribute:
    """A text; nil where there is none."""
    return Attribute(tag, AttributeType.STRING, text or None)


def number(tag: str, value: Decimal | float) -> Attribute:
    return Attribute(tag, AttributeType.NUMERIC, Decimal(str(value)))


def code(tag: str, meaning: Meaning | None) -> Attribute:
    """A code; nil where the cell says something else or nothing."""
    return Attribute(tag, AttributeType.CODE, meaning if isinstance(meaning, Code) else None)


def code_or_string(tag: str, meaning: Meaning) -> Attribute:
    if isinstance(meaning, Code):
        return code(tag, meaning)
    return string(tag, str(meaning))


def members(tag: str, held: Iterable[Attribute]) -> Attribute:
    """A set; nil where it has no members, since the format wants one at least."""
    return Attribute(tag, AttributeType.SET, tuple(held) or None)


def listed(tag: str, one: str, texts: Iterable[str]) -> Attribute:
    """A set of texts that all bear the same tag."""
    return members(tag, (string(one, text) for text in texts))


def age(meaning: Meaning | None) -> Attribute:
    if not isinstance(meaning, Age):
        return members("age_at_extraction", ())
    return members(
        "age_at_extraction",
        (string("interval_start", meaning.start), string("interval_length", meaning.length)),
    )
