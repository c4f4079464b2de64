"""The engine: where any of thousands of byte patterns stands in a block of bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import hyperscan

_PREFIX = 16
"""Bytes that are compiled; the rest of a longer pattern is compared where they stand."""
_GROUP = 20_000
"""Patterns that are compiled at once; more are searched in several passes."""
_WITHOUT_ENGINE = 32 << 10
"""Bytes up to which looking for one pattern after the other costs less than compiling them all."""
_DIGITS = frozenset(bytes([each]) for each in b"0123456789")
_LETTERS = frozenset(bytes([each]) for each in b"0123456789abcdefghijklmnopqrstuvwxyz")


class Guard(Enum):
    """What must not stand beside a find, or it is a part of something longer."""

    NOTHING = 0
    LETTERS = 1
    """No letter and no digit: `anna` is no part of `annapolis`."""
    DIGITS = 2
    """No digit, and no point with a digit behind it; zeros in front may fill a number up."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Bytes of one needle. `step` is the width of a character in them, for what stands beside.

    Where `is_caseless`, `data` is lower-case and ASCII letters of either case match.
    """

    data: bytes
    needle: int
    step: int = 1
    is_caseless: bool = True
    guard: Guard = Guard.NOTHING


class Engine:
    """Searches for patterns: Hyperscan on the first bytes of each, then the whole is compared."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self.longest = max((len(each.data) for each in patterns), default=0)

    def expect(self, length: int) -> None:
        """Compile now where so many bytes will come: then the short texts before them gain too."""
        if length > _WITHOUT_ENGINE and self._patterns:
            _ = self._databases

    def __len__(self) -> int:
        return len(self._patterns)

    def within(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(needle, offset) of each find, in no order."""
        if not self._patterns:
            return
        if len(data) <= _WITHOUT_ENGINE and "_databases" not in self.__dict__:
            found = self._one_by_one(data)
        else:
            found = self._at_once(data)
        for pattern, start in found:
            if stands_alone(data, start, pattern):
                yield pattern.needle, start

    def _one_by_one(self, data: bytes) -> Iterator[tuple[Pattern, int]]:
        lowered = data.lower()
        for pattern in self._patterns:
            text = lowered if pattern.is_caseless else data
            start = text.find(pattern.data)
            while start >= 0:
                yield pattern, start
                start = text.find(pattern.data, start + 1)

    def _at_once(self, data: bytes) -> Iterator[tuple[Pattern, int]]:
        for database, groups in self._databases:
            hits: list[tuple[int, int]] = []

            def note(
                number: int, _start: int, end: int, *_: object, hits: list[tuple[int, int]] = hits
            ) -> None:
                hits.append((number, end))

            database.scan(data, match_event_handler=note)
            for number, end in hits:
                for pattern in groups[number]:
                    start = end - min(len(pattern.data), _PREFIX)
                    whole = data[start : start + len(pattern.data)]
                    if (whole.lower() if pattern.is_caseless else whole) == pattern.data:
                        yield pattern, start

    @cached_property
    def _databases(self) -> list[tuple[hyperscan.Database, list[list[Pattern]]]]:
        by_prefix: dict[tuple[bytes, bool], list[Pattern]] = {}
        for each in self._patterns:
            by_prefix.setdefault((each.data[:_PREFIX], each.is_caseless), []).append(each)
        keys = list(by_prefix)
        made: list[tuple[hyperscan.Database, list[list[Pattern]]]] = []
        for first in range(0, len(keys), _GROUP):
            part = keys[first : first + _GROUP]
            flags = [hyperscan.HS_FLAG_CASELESS if is_caseless else 0 for _, is_caseless in part]
            literals = [_literal(prefix) for prefix, _ in part]
            made.append((compiled(literals, flags), [by_prefix[key] for key in part]))
        return made


def compiled(expressions: list[bytes], flags: list[int]) -> hyperscan.Database:
    """A database for blocks; the number of an expression is its place in the list."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=expressions,
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=[flag | hyperscan.HS_FLAG_DOTALL for flag in flags],
        )
    except hyperscan.error as error:
        # The expressions are ours, so what can fail is memory.
        raise MemoryError from error
    return database


def _literal(data: bytes) -> bytes:
    """Every byte by its number in hex: none is special, and a zero does not end it."""
    return b"".join(b"\\x%02x" % each for each in data)


def stands_alone(data: bytes, start: int, pattern: Pattern) -> bool:
    """Whether nothing stands beside the find that its guard forbids.

    In UTF-16 a character of ASCII has a zero beside it; anything else there is no character.
    """
    end, step = start + len(pattern.data), pattern.step
    if pattern.guard is Guard.NOTHING:
        return True
    if pattern.guard is Guard.LETTERS:
        return not {_beside(data, start - step, step), _beside(data, end, step)} & _LETTERS
    before = start - step
    while _beside(data, before, step) == b"0":
        before -= step
    return not (_is_digit(data, before, step, -step) or _is_digit(data, end, step, step))


def _is_digit(data: bytes, place: int, step: int, further: int) -> bool:
    beside = _beside(data, place, step)
    return beside in _DIGITS or (beside == b"." and _beside(data, place + further, step) in _DIGITS)


def _beside(data: bytes, place: int, step: int) -> bytes:
    return data[place : place + step].strip(b"\0").lower() if place >= 0 else b""
