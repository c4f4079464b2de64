"""A question as JSON: one key a condition, `{"and": […]}`, `{"field": …, "in": […]}` and so on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from bigpicture.model.errors import InputError
from bigpicture.model.field import FieldKind, kind_of
from bigpicture.model.question import (
    EVERYTHING,
    And,
    AnyOf,
    Between,
    Not,
    Or,
    Question,
    Words,
    joined,
)
from bigpicture.model.question_text import DEEPEST, MOST

_ENDS = {
    "from": ("low", True),
    "after": ("low", False),
    "to": ("high", True),
    "below": ("high", False),
}


def question_as_json(question: Question) -> dict[str, object]:
    """Return the question as `json.dumps` takes it."""
    match question:
        case Words(words):
            return {"words": list(words)}
        case AnyOf(field, values):
            return {"field": field, "in": list(values)}
        case Between(field, low, high, with_low, with_high):
            told: dict[str, object] = {"field": field}
            if low is not None or high is None:
                told["from" if with_low else "after"] = low
            if high is not None:
                told["to" if with_high else "below"] = high
            return told
        case Not(part):
            return {"not": question_as_json(part)}
        case And(parts) | Or(parts):
            name = "and" if isinstance(question, And) else "or"
            return {name: [question_as_json(part) for part in parts]}


def question_from_json(given: object) -> Question:
    """Read a question; raises `InputError` with the path to what is wrong, such as `and[1].in`."""
    return EVERYTHING if given in ({}, {"and": []}) else _Reader().read(given, "", 0)


class _Reader:
    def __init__(self) -> None:
        self._count = 0

    def read(self, given: object, path: str, depth: int) -> Question:
        if depth > DEEPEST:
            raise _wrong(path, "it is nested too deeply.", f"at most {DEEPEST} in one another")
        if not isinstance(given, Mapping):
            raise _wrong(path, "this is no condition.", 'an object such as {"words": ["liver"]}')
        held = cast("Mapping[object, object]", given)
        match sorted(map(str, held)):
            case ["and"]:
                return joined(And, self._parts(held["and"], f"{path}.and", depth))
            case ["or"]:
                return joined(Or, self._parts(held["or"], f"{path}.or", depth))
            case ["not"]:
                return Not(self.read(held["not"], f"{path}.not", depth + 1))
            case ["words"]:
                return Words(self._texts(held["words"], f"{path}.words"))
            case ["field", "in"]:
                return self._any_of(held, path)
            case [*names] if "field" in names and set(names) <= {"field", *_ENDS}:
                return self._between(held, path)
            case _:
                raise _wrong(
                    path,
                    "its keys are not those of a condition.",
                    "and, or, not, words; field with in; field with from or after, to or below",
                )

    def _parts(self, given: object, path: str, depth: int) -> list[Question]:
        if not isinstance(given, list) or not given:
            raise _wrong(path, "this is no list of conditions.", "a list of one or more")
        listed = cast("list[object]", given)
        return [self.read(each, f"{path}[{at}]", depth + 1) for at, each in enumerate(listed)]

    def _texts(self, given: object, path: str) -> tuple[str, ...]:
        if not isinstance(given, list) or not given:
            raise _wrong(path, "this is no list of texts.", "a list of one or more")
        listed = cast("list[object]", given)
        self._count += len(listed)
        if self._count > MOST:
            raise _wrong(path, "the question has too many conditions.", f"at most {MOST}")
        for at, each in enumerate(listed):
            if not isinstance(each, str) or not each.strip():
                raise _wrong(f"{path}[{at}]", "this is no text.", "a text that is not empty")
        return tuple(map(str, listed))

    def _any_of(self, held: Mapping[object, object], path: str) -> Question:
        field, kind = _field(held, path)
        values = self._texts(held["in"], f"{path}.in")
        if kind is FieldKind.NUMBER:
            for at, each in enumerate(values):
                _finite(each, f"{path}.in[{at}]")
        return AnyOf(field, values)

    def _between(self, held: Mapping[object, object], path: str) -> Question:
        field, kind = _field(held, path)
        if kind is FieldKind.TERM:
            raise _wrong(f"{path}.field", "the field holds no numbers.", '"in" and a list')
        self._count += 1
        ends: dict[str, tuple[float | None, bool]] = {}
        for name, (end, with_it) in _ENDS.items():
            if name not in held:
                continue
            number = held[name]
            if end in ends:
                raise _wrong(path, "an end is said twice.", "from or after; to or below")
            given = None if number is None else _finite(number, f"{path}.{name}")
            ends[end] = (given, with_it)
        low, with_low = ends.get("low", (None, True))
        high, with_high = ends.get("high", (None, False))
        return Between(field, low, high, with_low, with_high)


def _finite(given: object, path: str) -> float:
    try:
        number = math.nan if isinstance(given, bool) else float(cast("float", given))
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _wrong(path, "this is no number.", "a number such as 0.25")
    return number


def _field(held: Mapping[object, object], path: str) -> tuple[str, FieldKind]:
    field = str(held["field"])
    kind = kind_of(field)
    if kind is None:
        raise _wrong(f"{path}.field", "there is no such field.", "one that the docs list")
    return field, kind


def _wrong(path: str, what: str, rule: str) -> InputError:
    return InputError(what, place=path.lstrip(".") or "question", rule=rule)
