"""Makes the rows: for each slide, its records joined, and a cell for each column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.age_cell import age_cell
from bigpicture.preparation.sources.cell import cell_of, problem
from bigpicture.preparation.sources.columns import ColumnKind
from bigpicture.preparation.sources.fhir_hierarchy import Chain, chains
from bigpicture.preparation.sources.gather import Gatherer
from bigpicture.preparation.sources.joins import join_all, record_of
from bigpicture.preparation.sources.lis import Context, contexts_within
from bigpicture.preparation.sources.mapping import ColumnRule, Mapping
from bigpicture.preparation.sources.person_words import PersonWords
from bigpicture.preparation.sources.problem import Problem, Tally
from bigpicture.preparation.sources.shelf import Shelf
from bigpicture.preparation.sources.views import Remembered, Views


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one slide by column; `place` is where its record stood in the export."""

    cells: dict[str, str]
    place: str


class Reading:
    """One reading of an export; the rows come one by one, what was noticed is in `tally`."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.tally = Tally()
        self.records = 0
        self._words = PersonWords()
        self._remembered = Remembered()
        self._allowed = frozenset(field for rule in mapping.columns for field in rule.allow_fields)

    def rows(self, export: Path) -> Iterator[Row]:
        """Read the export and yield its rows; raises `InputError` where a file cannot be read."""
        with Shelf() as shelf:
            gatherer = Gatherer(self.mapping, shelf, self.tally, self._words)
            gatherer.gather(export)
            self.records = gatherer.records
            for context, place in self._contexts(shelf):
                joined = join_all(context, self.mapping.joins, shelf, place=place, tally=self.tally)
                yield self.row(joined, place)

    def row(self, context: Context, place: str) -> Row:
        """The cells of one context, in which every join is made already."""
        views = Views(context, self._remembered, is_fhir=self.mapping.is_fhir)
        cells: dict[str, str] = {}
        for rule in self.mapping.columns:
            cell = self._cell(rule, views)
            if isinstance(cell, Problem):
                self.tally.add(cell, place)
                cell = ""
            cells[rule.name] = cell or rule.default
        return Row(cells, place)

    def _contexts(self, shelf: Shelf) -> Iterator[tuple[Context, str]]:
        if self.mapping.is_fhir:
            for chain in chains(shelf, self.mapping.levels, self.tally):
                yield _of_chain(chain), chain.slide.place
            return
        for kept in shelf.of_kind(self.mapping.steps[0].path):
            for context in contexts_within(record_of(kept), self.mapping.steps):
                yield context, kept.place

    def _cell(self, rule: ColumnRule, views: Views) -> str | Problem:
        if rule.constant:
            return rule.constant
        try:
            if rule.age is not None:
                return age_cell(views.whole, rule, rule.age)
            cell = _first_cell(rule, views.of(rule))
        except InputError as error:
            return Problem(
                rule=error.rule,
                what=error.what,
                remedy=error.remedy,
                column=rule.name,
                path=error.place,
            )
        if rule.kind is ColumnKind.IDENTIFIER or rule.values is not None or not cell:
            return cell
        if isinstance(cell, str) and self._words.are_in(
            cell, views.words(self._words, self._allowed)
        ):
            return problem(rule, **_PERSON)
        return cell


def _first_cell(rule: ColumnRule, view: Json) -> str | Problem:
    for path in rule.paths:
        cell = cell_of(path(view), rule)
        if cell:
            return cell
    return ""


def _of_chain(chain: Chain) -> Context:
    specimens: list[Json] = [each.body for each in chain.specimens]
    return {
        "slide": chain.slide.body,
        "block": chain.block.body if chain.block else None,
        "specimen": specimens[0] if specimens else None,
        "specimens": specimens,
        "chain": [each.body for each in chain.all],
    }


_PERSON = {
    "what": "a value holds a word that names the row's own person: the cell stays empty.",
    "asks": "name, address, telephone, birthday and numbers of a person stay where they are",
    "remedy": "Where it is a chance likeness (brown, Mr Brown), translate the value in values.",
}
