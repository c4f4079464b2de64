"""Attributes as JSON that reads back the same; `as_json` is for people and programs, this is not.

Each is `[tag, type, value]`; numbers are texts, so that no digit is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from bigpicture.model.attribute import Attribute, AttributeType, Measurement, Value
from bigpicture.model.code import Code


def to_list(attributes: Iterable[Attribute]) -> list[Any]:
    return [[each.tag, each.type.value, _held(each.value)] for each in attributes]


def from_list(held: Iterable[Sequence[Any]]) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(tag, kind, _value(kind, value))
        for tag, name, value in held
        for kind in [AttributeType(name)]
    )


def _held(value: Value) -> Any:  # noqa: ANN401 - JSON
    match value:
        case Decimal():
            return format(value, "f")
        case Measurement(value=number, units=units):
            return [format(number, "f"), units]
        case Code():
            return asdict(value)
        case tuple():
            return to_list(value)
        case _:
            return value


def _value(kind: AttributeType, held: Any) -> Value:  # noqa: ANN401 - JSON
    if held is None:
        return None
    match kind:
        case AttributeType.STRING:
            return str(held)
        case AttributeType.NUMERIC:
            return Decimal(held)
        case AttributeType.MEASUREMENT:
            return Measurement(Decimal(held[0]), held[1])
        case AttributeType.CODE:
            return Code(**held) if isinstance(held, dict) else str(held)
        case AttributeType.SET:
            return from_list(held)
