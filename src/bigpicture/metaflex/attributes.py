"""Read typed attributes out of the tree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bigpicture.metaflex.tree import Element
from bigpicture.model.attribute import Attribute, AttributeType, Measurement, Value
from bigpicture.model.code import Code

TYPES: Mapping[str, AttributeType] = {
    "STRING_ATTRIBUTE": AttributeType.STRING,
    "NUMERIC_ATTRIBUTE": AttributeType.NUMERIC,
    "MEASUREMENT_ATTRIBUTE": AttributeType.MEASUREMENT,
    "CODE_ATTRIBUTE": AttributeType.CODE,
    "SET_ATTRIBUTE": AttributeType.SET,
}


def read_attributes(element: Element | None) -> tuple[Attribute, ...]:
    """Return the attributes below `ATTRIBUTES`, `STAIN` or a set's `VALUE`; nil holds none.

    What cannot be read as its type is None here; the check of the structure names it.
    """
    if element is None:
        return ()
    return tuple(_attribute(child) for child in element.elements if child.tag in TYPES)


def text_of(element: Element | None) -> str:
    """Return an element's text without the blanks around it; empty where absent or nil."""
    return element.text.strip() if element is not None and not element.is_nil else ""


def read_code(value: Element) -> Code:
    """Return the code that a `VALUE` holds."""
    parts = {child.tag: text_of(child) for child in value.elements}
    return Code(
        code=parts.get("CODE", ""),
        scheme=parts.get("SCHEME", ""),
        meaning=parts.get("MEANING", ""),
        scheme_version=parts.get("SCHEME_VERSION", ""),
    )


def read_number(text: str) -> Decimal | None:
    """Return an xs:decimal; None where the text is none (an exponent, INF, NaN, words)."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    is_plain = number.is_finite() and "e" not in text.lower() and "_" not in text
    return number if is_plain and text.isascii() else None


def _attribute(element: Element) -> Attribute:
    kind, tag = TYPES[element.tag], text_of(element.child("TAG"))
    value = element.child("VALUE")
    if value is None or value.is_nil:
        return Attribute(tag, kind, None, element.line, units=text_of(element.child("UNITS")))
    return Attribute(tag, kind, _value(kind, element, value), element.line)


def _value(kind: AttributeType, element: Element, value: Element) -> Value:
    match kind:
        case AttributeType.STRING:
            return text_of(value)
        case AttributeType.CODE:
            return read_code(value)
        case AttributeType.SET:
            return read_attributes(value)
        case AttributeType.NUMERIC:
            return read_number(text_of(value))
        case AttributeType.MEASUREMENT:
            number = read_number(text_of(value))
            units = text_of(element.child("UNITS"))
            return None if number is None else Measurement(number, units)
