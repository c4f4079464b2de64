"""The scan: searches every byte of an output for the identifying strings of its source.

It is the proof, not the cure: the allow-list has kept them out already, and a find stops the slide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from bigpicture.deidentify.engine import Engine, Guard, Pattern
from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.masking import kind_of
from bigpicture.deidentify.moments import days_in, is_same, stamps_in
from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.spans import Span
from bigpicture.deidentify.spellings import CODE_PAGES, WIDE, spellings
from bigpicture.deidentify.unpack import CODINGS, CONTAINERS, Room, containers, layers
from bigpicture.model.mask import mask
from bigpicture.model.source import ByteSource

ENCODINGS = (*WIDE, *CODE_PAGES, *CODINGS, *CONTAINERS, "dates")
SHORTEST_IN_PIXELS = 8
"""Bytes. A shorter string turns up by chance in compressed pixels."""
SHORTEST_FREE = 6
"""Letters. A shorter word counts only where it stands alone: `anna` is no part of `annapolis`."""
_CHUNK = 1 << 20
"""Bytes that are searched at once; they fit the cache of a core."""
_TEXT = 16 << 20
_OVERLAP = 64 << 10
_BESIDE = 64
"""Bytes before a chunk that are read again, to see what stands beside a find."""
_RULE = "nothing that identifies leaves with the pixels"
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?", re.ASCII)


class Scan:
    """Searches for one source's needles; made once, used for each of its outputs.

    Case does not count, and each needle is searched in every spelling of `spellings`, and in what
    text unpacks to. Numbers count only where no digit stands beside them, short words only where
    no letter does.
    """

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = list(needles)
        patterns = list(_patterns(needles))
        self._long = Engine([each for each in patterns if len(each.data) >= SHORTEST_IN_PIXELS])
        self._short = Engine([each for each in patterns if len(each.data) < SHORTEST_IN_PIXELS])
        self._days: dict[date, int] = {}
        self._moments: list[tuple[datetime, int]] = []
        for number, needle in enumerate(needles):
            if _DAY.fullmatch(needle.text):
                moment = datetime.fromisoformat(needle.text)
                self._days.setdefault(moment.date(), number)
                if "T" in needle.text:
                    self._moments.append((moment, number))

    @property
    def needle_count(self) -> int:
        return len(self._needles)

    @property
    def pattern_count(self) -> int:
        """How many byte forms of the needles are searched at once."""
        return len(self._long) + len(self._short)

    def search(self, source: ByteSource, *, name: str, spans: Sequence[Span]) -> list[Finding]:
        """Search the `spans` of one output; each needle is told once, where it first stands.

        `name` is how the findings call the file.
        """
        found: dict[int, Finding] = {}
        room = Room()
        self._long.expect(max((span.end - span.start for span in spans), default=0))
        for span in spans:
            search = self._search_text if span.is_text else self._search_packed
            for needle, place in search(source, span, room):
                if needle not in found:
                    found[needle] = self._tell(needle, f"{name} {place}")
        told = [found[needle] for needle in sorted(found)]
        return [*told, *_spent(room, name)]

    def search_text(self, text: str, *, name: str) -> list[Finding]:
        """Search a text that will be written, such as a report or a file's name."""
        room = Room()
        places: dict[int, str] = {}
        for needle, offset, how in self._within(text.encode("utf-8", "replace"), room):
            places.setdefault(needle, f"{name} byte {offset}{how}")
        told = [self._tell(needle, places[needle]) for needle in sorted(places)]
        return [*told, *_spent(room, name)]

    def _search_text(self, source: ByteSource, span: Span, room: Room) -> Iterator[tuple[int, str]]:
        position = span.start
        while position < span.end:
            before = max(span.start, position - _BESIDE)
            end = min(span.end, position + _TEXT + _OVERLAP)
            data = source.read(before, end - before)
            for needle, offset, how in self._within(data, room):
                yield needle, f"byte {before + offset}{how}, outside the pixels"
            position += _TEXT

    def _search_packed(
        self, source: ByteSource, span: Span, room: Room
    ) -> Iterator[tuple[int, str]]:
        overlap = self._long.longest + _BESIDE
        position = span.start
        while position < span.end:
            before = max(span.start, position - _BESIDE)
            end = min(span.end, position + _CHUNK + overlap)
            data = source.read(before, end - before)
            for needle, offset in self._long.within(data):
                yield needle, f"byte {before + offset}, among the pixels"
            if span.segments is not None:
                lead = position - before
                for start, stop in span.segments.within(data, before, lead + _CHUNK):
                    text = Span(start, min(stop, span.end), True)
                    yield from self._search_text(source, text, room)
            position += _CHUNK

    def _within(
        self, data: bytes, room: Room, depth: int = 0, *, is_text: bool = True
    ) -> Iterator[tuple[int, int, str]]:
        """(needle, offset, how it is written there) of finds in some bytes and what they hold."""
        yield from ((needle, offset, "") for needle, offset in self._long.within(data))
        if is_text:
            yield from ((needle, offset, "") for needle, offset in self._short.within(data))
            yield from ((needle, offset, "") for needle, offset in self._dates(data))
        for layer in (layers if is_text else containers)(data, room, depth):
            inner = self._within(layer.data, room, depth + 1, is_text=layer.is_text)
            yield from ((needle, layer.offset, f" ({layer.how}){how}") for needle, _, how in inner)

    def _dates(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Days of the source in whatever way they are written, and numbers that mean its moments.

        UTF-8 is read as Latin-1: what is looked for is told in that form too.
        """
        if not self._days:
            return
        text = data.decode("latin-1")
        for named in days_in(text):
            if named.day in self._days:
                yield self._days[named.day], named.start
        for stamp, start in stamps_in(text) if self._moments else ():
            for moment, needle in self._moments:
                if is_same(moment, stamp):
                    yield needle, start

    def _tell(self, needle: int, place: str) -> Finding:
        meant = self._needles[needle]
        return Finding(
            f"the value of {meant.source} ({len(meant.text)} characters) stands in the output.",
            place,
            _RULE,
            kind_of(meant.source, meant.text),
            mask(meant.text),
        )


def _spent(room: Room, name: str) -> Iterator[Finding]:
    if room.is_spent:
        yield Finding(
            "compressed data are too large or too deep to be searched.",
            name,
            "what cannot be searched is not let through",
        )


def _patterns(needles: Sequence[Needle]) -> Iterator[Pattern]:
    seen: set[tuple[bytes, bool]] = set()
    for number, needle in enumerate(needles):
        guard = _guard(needle)
        for each in spellings(needle.text):
            key = (each.data, each.is_caseless)
            if key not in seen:
                seen.add(key)
                yield Pattern(
                    each.data,
                    number,
                    each.step,
                    each.is_caseless,
                    guard if each.step else Guard.NOTHING,
                )


def _guard(needle: Needle) -> Guard:
    if needle.is_number:
        return Guard.DIGITS
    return Guard.LETTERS if len(needle.text) < SHORTEST_FREE else Guard.NOTHING
