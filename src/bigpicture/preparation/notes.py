"""Collects findings about cells: the same one about many cells is said once, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_finding import CellFinding, about
from bigpicture.preparation.table import Cell

SHOWN = 20
"""Cells that one finding names; the rest are counted."""


_Key = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Held:
    """Findings that say the same: `shown` are those to be told, one of them or several."""

    shown: list[CellFinding]
    cells: list[Cell]
    count: int = 0


@dataclass(slots=True)
class Notes:
    """Findings in the order in which they first came up.

    One about a single cell joins those that say the same. Those about two cells that contradict
    each other stay apart, but for the surplus over `shown`, which is counted.
    """

    shown: int = SHOWN
    _held: dict[_Key, _Held] = field(default_factory=dict[_Key, _Held])

    def say(
        self,
        cells: Cell | tuple[Cell, ...],
        what: str,
        *,
        expected: str = "",
        remedy: str = "Correct the cell.",
        column: str = "",
        rule: str = "BP-table",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note a finding about a cell, or about cells that do not agree."""
        several = isinstance(cells, tuple)
        first = cells[0] if isinstance(cells, tuple) else cells
        key = (rule, column, first.file, first.sheet, what, expected)
        held = self._held.setdefault(key, _Held([], []))
        held.count += 1
        if held.count > self.shown:
            return
        if several or held.count == 1:
            held.shown.append(
                about(
                    cells,
                    what,
                    expected=expected,
                    remedy=remedy,
                    column=column,
                    rule=rule,
                    severity=severity,
                )
            )
        if not several:
            held.cells.append(first)

    def add(self, finding: CellFinding) -> None:
        """Note a finding that was made elsewhere."""
        self.say(
            finding.cells[0] if len(finding.cells) == 1 else finding.cells,
            finding.what,
            expected=finding.expected,
            remedy=finding.remedy,
            column=finding.column,
            rule=finding.rule,
            severity=finding.severity,
        )

    @property
    def findings(self) -> tuple[CellFinding, ...]:
        return tuple(finding for held in self._held.values() for finding in _told(held))


def _told(held: _Held) -> Iterator[CellFinding]:
    first = held.shown[0]
    if len(first.cells) == 1 and held.count > 1:
        yield replace(first, what=f"{first.what} ({held.count:,} cells)", cells=tuple(held.cells))
        return
    yield from held.shown
    if held.count > len(held.shown):
        yield replace(first, what=f"and {held.count - len(held.shown):,} more like: {first.what}")
