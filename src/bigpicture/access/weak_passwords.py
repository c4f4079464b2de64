"""Weak passwords: those that are tried first, because many have them or because of who has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files

from bigpicture.model.errors import InputError

_DIGITS = 10
_SHORTEST_WORD, _SHORTEST_REST = 3, 4
_WORD = re.compile(r"[^\W\d_]+")


def refuse_weak(password: str, words: Iterable[str] = ()) -> None:
    """Raise `InputError` for a common password, or one made of what everybody knows of its person.

    `words` are texts such as the person's name; the node's own name for itself is one always.
    """
    if _is_common(password):
        raise InputError(
            "this password is among the most common ones, which are tried first.",
            place="password",
            rule="none of the most common passwords",
            remedy="Take several words that nobody would guess.",
        )
    if _is_made_of(password, ["bigpicture", *words]):
        raise InputError(
            "this password is a name that others know.",
            place="password",
            rule="more than a name of the person, the organisation or the node",
            remedy="Take several words that nobody would guess.",
        )


def _is_common(password: str) -> bool:
    return sha256(password.strip().casefold().encode()).hexdigest()[:_DIGITS] in _common()


@cache
def _common() -> frozenset[str]:
    text = files("bigpicture.access").joinpath("common_passwords.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    """Whether less than four letters are left without these words."""
    left = password.casefold()
    letters = sum(map(len, _WORD.findall(left)))
    known = {word for text in words for word in _WORD.findall(text.casefold())}
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= _SHORTEST_WORD:
            left = left.replace(word, " ")
    rest = sum(map(len, _WORD.findall(left)))
    return rest < letters and rest < _SHORTEST_REST
