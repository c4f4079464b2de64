"""Marks: what stands in the place of an object's values, in its skeleton."""

from __future__ import annotations

import re
from itertools import count

FIRST, LAST = "\ue000", "\ue001"  # private use: an object that holds them is read in full
_CUT = re.compile(
    r">([^<>&\s][^<>&\r\n]*)</"
    r'|="(?!true|false|[01]\s*"|http|preserve|default)([^"&<>\s][^"&<>\t\r\n]*)"'
)
_MARK = re.compile(f"{FIRST}(\\d+){LAST}")
_BETWEEN = "\0"  # no XML holds it


def cut(text: str) -> tuple[str, list[str]] | None:
    """Cut an object's text into its skeleton and its values; None where it cannot be cut.

    The text holds no character that XML does not allow.
    """
    if FIRST in text:
        return None
    parts = _CUT.split(text)
    skeleton = _BETWEEN.join(parts[::3])
    del parts[::3]
    return skeleton, list(filter(None, parts))


def marked(text: str) -> str:
    """The object's text with a numbered mark in the place of each value."""
    numbers = count()
    return _CUT.sub(lambda found: _with_mark(found, next(numbers)), text)


def _with_mark(found: re.Match[str], number: int) -> str:
    mark = f"{FIRST}{number}{LAST}"
    return f">{mark}</" if found[1] else f'="{mark}"'


def slot_of(text: str) -> int | None:
    """The number of the value that a text is the mark of."""
    found = _MARK.fullmatch(text)
    return int(found[1]) if found else None
