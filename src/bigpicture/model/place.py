"""A place: the file and line that something was read from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """`file` is a path inside the dataset folder, `line` counts from 1 (0: the whole file)."""

    file: str
    line: int = 0

    def down(self, lines: int) -> Place:
        """The place so many lines further down."""
        return Place(self.file, self.line + lines)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file
