"""A sighting: a stretch of a text that looks as if it identified a person."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What it looks like; the value is the rule that its findings bear."""

    NAME = "BP-name"
    BIRTH = "BP-birth-date"
    AGE = "BP-age"
    NUMBER = "BP-national-number"
    CONTACT = "BP-contact"


@dataclass(frozen=True, slots=True)
class Sighting:
    """`text[start:end]` is the stretch; `label` says what it looks like, in words.

    It `is_sure` where chance and the words of pathology leave no other reading likely.
    """

    kind: Kind
    start: int
    end: int
    label: str
    is_sure: bool = False
    is_labelled: bool = False
    """The text itself says that it is a name: `patient:`, `surname:`."""

    def of(self, text: str) -> str:
        return text[self.start : self.end]


_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})


def fold(word: str) -> str:
    """A word in lower case without accents, to look it up by: `José` is `jose`."""
    lowered = word.casefold()
    if lowered.isascii():
        return lowered
    parts = unicodedata.normalize("NFKD", lowered.translate(_STROKES))
    return "".join(each for each in parts if not unicodedata.combining(each))
