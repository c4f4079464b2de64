"""Report rows: what a report on a dataset is told of each image, from the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bigpicture.catalogue.companions import COMPUTED, read_variables
from bigpicture.catalogue.computed import read_facets
from bigpicture.catalogue.index.read import read_segment
from bigpicture.catalogue.index.segment import Numbers, Terms
from bigpicture.model.companion import Established
from bigpicture.model.dataset_report import GENERATED_BY, ImageRow, decade

_TERMS = ("scanner", "sex", "stain", "organ", "species")
_SITES = frozenset({"site", "center", "centre", "hospital", "institution", "laboratory"})
"""Companion variables of these names tell the site: the standard has no place for it."""


@dataclass(frozen=True, slots=True)
class ReportedFacet:
    """A number that an algorithm gave; `name` is by which it is asked for behind `companion.`."""

    name: str
    label: str
    unit: str

    @property
    def algorithm(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def title(self) -> str:
        """Such as `Tissue mm2 (core.tissue, mm2)`."""
        unit = f", {self.unit}" if self.unit not in ("", "1") else ""
        return f"{self.label} ({self.algorithm}{unit})"


@dataclass(frozen=True, slots=True)
class ReportRows:
    """One row for each image that is not erased, its facets by their title.

    `is_generated`: all slides were drawn by a program.
    """

    title: str
    rows: tuple[ImageRow, ...]
    facets: tuple[ReportedFacet, ...]
    is_generated: bool


def read_report_rows(connection: Connection, dataset: str) -> ReportRows:
    """Read a published dataset. Numbers are those of the newest result of each algorithm."""
    segment = read_segment(connection, dataset)
    variables = read_variables(connection, dataset)
    facets = tuple(
        ReportedFacet(each.name, each.label, each.unit)
        for each in variables
        if each.established == Established.ALGORITHM and each.companion == COMPUTED
        if each.type.is_number
    )
    computed = read_facets(connection, dataset)
    site = next((each.name for each in variables if each.name.casefold() in _SITES), "")
    columns = {name: _joined(segment.terms[name], segment.terms[name].labels) for name in _TERMS}
    columns["age"] = _decades(segment.numbers["age"])
    if site in segment.companion:
        columns["site"] = _joined(segment.companion[site], segment.companion[site].labels)
    beings = _joined(segment.beings, segment.beings.keys)
    rows = tuple(
        ImageRow(
            name,
            beings[at] or name,
            {field: values[at] for field, values in columns.items()},
            {each.title: _number(computed.get(name, {}).get(each.name)) for each in facets},
        )
        for at, name in enumerate(segment.accessions)
    )
    makers = {row.properties["scanner"] for row in rows}
    is_generated = bool(rows) and all((each or "").startswith(GENERATED_BY) for each in makers)
    return ReportRows(str(segment.info["title"]), rows, facets, is_generated)


def _joined(column: Terms, names: Sequence[str]) -> list[str | None]:
    """The names of each image's set, joined; None where it is empty."""
    sets = [
        ", ".join(names[int(item)] for item in column.items[start:end]) or None
        for start, end in zip(column.offsets[:-1], column.offsets[1:], strict=True)
    ]
    return [sets[code] for code in column.codes]


def _decades(column: Numbers) -> list[str | None]:
    return [decade(float(column.values[code])) for code in column.codes]


def _number(held: object) -> float | None:
    return float(held) if isinstance(held, int | float) else None
