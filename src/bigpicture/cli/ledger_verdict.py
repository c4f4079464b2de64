"""How `bigpicture ledger` tells what a verification found, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bigpicture.cli.plain import plain, to_json
from bigpicture.ledger.note import LONGEST_NOTE
from bigpicture.ledger.tampering import Verdict
from bigpicture.model.errors import InputError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

TAMPERED = 3
"""Exit status: the verification ran to its end, and found something."""


def tell(verdict: Verdict, *, as_json: bool, is_own: bool) -> None:
    """Print a verdict and end with its status; `is_own`: the asker brought a checkpoint."""
    if as_json:
        typer.echo(to_json(verdict.as_json()))
    else:
        _print(Console(), verdict, is_own=is_own)
    if not verdict.is_whole:
        raise typer.Exit(TAMPERED)


def _print(console: Console, verdict: Verdict, *, is_own: bool) -> None:
    if verdict.finds:
        table = Table("What", "Where", "Rule", "What to do", show_lines=True)
        for each in verdict.finds:
            table.add_row(
                f"[bold red]{each.kind}[/]: {plain(each.what)}",
                plain(each.place),
                each.rule,
                each.remedy,
            )
        console.print(table)
    for kind, count in verdict.counts.items():
        console.print(f"[red]{count:>9,}[/] {kind}", highlight=False)
    console.print(
        f"{verdict.entries:>9,} entries, {verdict.checkpoints:,} checkpoints, "
        f"{verdict.erased:,} erased parts; {verdict.waiting:,} events wait.",
        highlight=False,
    )
    if verdict.origin:
        console.print(f"{'log':>9} {plain(verdict.origin)}, root {verdict.root}", highlight=False)
    if not verdict.is_whole:
        console.print("[bold red]The record was tampered with.[/]")
        return
    console.print("[bold green]The record is whole.[/]")
    if not is_own:
        console.print(
            "You gave no checkpoint of your own (--checkpoint): records that were put back to an "
            "earlier state, or rewritten by who has the node's key, look whole too.",
            soft_wrap=True,
        )


@contextmanager
def counting(label: str) -> Generator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A bar of entries: gives what begins it with the total, and what moves it on."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(label, total=None)
        yield (lambda total: bar.update(task, total=total), lambda count: bar.advance(task, count))


def read_note(path: Path) -> str:
    """The text of a checkpoint's file, as it is; raises `InputError`."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST_NOTE + 1).decode("utf-8")
    except OSError as error:
        raise InputError(
            f"the checkpoint cannot be read ({error.strerror}).", place=str(path)
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("this is no checkpoint: it is no text.", place=str(path)) from error
