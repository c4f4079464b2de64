"""The words that name a person, kept as digests alone, so that a cell can be searched for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from secrets import token_bytes

from bigpicture.preparation.sources.age import read_date

_SHORTEST_WORD = 3
_SHORTEST_NUMBER = 4
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"\S+")


class PersonWords:
    """Digests under a key that dies with this object: they cannot be looked up afterwards."""

    def __init__(self) -> None:
        self._key = token_bytes(32)

    def of(self, texts: Iterable[str]) -> list[str]:
        """The digests of every word, number and date of these texts."""
        return sorted({self._digest(word) for text in texts for word in _forms(text)})

    def are_in(self, cell: str, digests: Iterable[str]) -> bool:
        """Whether any of the words stands in the cell, whatever its case and punctuation."""
        known = set(digests)
        return bool(known) and any(self._digest(word) in known for word in _words(cell))

    def _digest(self, word: str) -> str:
        return blake2b(word.encode("utf-8", "replace"), key=self._key, digest_size=9).hexdigest()


def _forms(text: str) -> Iterable[str]:
    yield from _words(text)
    span = read_date(text)
    if span is not None and span.first == span.last:
        for form in ("%d%m%Y", "%m%d%Y", "%Y%m%d", "%d%m%y", "%y%m%d"):
            yield span.first.strftime(form)


def _words(text: str) -> Iterable[str]:
    """Words and numbers alone, and pieces between blanks with their punctuation taken out."""
    folded = text.casefold()
    for word in _WORD.findall(folded):
        if _is_telling(word):
            yield word
    for piece in _PIECE.findall(folded):
        joined = "".join(_WORD.findall(piece))
        if _is_telling(joined):
            yield joined


def _is_telling(word: str) -> bool:
    """A year or a house number names nobody, and would be found everywhere."""
    if word.isdecimal():
        return len(word) > _SHORTEST_NUMBER
    return len(word) >= _SHORTEST_WORD
