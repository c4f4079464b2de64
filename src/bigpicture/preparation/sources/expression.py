"""A path expression (JMESPath) of a mapping file, and which fields it can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError

_READS_ALL = frozenset({"value_projection", "values", "items"})


@dataclass(frozen=True, slots=True)
class Expression:
    """`fields` are all names that it can step to; `reads_all` where it can step to any."""

    text: str
    fields: tuple[str, ...]
    reads_all: bool
    _parsed: Any

    def __call__(self, context: Json) -> Json:
        """Evaluate; raises `InputError` where a function is given what it cannot take.

        The library's own message would repeat the value, so that it is not chained.
        """
        try:
            return self._parsed.search(context)
        except (JMESPathError, ArithmeticError, RecursionError):
            raise InputError(
                "the path expression cannot be worked out for this record.",
                place=self.text,
                rule="JMESPath: functions take the types that they are made for",
                remedy="Guard the function: [?type(x)=='string'], not_null(x, '').",
            ) from None


def compile_expression(text: str, *, place: str) -> Expression:
    """Compile a path expression of a mapping file; `place` names its line there."""
    try:
        parsed = jmespath.compile(text)
    except (JMESPathError, ValueError) as error:
        raise InputError(
            f"{text!r} is no path expression.",
            place=place,
            rule="JMESPath",
            remedy=f"{str(error).splitlines()[0]} See https://jmespath.org/tutorial.html.",
        ) from None
    nodes = list(_nodes(cast("dict[str, Any]", parsed.parsed)))
    fields = (str(each["value"]) for each in nodes if each["type"] == "field")
    names = {each["type"] for each in nodes} | {
        each["value"] for each in nodes if each["type"] == "function_expression"
    }
    return Expression(text, tuple(dict.fromkeys(fields)), bool(names & _READS_ALL), parsed)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from _nodes(child)
