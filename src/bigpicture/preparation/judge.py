"""Judges a sheet while a person fills it in: what is wrong where, what is undecided, how far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.model.code import Code
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.complete import Filled, filled
from bigpicture.preparation.mapping import Unmapped, read_mapping
from bigpicture.preparation.match import match_files
from bigpicture.preparation.meaning import Meaning, write_code
from bigpicture.preparation.plan import Plan
from bigpicture.preparation.sheet import FIRST_ROW, SLIDES, Sheet, mapping_of_sheet, tables_of_sheet
from bigpicture.preparation.table import Cell, column_letter
from bigpicture.preparation.understand import understand
from bigpicture.standard.rule import Audience

SHOWN = 500
"""Cells that one finding names in a grid, which colours each of them."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of the grid: its row from 0, its column by our name (empty: the whole row)."""

    row: int
    column: str


@dataclass(frozen=True, slots=True)
class GridFinding:
    """A finding about cells of the grid, or about a field of the dataset (`sheet` tells)."""

    severity: str
    rule: str
    what: str
    expected: str
    remedy: str
    sheet: str
    column: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A meaning that may be chosen, as it is shown and as a line of the mapping holds it."""

    text: str
    code: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class UndecidedWord:
    """A word that nobody has decided about."""

    column: str
    local: str
    count: int
    cells: tuple[GridCell, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """`left_over` are slides of the folder that no row names."""

    findings: tuple[GridFinding, ...]
    undecided: tuple[UndecidedWord, ...]
    planned: Mapping[str, int]
    filled: tuple[Filled, ...]
    left_over: tuple[str, ...]

    @property
    def can_be_made(self) -> bool:
        return not any(each.severity == "error" for each in self.findings)


def judge(
    sheet: Sheet,
    slides: Sequence[str] | None = None,
    *,
    audience: Audience = Audience.CLINICAL,
) -> Judged:
    """Read a sheet as the command reads its tables; `slides` are the files there are, if known.

    `audience` is whose form is filled in, while the type of dataset is not said.
    """
    terms = read_mapping(mapping_of_sheet(sheet))
    understood = understand(tables_of_sheet(sheet), terms, shown=SHOWN, audience=audience)
    findings: Iterable[CellFinding] = understood.findings
    left_over: tuple[str, ...] = ()
    if slides is not None:
        matched = match_files(understood.plan.images, slides)
        findings = (*findings, *matched.findings)
        left_over = matched.left_over
    names = {column_letter(index): name for index, name in enumerate(sheet.columns)}
    return Judged(
        tuple(_finding(each, names) for each in findings),
        tuple(_undecided(each, names) for each in understood.unmapped),
        planned(understood.plan),
        filled(sheet, understood),
        left_over,
    )


def planned(plan: Plan) -> dict[str, int]:
    """How many of each there would be."""
    kinds = ("beings", "cases", "specimens", "blocks", "slides", "stainings", "images")
    return {kind: len(getattr(plan, kind)) for kind in (*kinds, "observations")}


def _finding(finding: CellFinding, names: Mapping[str, str]) -> GridFinding:
    first = finding.cells[0] if finding.cells else Cell("")
    return GridFinding(
        severity=finding.severity.value,
        rule=finding.rule,
        what=finding.what,
        expected=finding.expected,
        remedy=finding.remedy,
        sheet=first.sheet,
        column=finding.column or (names.get(first.column, "") if first.sheet == SLIDES else ""),
        cells=_cells(finding.cells, names),
    )


def _undecided(word: Unmapped, names: Mapping[str, str]) -> UndecidedWord:
    return UndecidedWord(
        word.column,
        word.local,
        word.count,
        _cells(word.cells, names),
        tuple(_proposal(meaning) for meaning in word.proposals),
    )


def _proposal(meaning: Meaning) -> Proposal:
    if isinstance(meaning, Code):
        return Proposal(meaning.meaning, meaning.code, meaning.scheme, meaning.meaning)
    return Proposal(str(meaning), "", "", write_code(meaning))


def _cells(cells: Iterable[Cell], names: Mapping[str, str]) -> tuple[GridCell, ...]:
    """The cells below the headings."""
    return tuple(
        GridCell(cell.row - FIRST_ROW, names.get(cell.column, ""))
        for cell in cells
        if cell.sheet == SLIDES and cell.row >= FIRST_ROW
    )
