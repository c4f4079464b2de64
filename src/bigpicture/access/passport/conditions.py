"""Conditions of a visa: which other visas there must be, in disjunctive normal form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from bigpicture.access.passport.token import TokenError
from bigpicture.model.visa import Clause, Conditions, Usable

MOST_CLAUSES = 100
_PATTERN_LENGTH = 1024
_CLAIMS = frozenset({"value", "source", "by"})
"""What a clause may compare beside the type: neither times nor conditions."""


def read_conditions(given: object) -> Conditions:
    """Read the claim `conditions`; raises `TokenError` where it has not that form.

    A clause that cannot be judged is kept, and never matches.
    """
    if given is None:
        return ()
    outer = _list(given)
    read = tuple(tuple(_read_clause(each) for each in _list(inner)) for inner in outer)
    if sum(map(len, read)) > MOST_CLAUSES:
        raise TokenError("the visa has too many conditions.", rule=f"at most {MOST_CLAUSES}")
    if any(not inner for inner in read):
        raise TokenError("a condition asks for nothing.", rule="conditions")
    return read


def met_until(conditions: Conditions, held: Sequence[Usable]) -> datetime | None:
    """Until when the conditions are met by what is held; None where they are not.

    A visa that has conditions of its own never meets one.
    """
    plain = [each for each in held if not each.visa.conditions]
    ways = (_all_met(inner, plain) for inner in conditions)
    return max((until for until in ways if until), default=None)


def _all_met(clauses: Sequence[Clause], held: Sequence[Usable]) -> datetime | None:
    untils = [_met(clause, held) for clause in clauses]
    met = [until for until in untils if until is not None]
    return min(met) if len(met) == len(clauses) else None


def _met(clause: Clause, held: Iterable[Usable]) -> datetime | None:
    if not is_judged(clause):
        return None
    asked = {name: text for name, text in clause.items() if name != "type"}
    return max(
        (
            each.until
            for each in held
            if each.visa.type == clause["type"]
            and all(_fits(text, each.visa.claim(name)) for name, text in asked.items())
        ),
        default=None,
    )


def is_judged(clause: Clause) -> bool:
    """Whether a clause is one that can match at all."""
    asked = {name: text for name, text in clause.items() if name != "type"}
    return (
        bool(clause.get("type"))
        and bool(asked)
        and asked.keys() <= _CLAIMS
        and all(text.partition(":")[0] in _WAYS and ":" in text for text in asked.values())
    )


def _fits(asked: str, said: str | None) -> bool:
    prefix, _, wanted = asked.partition(":")
    return said is not None and _WAYS[prefix](wanted, said)


def matches(pattern: str, text: str) -> bool:
    """Whether `?` (any one character) and `*` (any number) make the whole of `text`."""
    if len(pattern) > _PATTERN_LENGTH:
        return False
    return _walk(_folded(pattern), text)


@lru_cache(256)
def _folded(pattern: str) -> str:
    return re.sub(r"\*+", "*", pattern)


def _walk(pattern: str, text: str) -> bool:
    """Greedy with one place to come back to: never more than their product in steps."""
    at = place = 0
    star, mark = -1, 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return pattern[at:] in ("", "*")


def _matches_part(pattern: str, text: str) -> bool:
    return any(matches(pattern, part) for part in text.split(";"))


def _is_same(wanted: str, said: str) -> bool:
    return wanted == said


_WAYS: dict[str, Callable[[str, str], bool]] = {
    "const": _is_same,
    "pattern": matches,
    "split_pattern": _matches_part,
}


def _read_clause(given: object) -> Clause:
    if not isinstance(given, dict):
        raise TokenError("a condition is no object.", rule="conditions")
    read: dict[str, str] = {}
    for name, text in given.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TokenError("a condition compares what is no text.", rule="conditions")
        read[name] = text
    return read


def _list(given: object) -> list[object]:
    if not isinstance(given, list):
        raise TokenError("the conditions are no list of lists.", rule="conditions")
    return given
