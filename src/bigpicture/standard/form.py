"""Forms of values: dates, durations, numbers, as the standard writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_DURATION = re.compile(
    r"P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")


@dataclass(frozen=True, slots=True)
class Form:
    """What a text or a number must look like; `text` says it to a person, with an example."""

    text: str
    fits: Callable[[str], bool]


def _is_date_or_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _is_positive(text: str) -> bool:
    return Decimal(text) > 0


def _is_cosine(text: str) -> bool:
    return -1 <= Decimal(text) <= 1


def _is_short(text: str) -> bool:
    return len(text.split()) <= _WORDS


_WORDS = 250

DURATION = Form(
    "an ISO 8601 duration such as P50Y, PT0S for none",
    lambda text: _DURATION.fullmatch(text) is not None,
)
DAY = Form("a day as YYYY-MM-DD, or a time of it", _is_date_or_time)
YEAR = Form("a year such as 2026", lambda text: re.fullmatch(r"(19|20)\d\d", text) is not None)
WHOLE = Form("a whole number above 0", _is_whole)
COUNT = Form("a whole number", lambda text: text.isascii() and text.isdigit())
POSITIVE = Form("a number above 0", _is_positive)
COSINE = Form("a direction cosine, -1 to 1", _is_cosine)
EMAIL = Form("an address such as data@example.org", lambda t: _EMAIL.fullmatch(t) is not None)
DESCRIPTION = Form(f"at most {_WORDS} words", _is_short)
NAME = Form("at most 25 characters", lambda text: 1 <= len(text) <= 25)
TEXT = Form("words", lambda text: bool(text.strip()))
