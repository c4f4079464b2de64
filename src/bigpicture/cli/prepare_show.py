"""What `bigpicture prepare` shows: findings by cell, the verdict, the next command."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bigpicture.cli.finding_table import finding_table
from bigpicture.cli.plain import plain
from bigpicture.cli.validate import show
from bigpicture.client.assemble import Assembled
from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.match import Matched
from bigpicture.preparation.meaning import write_code
from bigpicture.preparation.plan import Understood
from bigpicture.standard.check import has_errors

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.REPAIRED: "note"}
_CELLS = 3
_LEFT_OVER = 10


def show_findings(
    console: Console, findings: Sequence[CellFinding], *, left_over: Sequence[str] = ()
) -> None:
    """Print the findings, errors first, each with its cells, and the slides that have no row."""
    ordered = sorted(findings, key=lambda each: each.place.file)
    for file, members in groupby(ordered, lambda each: each.place.file):
        console.print(_table(file, list(members)))
        console.print()
    if left_over:
        console.print(f"[yellow]{len(left_over):,} slides have no row, and stay out:[/]")
        for name in left_over[:_LEFT_OVER]:
            console.print(f"  {plain(name)}", highlight=False)
        if len(left_over) > _LEFT_OVER:
            console.print(f"  and {len(left_over) - _LEFT_OVER:,} more")
        console.print()


def _table(file: str, findings: Sequence[CellFinding]) -> Table:
    return finding_table(
        file,
        findings,
        where=("cell", _cells),
        what=lambda each: escape(each.what),
        word=_WORDS.__getitem__,
        has_rules=False,
    )


def _cells(finding: CellFinding) -> str:
    named = [each.address for each in finding.cells[:_CELLS] if each.address]
    more = " …" if len(finding.cells) > _CELLS else ""
    return "\n".join(named) + more


def show_result(console: Console, made: Assembled, out: Path) -> None:
    """Print what the validation of the finished dataset found, and the verdict."""
    show(console, made.study, made.findings, folder=out, files=made.files)


def tell_next(console: Console, out: Path, made: Assembled) -> None:
    name = plain(str(out))
    if has_errors(made.findings):
        console.print(f"Next: mend the table, then again. [dim]bigpicture validate {name}[/]")
        return
    console.print(f"Next: [bold]bigpicture submit {name} --node https://…[/]", highlight=False)


def told(
    understood: Understood,
    findings: Sequence[CellFinding],
    matched: Matched,
    made: Assembled | None,
) -> dict[str, object]:
    """What a program is told: findings with their cells, undecided words, and the result."""
    plan = understood.plan
    answer: dict[str, object] = {
        "can_be_made": not any(each.is_error for each in findings),
        "findings": [each.as_json() for each in findings],
        "undecided": [
            {
                "column": each.column,
                "local": each.local,
                "count": each.count,
                "proposals": [write_code(meaning) for meaning in each.proposals],
            }
            for each in understood.unmapped
        ],
        "slides_without_a_row": list(matched.left_over),
        "planned": {
            "beings": len(plan.beings),
            "cases": len(plan.cases),
            "specimens": len(plan.specimens),
            "blocks": len(plan.blocks),
            "slides": len(plan.slides),
            "stainings": len(plan.stainings),
            "images": len(plan.images),
            "observations": len(plan.observations),
        },
    }
    if made is not None:
        answer["dataset"] = {
            "can_be_submitted": not has_errors(made.findings),
            "converted": made.converted,
            "findings": [each.as_json() for each in made.findings],
        }
    return answer
