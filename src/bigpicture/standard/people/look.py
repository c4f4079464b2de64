"""Look at one text for everything that could tell who somebody is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bigpicture.standard.people.birth import births_in, great_ages_in
from bigpicture.standard.people.contact import contacts_in
from bigpicture.standard.people.given_names import GIVEN_NAMES
from bigpicture.standard.people.languages import NAME, PATIENT, STAFF, TITLE, compiled
from bigpicture.standard.people.names import names_in
from bigpicture.standard.people.numbers import numbers_in
from bigpicture.standard.people.sighting import Sighting, fold

_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?:18|19|20)\d\d|\d[-/.] ?\d{1,2}[-/.] ?\d\d")
_DIGITS_OF_A_YEAR = 4
_LONG = re.compile(r"\d[\d ./+-]{4,}[\dA-Za-z]|\d\d[A-Z]\d\d", re.IGNORECASE)
_DIGITS_OF_A_NUMBER = 7
_CUE = compiled(rf"(?<![^\W\d_])(?:(?:{NAME}|{PATIENT})['’]?s?\s*[\w ]{{0,12}}[:=]|{STAFF})")
_TITLE = re.compile(rf"(?<![\w-])(?:{TITLE})\s")
_LONGEST = 20_000
"""Characters looked at as one piece; what is longer is looked at in overlapping pieces."""
_OVERLAP = 200


def look(text: str, *, is_label: bool = False) -> tuple[Sighting, ...]:
    """Everything in `text` that looks as if it told who somebody is, in its order.

    `is_label`: the text is an alias or the name of a file, where names are written in any case.
    Of sightings that overlap, the sure one is kept, else the longer.
    """
    if not text or (text.isdecimal() and len(text) < 8):
        return ()
    if len(text) > _LONGEST:
        return _in_pieces(text, is_label=is_label)
    found = sorted(_all(text, is_label=is_label), key=lambda s: (not s.is_sure, s.start - s.end))
    kept: list[Sighting] = []
    for each in found:
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.start))


def _all(text: str, *, is_label: bool) -> Iterator[Sighting]:
    """Each search only where something cheap says that it could find anything.

    A dataset of 100,000 slides has a million aliases and names of files, and hardly one tells.
    """
    is_prose = " " in text or ":" in text
    if (
        not GIVEN_NAMES.isdisjoint(_WORD.findall(fold(text)))
        or (is_prose and _TITLE.search(text))
        or (is_prose and _CUE.search(text))
    ):
        yield from names_in(text, is_label=is_label)
    digits = sum(map(str.isdecimal, text))
    if digits >= _DIGITS_OF_A_YEAR and _YEAR.search(text):
        yield from births_in(text)
    if is_prose and digits:
        yield from great_ages_in(text)
    if digits >= _DIGITS_OF_A_NUMBER and _LONG.search(text):
        yield from numbers_in(text)
    if "@" in text or (is_prose and digits):
        yield from contacts_in(text)


def _in_pieces(text: str, *, is_label: bool) -> tuple[Sighting, ...]:
    found: dict[tuple[int, int], Sighting] = {}
    for start in range(0, len(text), _LONGEST - _OVERLAP):
        for each in look(text[start : start + _LONGEST], is_label=is_label):
            moved = replace(each, start=each.start + start, end=each.end + start)
            found.setdefault((moved.start, moved.end), moved)
    return tuple(sorted(found.values(), key=lambda each: each.start))
