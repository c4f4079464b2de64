"""The form of an application: JSON Schemas in versions, and what is wrong with answers to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bigpicture.model.errors import InputError, UnknownError

VERSION = 1
"""Of new applications. Older versions stay readable: an application keeps the one it was begun on.

A new one is a file more in `forms/`, and this number."""

LONGEST_ANSWERS = 200_000
_STILL_MISSING = frozenset({"required", "minLength", "minItems", "minimum", "pattern"})
"""What a draft may lack."""


@cache
def form(version: int = VERSION) -> Mapping[str, object]:
    """The JSON Schema (2020-12) of the answers; raises `UnknownError` for no version of ours."""
    if not 1 <= version <= VERSION:
        raise UnknownError("there is no such form.", rule=f"versions 1 to {VERSION}")
    held = resources.files("bigpicture.access") / "forms" / f"application-{version}.json"
    return json.loads(held.read_text("utf-8"))


def errors_in(answers: Mapping[str, object], version: int) -> tuple[str, ...]:
    """What is wrong or missing, by place; never with the value."""
    return tuple(dict.fromkeys(_told(error) for error in _errors(answers, version)))


def check_draft(answers: Mapping[str, object], version: int) -> None:
    """Raise `InputError` for answers that no further filling in would mend."""
    if len(json.dumps(answers)) > LONGEST_ANSWERS:
        raise InputError(
            "the answers are too long.", place="answers", rule=f"{LONGEST_ANSWERS:,} letters"
        )
    wrong = [
        _told(error) for error in _errors(answers, version) if error.validator not in _STILL_MISSING
    ]
    if wrong:
        raise InputError(
            f"the form does not take this: {'; '.join(wrong[:10])}.",
            place="answers",
            rule=f"GET /api/v1/applications/form, version {version}",
        )


def _errors(answers: Mapping[str, object], version: int) -> Iterator[ValidationError]:
    found = _validator(version).iter_errors(dict(answers))  # pyright: ignore[reportArgumentType] - JSON
    yield from sorted(found, key=lambda error: (error.json_path, str(error.validator)))


@cache
def _validator(version: int) -> Draft202012Validator:
    return Draft202012Validator(form(version))


def _told(error: ValidationError) -> str:
    """The place and the rule in words: jsonschema's message would repeat the value."""
    place = error.json_path.removeprefix("$").removeprefix(".") or "answers"
    rule, limit = str(error.validator), cast("Any", error.validator_value)
    match rule:
        case "required":
            names = [name for name in limit if name not in error.instance]
            return f"{place}: {', '.join(map(str, names))} missing"
        case "enum":
            return f"{place}: none of {', '.join(map(str, limit))}"
        case "additionalProperties":
            return f"{place}: holds what the form does not ask for"
        case "minLength" | "minItems":
            return f"{place}: empty"
        case "pattern":
            return f"{place}: not written as it should be"
        case "type":
            return f"{place}: not {limit}"
        case _:
            return f"{place}: {rule} {limit}"
