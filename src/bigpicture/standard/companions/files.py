"""Which files of the dataset folder make one companion table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bigpicture.model.companion import COMPANION_FOLDER, CompanionFiles
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place

TABLES = (".csv", ".parquet")
DICTIONARIES = (".dictionary.csv", ".dictionary.json")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_LAYOUT = (
    f"{COMPANION_FOLDER}/{{name}}.csv or .parquet, with {{name}}.dictionary.csv or "
    ".dictionary.json; letters, digits, - and _"
)


def is_companion(path: str) -> bool:
    """Whether a path of the folder is that of a table or of a dictionary."""
    return bool(_named(path)[0])


def is_dictionary(path: str) -> bool:
    return path.endswith(DICTIONARIES)


def companion_files(paths: Iterable[str]) -> list[CompanionFiles]:
    """The tables of a folder in the order of their names; the first of two files for one wins."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(paths):
        name, part = _named(path)
        if name:
            found.setdefault(name, {}).setdefault(part, path)
    return [CompanionFiles(name, **parts) for name, parts in sorted(found.items())]


def check_companion_files(paths: Iterable[str]) -> Iterator[Finding]:
    """Yield what makes no table, or makes it twice."""
    inside = sorted(path for path in paths if path.startswith(f"{COMPANION_FOLDER}/"))
    seen: dict[tuple[str, str], str] = {}
    for path in inside:
        name, part = _named(path)
        before = seen.setdefault((name.casefold(), part), path)
        if not name:
            yield _finding(
                path, "this is neither a companion table nor a dictionary.", "Rename or remove it."
            )
        elif before != path:
            yield _finding(path, f"{before} is the same {part} already.", "Remove one of the two.")
    for each in companion_files(inside):
        if not each.dictionary:
            yield _finding(
                each.table,
                "this table has no dictionary.",
                f"Describe its columns in {COMPANION_FOLDER}/{each.name}.dictionary.csv.",
            )
        elif not each.table:
            yield _finding(
                each.dictionary, "this dictionary has no table.", "Add the table, or remove this."
            )


def _named(path: str) -> tuple[str, str]:
    """The table's name, and whether this is its `table` or its `dictionary`; empty for others."""
    parts = PurePosixPath(path).parts
    if len(parts) != 2 or parts[0] != COMPANION_FOLDER:
        return "", ""
    for part, endings in (("dictionary", DICTIONARIES), ("table", TABLES)):
        for ending in endings:
            name = parts[1].removesuffix(ending)
            if name != parts[1] and _NAME.fullmatch(name):
                return name, part
    return "", ""


def _finding(path: str, what: str, remedy: str) -> Finding:
    return Finding("BP-companion-file", Severity.ERROR, Place(path), what, _LAYOUT, remedy)
