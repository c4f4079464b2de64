"""National numbers: digits whose check digit holds, judged by what chance and context say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.standard.people.languages import NUMBER, compiled
from bigpicture.standard.people.registers import ANY_FORM, REGISTERS
from bigpicture.standard.people.sighting import Kind, Sighting

_CANDIDATE = re.compile(
    r"(?<![\w.,/+-])(?:[A-Z]{0,6}\d[\dA-Z]*|[A-Z]{3}(?= [A-Z]{3} \d))"
    r"(?:[ ./+-](?:(?=[A-Z]{0,3}\d)[\dA-Z]{1,11}|[A-Z]{3}(?= \d))){0,6}(?![\w])"
    r"|(?<=[_#:(])[A-Z]{0,6}\d{6}[\dA-Z+-]{2,10}(?![\w])"
    r"|(?<![^\W_])[A-Z]{0,6}\d{6}[\dA-Z+-]{2,10}(?=_)",
    re.IGNORECASE,
)
_CONTEXT = compiled(rf"(?<![^\W\d_])(?:{NUMBER})[\s:=#.]*(?:is|ist|lautet)?\s*$")
_LOOK_BACK = 40
_RARE = 1 / 90
"""What is written as usual and passes by chance this seldom is sure."""
_RARE_BARE = 1 / 500
"""A bare number that passes by chance more often is nothing without a word beside it."""
_DIGITS = 8


def numbers_in(text: str) -> Iterator[Sighting]:
    """Yield what looks like the number of a person in a national register.

    A bare number of ten digits passes modulo 11 by chance once in eleven: it counts only with a
    word before it that says so. One written in the usual form whose check digits and day of birth
    hold is sure; a bare one that seldom passes is doubtful.
    """
    for match in _CANDIDATE.finditer(text):
        before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        has_context = _CONTEXT.search(before) is not None
        for start, end in _stretches(match.group()):
            found = _judged(match.group()[start:end], has_context=has_context and start == 0)
            if found is not None:
                label, is_sure = found
                begin = match.start()
                yield Sighting(Kind.NUMBER, begin + start, begin + end, label, is_sure)
                break


def _stretches(run: str) -> Iterator[tuple[int, int]]:
    """The run of digits, then what is left of it without groups at its ends, the longest first."""
    groups = [each.span() for each in re.finditer(r"[^ ./+-]+", run)]
    for size in range(len(groups), 0, -1):
        for first in range(len(groups) - size + 1):
            start, end = groups[first][0], groups[first + size - 1][1]
            if sum(each.isdecimal() for each in run[start:end]) >= _DIGITS - 1:
                yield start, end


def _judged(written: str, *, has_context: bool) -> tuple[str, bool] | None:
    """What it looks like, by the register it fits least by chance, and whether that is sure."""
    doubtful: str | None = None
    bare = re.sub(r"[ ./-]", "", written)
    if not (ANY_FORM.fullmatch(written) or (has_context and ANY_FORM.fullmatch(bare))):
        return None
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
