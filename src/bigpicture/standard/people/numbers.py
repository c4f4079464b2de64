"""National numbers: digits whose check digit holds, judged by what chance and context say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.standard.people.languages import NUMBER, compiled
from bigpicture.standard.people.registers import REGISTERS
from bigpicture.standard.people.sighting import Kind, Sighting

_CANDIDATE = re.compile(
    r"(?<![\w.,/+-])(?:[A-Z]{0,6}\d[\dA-Z]*|[A-Z]{3}(?= [A-Z]{3} \d))"
    r"(?:[ ./+-][\dA-Z]{1,11}){0,6}(?![\w])"
    r"|(?<=[_#:(])[A-Z]{0,6}\d{6}[\dA-Z+-]{2,10}(?![\w])"
    r"|(?<![^\W_])[A-Z]{0,6}\d{6}[\dA-Z+-]{2,10}(?=_)",
    re.IGNORECASE,
)
_CONTEXT = compiled(rf"(?<![^\W\d_])(?:{NUMBER})[\s:=#.]*(?:is|ist|lautet)?\s*$")
_LOOK_BACK = 40
_RARE = 1 / 90
"""What is written as usual and passes by chance this seldom is sure."""
_RARE_BARE = 1 / 250
"""A bare number that passes by chance more often is nothing without a word beside it."""
_DIGITS = 8


def numbers_in(text: str) -> Iterator[Sighting]:
    """Yield what looks like the number of a person in a national register.

    A bare number of ten digits passes modulo 11 by chance once in eleven: it counts only with a
    word before it that says so. One written in the usual form whose check digits and day of birth
    hold is sure; a bare one that seldom passes is doubtful.
    """
    for match in _CANDIDATE.finditer(text):
        written = match.group()
        if sum(each.isdecimal() for each in written) < _DIGITS - 1:
            continue
        has_context = _CONTEXT.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
        found = _judged(written, has_context=has_context is not None)
        if found is not None:
            label, is_sure = found
            yield Sighting(Kind.NUMBER, match.start(), match.end(), label, is_sure)


def _judged(written: str, *, has_context: bool) -> tuple[str, bool] | None:
    """What it looks like, by the register it fits least by chance, and whether that is sure."""
    doubtful: str | None = None
    bare = re.sub(r"[ ./-]", "", written)
    for register in REGISTERS:
        as_usual = register.written is not None and register.written.fullmatch(written) is not None
        is_bare = register.bare.fullmatch(bare if has_context else written) is not None
        if not (as_usual or is_bare) or not register.passes(written if as_usual else bare):
            continue
        if as_usual and (has_context or register.chance <= _RARE):
            return register.label, True
        if has_context:
            return "a national number", True
        if as_usual or register.chance <= _RARE_BARE:
            doubtful = doubtful or register.label
    return None if doubtful is None else (doubtful, False)
