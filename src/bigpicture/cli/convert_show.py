"""What `bigpicture convert` tells at its end, laid out for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bigpicture.cli.plain import plain
from bigpicture.deidentify.report import actions_of
from bigpicture.model.errors import BigpictureError, LimitError, SandboxError, StorageFullError
from bigpicture.sandbox.run import Protection
from bigpicture.submission.conversions import PAGE_NAME
from bigpicture.submission.convert import REPORT_NAME, Converted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one slide: its result, the error that stopped it, or neither: it waits."""

    source: Path
    result: Converted | None = None
    error: BigpictureError | None = None

    @property
    def is_waiting(self) -> bool:
        return self.result is None and self.error is None

    def as_json(self) -> dict[str, object]:
        """For programs. It names the source, so it stays at the site; the report does not."""
        if self.result is not None:
            return {
                "source": str(self.source),
                "state": "unchanged" if self.result.was_there else "converted",
                "folder": str(self.result.folder),
                "instances": [str(path) for path in self.result.instances],
                "report": str(self.result.folder / REPORT_NAME),
            }
        if self.error is None:
            return {"source": str(self.source), "state": "waiting"}
        return {
            "source": str(self.source),
            "state": "refused",
            "error": type(self.error).__name__,
            "what": self.error.what,
            "place": self.error.place,
            "rule": self.error.rule,
            "remedy": self.error.remedy,
        }


def show(
    console: Console,
    outcomes: Sequence[Outcome],
    out: Path,
    *,
    has_page: bool = False,
    sources_map: Path | None = None,
) -> None:
    """Print what became of each slide, then how it was protected, then what to do about errors."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("slide", no_wrap=True, overflow="ellipsis", max_width=console.width - 48)
    for heading in ("levels", "copied", "encoded", "removed"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    table.add_column("pixels", no_wrap=True, min_width=9)
    for outcome in outcomes:
        table.add_row(*_row(outcome))
    console.print(table)
    made = [outcome.result for outcome in outcomes if outcome.result]
    if made:
        _show_proof(console, made)
        console.print(f"Written to [bold]{plain(str(out))}[/]; each folder has its {REPORT_NAME}.")
    if has_page:
        console.print(f"Look at it: [bold]{plain(str(out / PAGE_NAME))}[/]", soft_wrap=True)
        console.print(
            f"For whoever signs: [bold]bigpicture deidentify review {plain(str(out))}[/]",
            soft_wrap=True,
        )
    if sources_map:
        console.print(
            f"Which slide is which: [bold]{plain(str(sources_map))}[/] (it identifies: keep it)",
            soft_wrap=True,
        )
    waiting = sum(outcome.is_waiting for outcome in outcomes)
    if waiting:
        why = "The disk is full" if _is_full(outcomes) else "Stopped"
        console.print(
            f"[bold yellow]{why}: {len(made):,} slides are finished and kept, {waiting:,} wait.[/] "
            "Run the same command again to go on."
        )
    for outcome in outcomes:
        if outcome.error:
            console.print(
                f"[bold red]Not converted:[/] {plain(outcome.source.name)}\n"
                f"  {plain(_sentence(outcome))}",
                highlight=False,
            )


def _row(outcome: Outcome) -> tuple[str, ...]:
    name = plain(outcome.source.name)
    if outcome.is_waiting:
        return (f"{name}\n[yellow]  waiting[/]", "", "", "", "", "")
    if outcome.result is None:
        return (f"{name}\n[red]  not converted[/]", "", "", "", "", "")
    report = outcome.result.report
    counts = actions_of(report.fields)
    gate = report.gate
    equal = "equal" if gate.largest_difference == 0 else f"±{gate.mean_difference:.2f}/255"
    return (
        f"{name}\n[dim]  {outcome.result.folder.name}[/]",
        str(len(report.instances)),
        str(report.frames_copied),
        str(report.frames_encoded),
        str(sum(counts.values()) - counts.get("keep", 0)),
        equal,
    )


def _show_proof(console: Console, made: Sequence[Converted]) -> None:
    reports = [each.report for each in made]
    strings = sum(report.scan.strings for report in reports)
    searched = sum(report.scan.bytes for report in reports)
    regions = sum(report.gate.regions for report in reports)
    there = sum(each.was_there for each in made)
    console.print(
        f"Searched {searched:,} bytes for {strings:,} identifying strings: none is there. "
        f"Compared {regions:,} regions with the sources."
    )
    seen = sum(bool(report.looked and report.looked.marks) for report in reports)
    if seen:
        console.print(
            f"[yellow]{seen} to look at[/]: a detector saw what may be writing on the glass."
        )
    site = " ".join(dict.fromkeys(report.site for report in reports))
    console.print(f"Made and signed under the key [bold]{site}[/].", highlight=False)
    if there:
        console.print(f"{there} had been converted before: checked, unchanged, not done again.")
    stood = frozenset.intersection(*(frozenset(report.protections) for report in reports))
    missing = [str(each) for each in Protection if each not in stood]
    if missing:
        console.print(
            "[yellow]This system did not offer every protection while slides were read; "
            f"missing: {', '.join(missing)}.[/]"
        )


def _sentence(outcome: Outcome) -> str:
    text = str(outcome.error).removeprefix(f"{outcome.source.name}: ")
    is_limited = isinstance(outcome.error, (SandboxError, LimitError))
    return f"{text} (--memory, --seconds)" if is_limited else text


def _is_full(outcomes: Sequence[Outcome]) -> bool:
    return any(isinstance(outcome.error, StorageFullError) for outcome in outcomes)
