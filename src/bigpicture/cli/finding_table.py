"""Findings as a table: where, how grave, what, what was expected, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rich.markup import escape
from rich.table import Table

from bigpicture.cli.plain import plain
from bigpicture.model.finding import Finding, Severity

COLOURS: Mapping[Severity, str] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.REPAIRED: "cyan",
}
"""How rich shows each severity."""

F = TypeVar("F", bound=Finding)


def finding_table(
    title: str,
    findings: Sequence[F],
    *,
    where: tuple[str, Callable[[F], str]],
    what: Callable[[F], str],
    word: Callable[[Severity], str] = str,
    has_rules: bool = True,
) -> Table:
    """Findings of one file, errors first.

    `where` is the heading of the place and what stands below it; `what` gives markup, `word` how a
    severity is called here.
    """
    table = Table(
        title=plain(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        expand=True,
        header_style="dim",
    )
    heading, place_of = where
    table.add_column(heading, style="dim", overflow="fold")
    table.add_column("", no_wrap=True)
    if has_rules:
        table.add_column("rule", style="dim", overflow="fold", max_width=16)
    table.add_column("what", ratio=5, overflow="fold")
    table.add_column("expected", ratio=4, overflow="fold")
    table.add_column("how to mend it", ratio=4, overflow="fold")
    for finding in sorted(findings, key=lambda each: list(Severity).index(each.severity)):
        table.add_row(
            escape(place_of(finding)),
            f"[{COLOURS[finding.severity]}]{word(finding.severity)}[/]",
            *([escape(finding.rule)] if has_rules else []),
            what(finding),
            escape(finding.expected),
            escape(finding.remedy),
        )
    return table
