"""Forms: other ways in which people and programs write one identifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bigpicture.model.allowance import Field

_SEPARATED = re.compile(r"[^\W_]+(?:[-_/ ][^\W_]+){1,4}|[^\W_]+\.[^\W_]+")
_LONGEST = 32
_SEPARATORS = ("", "-", "_", "/", " ", ".")
_BETWEEN_NAMES = ("^", ", ", ",", " ", "_", "-", ".", "")
_MOST_PARTS = 4
_COUNTER = 2
"""Digits that a counter has at most."""
_NAME_PARTS = re.compile(r"[\^,;=\s_]+")
_PERSON = re.compile(
    r"name|patient|physician|operator|user|author|artist|person|reader|pathologist", re.IGNORECASE
)
_NO_PERSON = re.compile(
    r"file|path|title|hierarchical|model|software|station|sop|product|channel|dye|profile|scanner|manufacturer",
    re.IGNORECASE,
)
_IDENTIFYING = re.compile(
    r"name|given|family|surname|last|first|accession|case|patient|subject|barcode|specimen|block"
    r"|slide(?!width|height)|label|number$|(?<![a-z])id$|[a-z]ID$",
    re.IGNORECASE,
)
_PART_OF_DATE = re.compile(r"(year|month|day)$", re.IGNORECASE)


def other_forms(text: str) -> Iterator[str]:
    """An identifier with other separators or none, a number with its thousands apart."""
    if len(text) > _LONGEST:
        return
    if text.isdecimal():
        yield from _number_forms(text)
    elif _SEPARATED.fullmatch(text) and any(letter.isdecimal() for letter in text):
        if _is_decimal(text):
            return
        parts = re.split(r"[-_/ .]", text)
        yield from (mark.join(parts) for mark in _SEPARATORS)


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"\d+\.\d+|\d+\.\d+e-?\d+", text, re.IGNORECASE) is not None


def _number_forms(text: str) -> Iterator[str]:
    bare = text.lstrip("0")
    yield bare
    if len(bare) >= 5:
        yield from (f"{int(bare):,}".replace(",", mark) for mark in ",. '")


def joined_names(source: str, value: str) -> Iterator[str]:
    """A person's name with its parts in other orders and other marks between them."""
    is_person = "^" in value or (_PERSON.search(source) and not _NO_PERSON.search(source))
    told = [part for part in _NAME_PARTS.split(value.strip()) if part]
    # A counter (image_1) turned round is no name: "1 image" stands everywhere.
    parts = [part for part in told if not (part.isdecimal() and len(part) <= _COUNTER)]
    if not is_person or not 2 <= len(parts) <= _MOST_PARTS:
        return
    for one, other in ((a, b) for a in parts for b in parts if a is not b):
        yield from (f"{one}{mark}{other}" for mark in _BETWEEN_NAMES)


def split_over(fields: Sequence[Field], is_whole: Iterable[bool]) -> Iterator[tuple[str, str]]:
    """Identifiers whose parts lie in neighbouring fields, with the name of the first field.

    `is_whole` tells of each field whether its value is searched by itself already. Only fields
    whose names speak of persons, samples and numbers are put together: two settings of a scanner
    side by side identify nobody.
    """
    told = list(is_whole)
    for place in range(len(fields) - 1):
        one, other = fields[place], fields[place + 1]
        if told[place] and told[place + 1]:
            continue
        if all(_IDENTIFYING.search(each.name) and _is_short(each.value) for each in (one, other)):
            parts = one.value.strip(), other.value.strip()
            marks = _BETWEEN_NAMES if parts[0].isalpha() and parts[1].isalpha() else _SEPARATORS
            yield from ((mark.join(parts), one.name) for mark in marks)
            if parts[0].isalpha():
                yield from ((mark.join(reversed(parts)), one.name) for mark in marks)


def split_days(fields: Sequence[Field]) -> Iterator[tuple[date, str]]:
    """Days whose year, month and day lie in three fields beside each other."""
    for place in range(len(fields) - 2):
        parts: dict[str, int] = {}
        for field in fields[place : place + 3]:
            found = _PART_OF_DATE.search(field.name)
            if found and field.value.strip().isdecimal() and len(field.value.strip()) <= 4:
                parts[found.group(1).casefold()] = int(field.value)
        if len(parts) == 3:
            try:
                yield date(parts["year"], parts["month"], parts["day"]), fields[place].name
            except ValueError:
                continue


def _is_short(value: str) -> bool:
    return 0 < len(value.strip()) <= _LONGEST // 2 and not _is_decimal(value.strip())
