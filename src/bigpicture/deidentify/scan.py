"""The scan: searches every byte of an output for the identifying strings of its source.

It is the proof, not the cure: the allow-list has kept them out already, and a find stops the slide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.needles import Needle
from bigpicture.model.source import ByteSource

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
SHORTEST_IN_PIXELS = 8
"""Bytes. A shorter string turns up by chance in compressed pixels."""
_CHUNK = 4 << 20
_RULE = "nothing that identifies leaves with the pixels"
_DIGITS = frozenset(bytes([each]) for each in b"0123456789.")
_LETTERS = frozenset(bytes([each]) for each in b"0123456789abcdefghijklmnopqrstuvwxyz")
SHORTEST_FREE = 6
"""Letters. A shorter word counts only where it stands alone: `anna` is no part of `annapolis`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file in bytes. `is_text` where every needle counts: all but packed numbers."""

    start: int
    end: int
    is_text: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    data: bytes
    needle: int
    step: int
    neighbours: frozenset[bytes]
    """Characters that must not stand beside it, or it is a part of something longer."""


class Scan:
    """Searches for one source's needles; made once, used for each of its outputs.

    Case does not count, and each needle is searched as UTF-8, UTF-16 in both byte orders and
    Latin-1. Numbers count only where no digit or point stands beside them, short words
    only where no letter does.
    """

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = list(needles)
        patterns = list(_patterns(needles))
        long = [each for each in patterns if len(each.data) >= SHORTEST_IN_PIXELS]
        self._all = _Engine(patterns)
        self._long = _Engine(long)

    @property
    def needle_count(self) -> int:
        return len(self._needles)

    def search(self, source: ByteSource, *, name: str, spans: Sequence[Span]) -> list[Finding]:
        """Search the `spans` of one output; each needle is told once, where it first stands.

        `name` is how the findings call the file.
        """
        found: dict[int, Finding] = {}
        for span in spans:
            engine = self._all if span.is_text else self._long
            for needle, offset in engine.search(source, span):
                if needle not in found:
                    kind = "outside the pixels" if span.is_text else "among the pixels"
                    found[needle] = self._tell(needle, f"{name} byte {offset}, {kind}")
        return [found[needle] for needle in sorted(found)]

    def search_text(self, text: str, *, name: str) -> list[Finding]:
        """Search a text that will be written, such as a report or a file's name."""
        data = text.encode("utf-8").lower()
        places = dict(reversed(list(self._all.within(data))))
        return [self._tell(needle, f"{name} byte {offset}") for needle, offset in places.items()]

    def _tell(self, needle: int, place: str) -> Finding:
        meant = self._needles[needle]
        return Finding(
            f"the value of {meant.source} ({len(meant.text)} characters) stands in the output.",
            place,
            _RULE,
        )


class _Engine:
    """Aho-Corasick over lower-case bytes."""

    def __init__(self, patterns: Sequence[_Pattern]) -> None:
        self._patterns = patterns
        self._longest = max((len(each.data) for each in patterns), default=0)
        self._engine = (
            BytesAhoCorasick([each.data for each in patterns], matchkind=MatchKind.Standard)
            if patterns
            else None
        )

    def search(self, source: ByteSource, span: Span) -> Iterator[tuple[int, int]]:
        """(needle, offset) of each find; reads in chunks that overlap by the longest pattern."""
        if self._engine is None:
            return
        position = span.start
        while position < span.end:
            # One byte more on each side, to see what stands beside a number.
            before = max(span.start, position - 2)
            end = min(span.end, position + _CHUNK + self._longest + 2)
            data = source.read(before, end - before).lower()
            for needle, offset in self.within(data):
                yield needle, before + offset
            position += _CHUNK

    def within(self, data: bytes) -> Iterator[tuple[int, int]]:
        if self._engine is None:
            return
        for index, start, end in self._engine.find_matches_as_indexes(data, overlapping=True):
            pattern = self._patterns[index]
            if not pattern.neighbours or _stands_alone(data, start, end, pattern):
                yield pattern.needle, start


def _stands_alone(data: bytes, start: int, end: int, pattern: _Pattern) -> bool:
    """Whether none of the forbidden characters stands right before or after.

    In UTF-16 a character of ASCII has a zero beside it; anything else there is no character.
    """
    for place in (start - pattern.step, end):
        beside = data[place : place + pattern.step] if place >= 0 else b""
        if beside.strip(b"\0") in pattern.neighbours:
            return False
    return True


def _patterns(needles: Sequence[Needle]) -> Iterator[_Pattern]:
    seen: set[bytes] = set()
    for number, needle in enumerate(needles):
        for text in {needle.text, needle.text.lower(), needle.text.upper()}:
            for encoding in ENCODINGS:
                try:
                    data = text.encode(encoding).lower()
                except UnicodeEncodeError:
                    continue
                if data in seen:
                    continue
                seen.add(data)
                step = 2 if encoding.startswith("utf-16") else 1
                yield _Pattern(data, number, step, _neighbours(needle))


def _neighbours(needle: Needle) -> frozenset[bytes]:
    if needle.is_number:
        return _DIGITS
    return _LETTERS if len(needle.text) < SHORTEST_FREE else frozenset()
