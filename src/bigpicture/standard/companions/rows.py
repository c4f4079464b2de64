"""The rows of a companion table under its dictionary: each an alias, with the values it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bigpicture.model.companion import Dictionary, Value, Variable
from bigpicture.model.errors import MetadataError
from bigpicture.standard.companions.parquet import as_csv
from bigpicture.standard.companions.read_value import Wrong, read_value
from bigpicture.standard.companions.table import open_table


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each variable stands; None for the key where the table lacks it."""

    headings: tuple[str, ...]
    key: int | None
    places: tuple[tuple[int, Variable], ...]

    @classmethod
    def of(cls, headings: Sequence[str], dictionary: Dictionary) -> Columns:
        at = {heading: number for number, heading in reversed(list(enumerate(headings)))}
        places = tuple((at[each.name], each) for each in dictionary.variables if each.name in at)
        return cls(tuple(headings), at.get(dictionary.key), places)


def read_rows(
    dictionary: Dictionary, place: Path, *, name: str
) -> Iterator[tuple[str, dict[str, Value | str]]]:
    """Yield (alias, values by variable) of a table that was checked before.

    A missing value is given as its marker; see `Variable.marker`. Raises `MetadataError` for a
    table that the check would have refused.
    """
    with as_csv(place, name=name) as rows, open_table(rows, name=name) as table:
        columns = Columns.of(table.headings, dictionary)
        if columns.key is None or len(columns.places) < len(dictionary.variables):
            raise _unchecked(name, 1)
        for line, cells in table.rows:
            if len(cells) != len(columns.headings):
                raise _unchecked(name, line)
            values: dict[str, Value | str] = {}
            for at, variable in columns.places:
                value = read_value(variable, cells[at])
                if isinstance(value, Wrong):
                    raise _unchecked(name, line)
                values[variable.name] = cells[at] if value is None else value
            yield cells[columns.key], values


def _unchecked(name: str, line: int) -> MetadataError:
    return MetadataError(
        "the table does not keep to its dictionary.",
        place=f"{name}:{line}",
        rule="BP-companion-type",
        remedy="bigpicture validate tells all that is wrong.",
    )
