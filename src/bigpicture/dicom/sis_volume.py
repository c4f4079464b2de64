"""The tree of properties in an Olympus VSI file, read without trusting a link or a length.

A volume has a header of 24 bytes, then its fields; each field tells where the next one begins,
counted from the volume's first byte. A field holds a value, or volumes of its own. The layout is
that of Olympus's `VSI File Format`, as Bio-Formats' CellSensReader and slideio know it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAXIMUM_FIELDS = 1 << 18
MAXIMUM_DEPTH = 48
MAXIMUM_TEXT = 1 << 20
MAXIMUM_NUMBERS = 4096

_HEADER = struct.Struct("<H2sIqII")
_FIELD = struct.Struct("<IIII")
_MAGIC = b"IS"
# Bits of a field's type, and the kinds of volumes (the type's lower 24 bits).
_HAS_SECOND, _IS_EXTENDED, _IS_INLINE = 1 << 27, 1 << 28, 1 << 30
_PLAIN, PROPERTY_SET, RECORD = 0, 1, 2
_VOLUMES = frozenset({_PLAIN, PROPERTY_SET, RECORD})

_TEXTS = frozenset({13, 8192, 8194})
_COLOURS = frozenset({269, 270})
_LETTERS = {
    1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "q", 8: "Q", 9: "f", 10: "d", 11: "d",
    12: "B", 14: "I", 17: "q", 18: "d", 271: "i", 272: "i", 273: "i", 4104: "I", 8470: "i",
    **dict.fromkeys((256, 257, 258, 259, 267, 274, 275, 276, 277, 8195, 8199, 8200), "i"),
    **dict.fromkeys((260, 261, 262, 263, 264, 265, 266, 268, 279, 280), "d"),
    **dict.fromkeys(_COLOURS, "B"),
}  # fmt: skip

# A record says of one measured value its unit and the value itself.
UNIT, VALUE = 268435456, 268435458


@dataclass(frozen=True, slots=True)
class Property:
    """One field: `second` numbers it among those of its tag, `kind` is the type of its value.

    `volume` is PROPERTY_SET, RECORD or 0 where it holds further fields, else None. The value lies
    at `offset`, or is `inline`.
    """

    source: ByteSource
    tag: int
    second: int
    kind: int
    volume: int | None
    offset: int
    size: int
    inline: int | None
    children: tuple[Property, ...]

    def numbers(self) -> tuple[float, ...]:
        """Its numbers, at most 4096 of them; none of a text or of an unknown kind."""
        letter = _LETTERS.get(self.kind)
        if self.volume is not None or letter is None:
            return ()
        if self.inline is not None:
            is_signed = letter.islower() and self.inline >= 1 << 31
            return (self.inline - (1 << 32) if is_signed else self.inline,)
        width = struct.calcsize("<" + letter)
        count = min(self.size // width, MAXIMUM_NUMBERS)
        return struct.unpack(f"<{count}{letter}", self.source.read(self.offset, count * width))

    def number(self) -> float | None:
        return next(iter(self.numbers()), None)

    def text(self) -> str:
        """Its text; what is no text comes as numbers, and nothing of binary data."""
        if self.volume is not None or self.kind in _COLOURS:
            return ""
        is_bytes = self.kind in {1, 2} and self.size > 4
        if self.inline is None and (self.kind in _TEXTS or self.kind not in _LETTERS or is_bytes):
            return _decode(self.source.read(self.offset, min(self.size, MAXIMUM_TEXT)))
        return " ".join(str(number) for number in self.numbers()[:64])

    def find(self, *tags: int) -> Property | None:
        """The first one below it by the path of tags."""
        return next(self.all(*tags), None)

    def all(self, *tags: int) -> Iterator[Property]:
        """Every one below it by the path of tags."""
        for child in self.children:
            if child.tag == tags[0]:
                if len(tags) == 1:
                    yield child
                else:
                    yield from child.all(*tags[1:])

    def below(self) -> Iterator[Property]:
        """All below it, each before its own."""
        for child in self.children:
            yield child
            yield from child.below()


def _decode(raw: bytes) -> str:
    """Newer files write UTF-16, older ones a byte a letter; what is no text is left out."""
    is_wide = len(raw) % 2 == 0 and raw[1::2].count(0) > len(raw) // 4
    for encoding in ("utf-16-le",) if is_wide else ("utf-8", "latin-1"):
        try:
            text = raw.decode(encoding).strip("\0").strip()
        except UnicodeDecodeError:
            continue
        return text if all(each.isprintable() or each.isspace() for each in text) else ""
    return ""


def read_volume(source: ByteSource, *, at: int, place: str) -> Property:
    """The volume at a byte, as a property that holds its fields; raises `SlideError`."""
    reader = _Reader(source, place)
    children = reader.volume(at, source.size, 0)
    return Property(source, 0, 0, 0, _PLAIN, at, source.size - at, None, children)


class _Reader:
    """Reads fields from lower to higher bytes only, so that no link can lead back."""

    def __init__(self, source: ByteSource, place: str) -> None:
        self._source = source
        self._place = place
        self._fields = 0

    def volume(self, at: int, end: int, depth: int) -> tuple[Property, ...]:
        if depth > MAXIMUM_DEPTH:
            raise self._damaged(f"its volumes nest more than {MAXIMUM_DEPTH} deep", at)
        size, magic, _, first, flags, _ = _HEADER.unpack(self._take(at, _HEADER.size, end))
        if size != _HEADER.size or magic != _MAGIC:
            raise self._damaged("no volume stands where one should", at)
        count = flags & 0x0FFF_FFFF
        if not count:
            return ()
        if first < _HEADER.size:
            raise self._damaged("a volume's fields begin inside its header", at)
        return tuple(self._chain(at, at + first, end, count, depth))

    def _chain(
        self, at: int, position: int, end: int, count: int, depth: int
    ) -> Iterator[Property]:
        for _ in range(count):
            self._fields += 1
            if self._fields > MAXIMUM_FIELDS:
                raise self._damaged(f"it has more than {MAXIMUM_FIELDS} fields", position)
            kind, tag, following, size = _FIELD.unpack(self._take(position, _FIELD.size, end))
            begin = position + _FIELD.size + (4 if kind & _HAS_SECOND else 0)
            limit = at + following if following else end
            if not begin <= limit <= end:
                raise self._damaged("a field's next one does not follow it", position)
            second = 0
            if kind & _HAS_SECOND:
                raw = self._take(position + _FIELD.size, 4, limit)
                second = int.from_bytes(raw, "little")
            yield self._property(kind, tag, second, (begin, limit), size, depth)
            if not following:
                return
            position = limit

    def _property(
        self, kind: int, tag: int, second: int, span: tuple[int, int], size: int, depth: int
    ) -> Property:
        begin, limit = span
        plain = kind & 0x00FF_FFFF
        volume, inline, children = None, None, ()
        if kind & _IS_EXTENDED and plain in _VOLUMES:
            # Its size is counted from the volume around it: the next field's place says more.
            volume, size = plain, limit - begin
            children = self.volume(begin, limit, depth + 1)
        elif kind & _IS_EXTENDED:
            # A directory of the TIFF, or data without a published form.
            plain, size = -plain, limit - begin
        elif kind & _IS_INLINE:
            inline, size = size, 0
        elif begin + size > limit:
            raise self._damaged("a value runs into the next field", begin)
        return Property(self._source, tag, second, plain, volume, begin, size, inline, children)

    def _take(self, offset: int, length: int, end: int) -> bytes:
        if offset + length > end:
            raise self._damaged("a field lies past the end of its volume", offset)
        return self._source.read(offset, length)

    def _damaged(self, what: str, at: int) -> SlideError:
        return SlideError(
            f"its properties are damaged: {what}.",
            place=f"{self._place} byte {at}",
            remedy="The file is truncated or damaged: copy it again from its origin.",
        )
