"""Read a data dictionary: CSV with a line for each variable, category and missing-value marker."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.standard.companions.declared import Declared, Line, declare
from bigpicture.standard.companions.table import open_table
from bigpicture.standard.companions.table_schema import lines_of_schema

COLUMNS = (
    "variable", "value", "label", "description", "type", "entity", "unit", "code", "scheme",
    "meaning", "minimum", "maximum", "established", "quasi_identifier",
)  # fmt: skip
"""A line without `value` declares a variable; one with it a category, or a marker (`missing`)."""

_NEEDED = ("variable", "label", "type", "established")
_MOST_LINES = 20_000
_LARGEST = 8 << 20


def read_dictionary(place: Path, *, name: str) -> Declared:
    """Read the dictionary at `place`, called `name`: CSV, or Table Schema in JSON.

    Whatever is wrong is a finding; the dictionary is None where nothing can be done without it.
    """
    try:
        if place.stat().st_size > _LARGEST:
            raise _unreadable(name, "the dictionary is too large.", f"At most {_LARGEST} bytes.")
        if name.endswith(".json"):
            return declare(name, lines_of_schema(place.read_bytes(), name=name))
        return declare(name, _lines(place, name))
    except MetadataError as error:
        return Declared(None, (told(error, name),))


def told(error: MetadataError, name: str) -> Finding:
    """An error of reading as a finding."""
    line = error.place.rpartition(":")[2]
    return Finding(
        error.rule or "BP-companion-form",
        Severity.ERROR,
        Place(name, int(line) if line.isdigit() else 0),
        error.what,
        remedy=error.remedy,
    )


def _lines(place: Path, name: str) -> Iterable[Line]:
    with open_table(place, name=name) as table:
        headings = [each.casefold() for each in table.headings]
        lacking = [each for each in _NEEDED if each not in headings]
        strange = [each for each in headings if each not in COLUMNS]
        if lacking or strange or len(set(headings)) < len(headings):
            what = f"the column {lacking[0]} is not there." if lacking else (
                "a heading is not one of a dictionary, or stands twice."
            )  # fmt: skip
            raise _unreadable(name, what, f"The columns are {', '.join(COLUMNS)}.")
        found: list[Line] = []
        for number, cells in table.rows:
            if len(found) >= _MOST_LINES:
                raise _unreadable(name, "there are too many lines.", f"At most {_MOST_LINES}.")
            found.append(Line(number, dict(zip(headings, cells, strict=False))))
        return found


def _unreadable(name: str, what: str, remedy: str) -> MetadataError:
    return MetadataError(what, place=f"{name}:1", rule="BP-companion-dictionary", remedy=remedy)
