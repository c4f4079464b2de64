"""A table of a TOML file, read key by key, with messages that name the line and the key."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast

from bigpicture.model.errors import InputError

E = TypeVar("E", bound=StrEnum)

_HEADING = re.compile(r"\s*\[{1,2}\s*([\w.\- ]+?)\s*\]")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """`name` is its heading (`columns.age`), `line` where that stands."""

    file: str
    name: str
    line: int
    values: dict[str, Any]
    headings: tuple[str, ...] = ()
    """The heading of every line of the file, empty where a line is none."""
    _seen: set[str] = field(default_factory=set[str])

    @property
    def place(self) -> str:
        heading = f" [{self.name}]" if self.name else ""
        return f"{self.file}:{self.line}{heading}" if self.line else f"{self.file}{heading}"

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str = "") -> str:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.wrong(key, "a text in quotation marks")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text, or a list of texts."""
        value = self._take(key, [])
        many = cast("list[object]", value) if isinstance(value, list) else [value]
        if not all(isinstance(each, str) and each.strip() for each in many):
            raise self.wrong(key, "a text in quotation marks, or a list of them")
        return tuple(str(each) for each in many)

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def number(self, key: str, default: int) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "a whole number")
        return value

    def choice(self, key: str, default: E) -> E:
        text = self.text(key, default.value)
        kind = type(default)
        try:
            return kind(text)
        except ValueError:
            raise self.wrong(key, ", ".join(kind)) from None

    def translations(self, key: str) -> dict[str, str] | None:
        if key not in self.values:
            return None
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a table: { M = 'Male', F = 'Female' }")
        entries = cast("dict[str, object]", value)
        if not all(isinstance(each, str) for each in entries.values()):
            raise self.wrong(key, "texts in quotation marks")
        return {local: str(meant) for local, meant in entries.items()}

    def tables(self, key: str) -> list[TomlTable]:
        """The tables of `[[key]]`, or of `[key.name]` in their order."""
        value = self._take(key, [])
        inner = f"{self.name}.{key}" if self.name else key
        if isinstance(value, list):
            many = [(inner, each) for each in cast("list[object]", value)]
        elif isinstance(value, dict):
            entries = cast("dict[str, object]", value)
            many = [(f"{inner}.{name}", each) for name, each in entries.items()]
        else:
            many = [(inner, None)]
        for name, each in many:
            if not isinstance(each, dict):
                raise self.wrong(key, f"tables, [[{inner}]] or [{inner}.name]", name=name)
        return [
            TomlTable(
                self.file,
                name,
                self._line_of(name, sum(earlier == name for earlier, _ in many[:index])),
                cast("dict[str, Any]", each),
                self.headings,
            )
            for index, (name, each) in enumerate(many)
        ]

    def finish(self) -> None:
        """Raise where a key was not asked for: a typing error would otherwise be silent."""
        for key in self.values:
            if key not in self._seen:
                near = difflib.get_close_matches(key, self._seen, 1)
                raise InputError(
                    f"nobody knows the key {key!r}.",
                    place=self.place,
                    rule=f"the keys here are {', '.join(sorted(self._seen))}",
                    remedy=f"Did you mean {near[0]!r}?" if near else "Take it out.",
                )

    def wrong(self, key: str, expected: str, *, name: str = "") -> InputError:
        return InputError(
            f"{name or key!r} is not what it should be.",
            place=self.place,
            rule=f"{key} is {expected}",
            remedy="See docs/sources.md.",
        )

    def _line_of(self, name: str, nth: int) -> int:
        lines = [line for line, heading in enumerate(self.headings, 1) if heading == name]
        return lines[nth] if nth < len(lines) else self.line

    def _take(self, key: str, default: object) -> object:
        self._seen.add(key)
        return self.values.get(key, default)


def read_toml(path: Path) -> TomlTable:
    """Read a TOML file; raises `InputError` with the line where it is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(
            "the mapping file cannot be read.",
            place=path.name,
            remedy=f"{error.strerror}. Make one: bigpicture sources map --new fhir.",
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            "the mapping file is not UTF-8.",
            place=path.name,
            rule="TOML",
            remedy="Save it as UTF-8.",
        ) from None
    return parse_toml(text, path.name)


def parse_toml(text: str, name: str) -> TomlTable:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"this is no TOML: {error}.",
            place=name,
            rule="https://toml.io",
            remedy="Texts stand in 'single quotes', lists in [ ].",
        ) from None
    headings = tuple(_heading(line) for line in text.splitlines())
    return TomlTable(name, "", 0, values, headings)


def _heading(line: str) -> str:
    found = _HEADING.match(line)
    return found[1].replace(" ", "") if found else ""
