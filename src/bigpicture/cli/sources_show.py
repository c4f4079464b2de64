"""Shows what became of an export, in counts and places; never a value of it."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from bigpicture.cli.finding_table import COLOURS
from bigpicture.cli.plain import plain
from bigpicture.preparation.sources.mapping import Mapping
from bigpicture.preparation.sources.problem import Counted, Tally
from bigpicture.preparation.sources.trial import Filled, Tried


def show_tests(console: Console, tried: list[Tried]) -> None:
    """One line a test, and under a failed one what it expected."""
    for each in tried:
        verdict = "[bold red]failed[/]" if each.failures else "[green]passed[/]"
        console.print(f"{verdict}  {plain(each.name)}  [dim]{plain(each.place)}[/]")
        for failure in each.failures:
            console.print(f"        {plain(failure)}")


def show_filled(console: Console, filled: Filled, mapping: Mapping) -> None:
    """A table: column, filled rows, the first places without."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("column", "filled", "first rows without"):
        table.add_column(heading, overflow="fold")
    for rule in mapping.columns:
        count = filled.counts[rule.name]
        without = ", ".join(plain(place) for place in filled.empty.get(rule.name, []))
        colour = "green" if filled.rows and count == filled.rows else "yellow"
        table.add_row(rule.name, f"[{colour}]{count}[/] of {filled.rows}", f"[dim]{without}[/]")
    console.print(table)


def show_problems(console: Console, tally: Tally) -> None:
    """Each kind of problem once: how often, where first, the path, the rule and the remedy."""
    for each in tally:
        problem = each.problem
        named = " ".join(part for part in (problem.column, problem.path) if part)
        console.print(
            f"[{COLOURS[problem.severity]}]{problem.severity}[/] ×{each.count}  "
            f"{f'[bold]{plain(named)}[/]: ' if named else ''}{plain(problem.what)} "
            f"[dim]\\[{plain(problem.rule)}][/] {plain(problem.remedy)}"
        )
        if each.places:
            more = " …" if each.count > len(each.places) else ""
            console.print(f"    [dim]{'; '.join(plain(place) for place in each.places)}{more}[/]")


def as_json(tried: list[Tried], filled: Filled, mapping: Mapping, tally: Tally) -> str:
    """Everything that `sources test` knows, for programs."""
    told = {
        "tests": [
            {"name": each.name, "place": each.place, "failures": list(each.failures)}
            for each in tried
        ],
        "rows": filled.rows,
        "columns": {
            rule.name: {
                "filled": filled.counts[rule.name],
                "first_rows_without": filled.empty.get(rule.name, []),
            }
            for rule in mapping.columns
        },
        "problems": [_counted(each) for each in tally],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _counted(each: Counted) -> dict[str, object]:
    problem = each.problem
    return {
        "severity": problem.severity.value,
        "column": problem.column,
        "path": problem.path,
        "rule": problem.rule,
        "what": problem.what,
        "remedy": problem.remedy,
        "count": each.count,
        "first_places": list(each.places),
    }
