"""A journal of acts on datasets: each is written down before it begins and once it is done.

A line goes to the file in one write, so that whoever is killed leaves whole lines.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """`to` is the alias that the dataset `name` then has, None where no image of it is there."""

    name: str
    to: str | None
    is_done: bool


class Journal:
    """Written by one process at a time, read by any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def write(self, name: str, to: str | None, *, is_done: bool) -> None:
        line = json.dumps([name, to, is_done]) + "\n"
        with self.path.open("ab", buffering=0) as file:
            assert file.write(line.encode()) == len(line)
            os.fsync(file.fileno())

    def lines(self) -> list[Line]:
        return [Line(*json.loads(line)) for line in self.path.read_text("utf-8").splitlines()]


def by_name(lines: list[Line]) -> dict[str, list[Line]]:
    """The lines of each dataset, in their order."""
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.name].append(line)
    return found


def settled(lines: list[Line]) -> dict[str, str | None]:
    """What each dataset is whose last act is done."""
    return {name: told[-1].to for name, told in by_name(lines).items() if told[-1].is_done}


def pending(lines: list[Line]) -> dict[str, tuple[str | None, str | None]]:
    """What each dataset was, and is to become, whose last act was not done."""
    return {
        name: (next((each.to for each in reversed(told) if each.is_done), None), told[-1].to)
        for name, told in by_name(lines).items()
        if not told[-1].is_done
    }
