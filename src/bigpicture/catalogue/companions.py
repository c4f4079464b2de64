"""Companions: what the records hold of companion tables, as facets and labels of images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, select

from bigpicture.catalogue.computed import name_of, read_computed, read_facets
from bigpicture.catalogue.ranges import plain
from bigpicture.catalogue.terms import Term
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.companion import Established, VariableType
from bigpicture.storage.records import tables as t

COMPUTED = "results"
"""Stands in the place of a table's name where algorithms gave a variable."""

Held = Mapping[str, Mapping[str, object]]
"""Accession of an entity to what is held of it, by variable."""

_MONTHS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?", re.ASCII)
_NOTHING: Mapping[str, tuple[Term, ...]] = {}


@dataclass(frozen=True, slots=True)
class VariableFacts:
    """One variable of a dataset; `categories` and `missing` give labels by value."""

    name: str
    companion: str
    entity: str
    label: str
    description: str
    type: VariableType
    unit: str
    code: Mapping[str, Any] | None
    categories: Mapping[str, str]
    missing: Mapping[str, str]
    established: str

    @property
    def is_counted(self) -> bool:
        """Free text is shown with its image, and counted nowhere."""
        return self.type is not VariableType.STRING

    @property
    def is_measured(self) -> bool:
        return self.type.is_number or self.type is VariableType.DURATION

    @property
    def counted_unit(self) -> str:
        """The unit of the numbers that are counted: durations are months."""
        return "mo" if self.type is VariableType.DURATION else self.unit

    @property
    def term(self) -> Term:
        """The variable itself; the same in all datasets that code it alike."""
        if self.code is None:
            return Term(self.name, self.label)
        return Term(f"{self.code['scheme']}:{self.code['code']}", str(self.code["meaning"]))

    def read(self, cell: object) -> Term | None:
        """What a cell says, as a term; None where it says that there is no value."""
        if isinstance(cell, bool):
            return Term("true", "Yes") if cell else Term("false", "No")
        if isinstance(cell, str) and cell in self.missing:
            return None
        if isinstance(cell, int | float):
            return Term(plain(cell), plain(cell))
        text = str(cell)
        if self.type is VariableType.DURATION:
            return Term(plain(months(text)), text)
        return Term(text, self.categories.get(text, text))


def read_variables(connection: Connection, dataset: str) -> tuple[VariableFacts, ...]:
    """The variables of a dataset, table by table."""
    table = t.companion_variables
    rows = connection.execute(
        select(table).where(table.c.dataset == dataset).order_by(table.c.companion, table.c.ordinal)
    ).mappings()
    declared = tuple(_of_row(dict(row)) for row in rows)
    return (*declared, *_computed(connection, dataset, {each.name for each in declared}))


def _computed(connection: Connection, dataset: str, taken: set[str]) -> Iterable[VariableFacts]:
    """The facets of algorithms, behind what tables tell."""
    for algorithm, facet, unit, is_number in read_computed(connection, dataset):
        if name_of(algorithm, facet) in taken:
            continue
        yield VariableFacts(
            name=name_of(algorithm, facet),
            companion=COMPUTED,
            entity="image",
            label=_said(facet, unit),
            description=f"Computed by {algorithm}. {RESEARCH_ONLY}",
            type=VariableType.NUMBER if is_number else VariableType.CATEGORY,
            unit=unit,
            code=None,
            categories={},
            missing={},
            established=Established.ALGORITHM,
        )


def _said(facet: str, unit: str) -> str:
    """`tissue_mm2` in mm2 as `Tissue`: the unit is said beside it."""
    ending = "_" + re.sub(r"\W", "", unit) if unit not in ("", "1") else ""
    name = facet.removesuffix(ending) if ending != "_" else facet
    return (name or facet).replace("_", " ").capitalize()


def read_held(connection: Connection, dataset: str, entities: Iterable[str] = ()) -> Held:
    """What all tables, and the facets of algorithms, hold of each entity, or of some."""
    table = t.companion_rows
    asked = select(table.c.entity, table.c.held).where(table.c.dataset == dataset)
    some = list(entities)
    if some:
        asked = asked.where(table.c.entity.in_(some))
    found: dict[str, dict[str, object]] = {}
    for row in connection.execute(asked.order_by(table.c.companion)):
        found.setdefault(row.entity, {}).update(row.held)
    for image, facets in read_facets(connection, dataset, some).items():
        found[image] = {**facets, **found.get(image, {})}
    return found


class Counted:
    """Gives the images of equal ancestors one mapping, and equal values one tuple."""

    def __init__(self, variables: Iterable[VariableFacts], held: Held) -> None:
        self._variables = {each.name: each for each in variables if each.is_counted}
        self._held = held
        self._kept: dict[tuple[str, ...], Mapping[str, tuple[Term, ...]]] = {}
        self._terms: dict[tuple[str, tuple[Term, ...]], tuple[Term, ...]] = {}

    def __call__(self, ancestors: Iterable[str]) -> Mapping[str, tuple[Term, ...]]:
        """The values that reach an image, by variable; variables without any are left out."""
        known = tuple(each for each in ancestors if each in self._held)
        if not known:
            return _NOTHING
        kept = self._kept.get(known)
        if kept is None:
            kept = self._kept[known] = self._join(known)
        return kept

    def _join(self, entities: tuple[str, ...]) -> Mapping[str, tuple[Term, ...]]:
        found: dict[str, dict[Term, None]] = {}
        for entity in entities:
            for name, cell in self._held[entity].items():
                variable = self._variables.get(name)
                term = variable.read(cell) if variable else None
                if term is not None:
                    found.setdefault(name, {})[term] = None
        return {name: self._same(name, tuple(terms)) for name, terms in found.items()}

    def _same(self, name: str, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return self._terms.setdefault((name, terms), terms)


def _of_row(row: Mapping[str, Any]) -> VariableFacts:
    same = ("name", "companion", "entity", "label", "description", "unit", "code", "established")
    return VariableFacts(
        **{name: row[name] for name in same},
        type=VariableType(row["type"]),
        categories={each["value"]: each["label"] for each in _list(row["categories"])},
        missing={each["value"]: each["meaning"] for each in _list(row["missing"])},
    )


def _list(value: object) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", value)


def months(duration: str) -> float:
    """A duration of ISO 8601 in months of 365.25 / 12 days, to a tenth."""
    found = _MONTHS.fullmatch(duration)
    years, months, weeks, days = (int(each or 0) for each in found.groups()) if found else (0,) * 4
    return round(years * 12 + months + (weeks * 7 + days) / (365.25 / 12), 1)
