"""An attribute: a tag and a value of one of MetaFleX's five types (BP.common)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from bigpicture.model.code import Code
from bigpicture.model.scheme import canonical_scheme

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class AttributeType(StrEnum):
    STRING = "string"
    NUMERIC = "numeric"
    MEASUREMENT = "measurement"
    CODE = "code"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number with its unit, as written."""

    value: Decimal
    units: str


Value: TypeAlias = "str | Decimal | Measurement | Code | tuple[Attribute, ...] | None"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value` is None where the document says nil. `line` is where it stands in its file.

    `units` are those of a measurement that says nil; a measured value holds its own.
    """

    tag: str
    type: AttributeType
    value: Value
    line: int = field(default=0, compare=False)
    units: str = ""

    @property
    def text(self) -> str | None:
        """The value as a person reads it: a code's meaning, a number's digits."""
        match self.value:
            case None | tuple():
                return None
            case Measurement(value=number, units=units):
                return f"{number} {units}"
            case value:
                return str(value)

    @property
    def code(self) -> Code | None:
        """The value as a code, its scheme spelled the usual way; free text has no scheme."""
        if isinstance(self.value, Code):
            return replace(self.value, scheme=canonical_scheme(self.value.scheme))
        return Code(code="", scheme="", meaning=self.value) if isinstance(self.value, str) else None

    @property
    def number(self) -> Decimal | None:
        if isinstance(self.value, Measurement):
            return self.value.value
        return self.value if isinstance(self.value, Decimal) else None

    @property
    def members(self) -> tuple[Attribute, ...]:
        return self.value if isinstance(self.value, tuple) else ()


def find_all(attributes: Iterable[Attribute], *path: str) -> list[Attribute]:
    """Return every attribute at `path`, descending through sets."""
    first, *rest = path
    here = [attribute for attribute in attributes if attribute.tag == first]
    if not rest:
        return here
    return [deep for attribute in here for deep in find_all(attribute.members, *rest)]


def find(attributes: Iterable[Attribute], *path: str) -> Attribute | None:
    """Return the first attribute at `path`, or None where there is none."""
    return next(iter(find_all(attributes, *path)), None)


def as_json(attributes: Iterable[Attribute]) -> dict[str, Json]:
    """Return attributes as a nested dict; a tag that repeats holds a list.

    A code becomes `{code, scheme, meaning, scheme_version}`, a measurement `{value, units}`, a set
    a dict of its members.
    """
    result: dict[str, Json] = {}
    repeated: set[str] = set()
    for attribute in attributes:
        value = _json(attribute.value)
        held = result.get(attribute.tag)
        if attribute.tag not in result:
            result[attribute.tag] = value
        elif attribute.tag in repeated and isinstance(held, list):
            held.append(value)
        else:
            result[attribute.tag] = [held, value]
            repeated.add(attribute.tag)
    return result


def _json(value: Value) -> Json:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Measurement(value=number, units=units):
            return {"value": _json(number), "units": units}
        case Code():
            return code_as_json(value)
        case tuple():
            return as_json(value)
        case _:
            return value


def code_as_json(code: Code) -> dict[str, Json]:
    """Return a code as the records hold it."""
    return {
        "code": code.code,
        "scheme": code.scheme,
        "meaning": code.meaning,
        "scheme_version": code.scheme_version,
    }
