"""A finding about cells of a table: which they are, and which column is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bigpicture.model.finding import Finding, Severity
from bigpicture.preparation.table import Cell


@dataclass(frozen=True, slots=True)
class CellFinding(Finding):
    """`column` is our name of the column or field; `cells` are all that the finding is about.

    It never repeats what an identifying cell (identifiers, files, texts) holds.
    """

    column: str = ""
    cells: tuple[Cell, ...] = ()

    def as_json(self) -> dict[str, object]:
        told = Finding.as_json(self)
        told["cells"] = [
            {"file": each.file, "sheet": each.sheet, "row": each.row, "column": each.column}
            for each in self.cells
        ]
        return told


def about(
    cells: Cell | Iterable[Cell],
    what: str,
    *,
    expected: str = "",
    remedy: str = "Correct the cell.",
    column: str = "",
    rule: str = "BP-table",
    severity: Severity = Severity.ERROR,
) -> CellFinding:
    """Make a finding about a cell, or about several of which the first is the place."""
    held = (cells,) if isinstance(cells, Cell) else tuple(cells)
    return CellFinding(
        rule,
        severity,
        held[0].place,
        what,
        expected,
        remedy,
        column=column,
        cells=held,
    )
