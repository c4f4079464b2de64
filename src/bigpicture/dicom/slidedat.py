"""Slidedat.ini: what a MIRAX slide says of itself, in sections of keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

NAME = "Slidedat.ini"
MAXIMUM_BYTES = 4 << 20
MAXIMUM_LINES = 1 << 17
_SECTION = re.compile(r"\[([^\[\]]+)\]")
_WHOLE = re.compile(r"[-+]?\d{1,18}")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or a line that is none (`key` is empty)."""

    section: str
    key: str
    value: str
    line: int


@dataclass(frozen=True)
class Slidedat:
    """All entries in file order. Of entries that repeat, the last one counts."""

    place: str
    entries: tuple[Entry, ...]

    @cached_property
    def _found(self) -> dict[tuple[str, str], str]:
        return {(each.section, each.key): each.value for each in self.entries if each.key}

    def find(self, section: str, key: str) -> str | None:
        return self._found.get((section, key))

    def text(self, section: str, key: str) -> str:
        """The value; raises `SlideError` where it is absent."""
        value = self.find(section, key)
        if value is None:
            raise self.wrong(section, key, "is absent")
        return value

    def whole(
        self, section: str, key: str, *, least: int, most: int, absent: int | None = None
    ) -> int:
        """A whole number within `least` and `most`; raises `SlideError`."""
        value = self.find(section, key)
        if value is None and absent is not None:
            return absent
        if not _WHOLE.fullmatch(self.text(section, key)):
            raise self.wrong(section, key, "is no whole number")
        number = int(self.text(section, key))
        if not least <= number <= most:
            raise self.wrong(section, key, f"is not between {least} and {most}")
        return number

    def real(self, section: str, key: str) -> float:
        """A finite number, with a point or a comma; raises `SlideError`."""
        try:
            number = float(self.text(section, key).replace(",", "."))
        except ValueError as error:
            raise self.wrong(section, key, "is no number") from error
        if not isfinite(number):
            raise self.wrong(section, key, "is no number")
        return number

    def fields(self) -> Iterator[Field]:
        """Every entry, as `Mirax.<section>.<key>` with `n` for each number in both.

        Lines without a key (comments, stray text) are `Mirax.Line`: they may say anything.
        """
        for each in self.entries:
            name = f"{_plain(each.section)}.{_plain(each.key)}" if each.key else "Line"
            yield Field(f"{self.place} line {each.line}", f"Mirax.{name}", each.value)

    def wrong(self, section: str, key: str, what: str) -> SlideError:
        return SlideError(
            f"{key} in [{section}] {what}.",
            place=self.place,
            remedy="The slide is damaged: copy it again from its origin, or export it again.",
        )


def _plain(name: str) -> str:
    return _NUMBERS.sub("n", name)


def read_slidedat(source: ByteSource, *, place: str) -> Slidedat:
    """Read all lines; raises `SlideError` where it is too long to be one."""
    if source.size > MAXIMUM_BYTES:
        raise SlideError(
            f"it is {source.size >> 20} MiB long.",
            place=place,
            rule=f"at most {MAXIMUM_BYTES >> 20} MiB",
            remedy="This is no MIRAX slide, or it is damaged.",
        )
    entries = tuple(_entries(_decoded(source.read(0, source.size)), place))
    return Slidedat(place, entries)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older scanners wrote in the code page of their machine.
        return data.decode("latin-1")


def _entries(text: str, place: str) -> Iterator[Entry]:
    section = ""
    lines = text.split("\n")
    if len(lines) > MAXIMUM_LINES:
        raise SlideError(
            f"it has more than {MAXIMUM_LINES} lines.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        opened = _SECTION.fullmatch(line)
        key, equals, value = (part.strip() for part in line.partition("="))
        if opened:
            section = opened[1]
        elif line[:1] in {"#", ";"} or not (equals and key and section):
            if line:
                yield Entry(section, "", line, number)
        else:
            yield Entry(section, key, value, number)
