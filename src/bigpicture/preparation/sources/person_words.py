"""The words that name a person, kept as digests alone, so that a cell can be searched for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from secrets import token_bytes

from bigpicture.preparation.sources.age import read_date
from bigpicture.preparation.sources.person_texts import PersonText

_REMEMBERED = 4096
_SHORTEST_WORD = 3
_LONGEST_YEAR = 4
_MOST_WORDS = 6
"""Words that are looked at together: `14 Marzipan Crescent` is three."""
_WORD = re.compile(r"[^\W_]+")
_DATES = ("%d%m%Y", "%m%d%Y", "%Y%m%d", "%d%m%y", "%y%m%d")


class PersonWords:
    """Digests under a key that dies with this object: they cannot be looked up afterwards."""

    def __init__(self) -> None:
        self._key = token_bytes(32)
        # the same terms stand in row after row
        self._digests_of = lru_cache(_REMEMBERED)(self._digest_all)

    def of(self, texts: Iterable[PersonText]) -> list[str]:
        """The digests of every word of a name, and of every number, date and address."""
        return sorted({self._digest(word) for text in texts for word in _forms(text)})

    def are_in(self, cell: str, digests: frozenset[str]) -> bool:
        """Whether one of them stands in the cell, whatever its case and punctuation."""
        return bool(digests) and not digests.isdisjoint(self._digests_of(cell))

    def _digest_all(self, cell: str) -> frozenset[str]:
        return frozenset(self._digest(word) for word in _runs(cell))

    def _digest(self, word: str) -> str:
        return blake2b(word.encode("utf-8", "replace"), key=self._key, digest_size=9).hexdigest()


def _forms(text: PersonText) -> Iterator[str]:
    words = _WORD.findall(text.text.casefold())
    if _is_telling(joined := "".join(words)):
        yield joined
    # `COLON-2020-1` as a number names a person, `colon` does not
    if text.by_word and not any(letter.isdecimal() for letter in joined):
        yield from filter(_is_telling, words)
    span = read_date(text.text)
    if span is not None and span.first == span.last:
        yield from (span.first.strftime(form) for form in _DATES)


def _runs(cell: str) -> Iterator[str]:
    words = _WORD.findall(cell.casefold())
    for start in range(len(words)):
        joined = ""
        for word in words[start : start + _MOST_WORDS]:
            joined += word
            if _is_telling(joined):
                yield joined


def _is_telling(word: str) -> bool:
    """A year or a house number names nobody, and would be found everywhere."""
    return len(word) > _LONGEST_YEAR if word.isdecimal() else len(word) >= _SHORTEST_WORD
