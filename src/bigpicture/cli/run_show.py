"""How runs are printed: a bar while one goes on, tables of runs and of slides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bigpicture.cli.plain import plain
from bigpicture.client.run import Job
from bigpicture.model.run import OPEN_STATES, SlideState

Told = Mapping[str, Any]
_COLOURS = {
    SlideState.DONE: "green",
    SlideState.REUSED: "cyan",
    SlideState.FAILED: "red",
    SlideState.SKIPPED: "yellow",
    SlideState.CANCELLED: "yellow",
}


def follow(console: Console, job: Job) -> Job:
    """Show a bar until the run is over."""
    with Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        transient=True,
    ) as bars:
        bar = bars.add_task(plain(job.told["algorithm"]), total=job.told["images"], left="")
        for told in job.watch():
            bars.update(bar, completed=_over(told.told), left=_left(told.told))
    return job


def show_run(console: Console, told: Told) -> None:
    """One run in a few lines."""
    console.print(
        f"[bold]{plain(told['title'] or told['algorithm'])}[/] {told['version']} "
        f"[dim]{told['id']}[/]",
        highlight=False,
    )
    states = [
        f"[{_COLOURS.get(SlideState(state), 'default')}]{count} {state}[/]"
        for state, count in told["counts"].items()
        if count
    ]
    console.print(f"{told['state']}: {', '.join(states) or 'no slides'}", highlight=False)
    if told["ahead"]:
        console.print(f"{told['ahead']} runs wait before it.", highlight=False)
    if left := _left(told):
        console.print(left, highlight=False)
    console.print(f"[dim]{plain(told['notice'])}[/]", highlight=False)


def show_runs(console: Console, jobs: Iterable[Job]) -> None:
    """Runs, one a line."""
    table = Table("run", "algorithm", "version", "state", "slides", "begun", box=None)
    for job in jobs:
        told = job.told
        table.add_row(
            told["id"][:12],
            plain(told["algorithm"]),
            told["version"],
            told["state"],
            f"{_over(told)} of {told['images']}",
            told["created"][:16].replace("T", " "),
        )
    if table.row_count:
        console.print(table)
    else:
        console.print("There are none. Begin one: bigpicture run ALGORITHM --cohort … --node …")


def show_slides(console: Console, slides: Iterable[Told]) -> None:
    """Slides of a run, one a line, with why."""
    table = Table("image", "state", "reason", "what happened", "seconds", box=None)
    for slide in slides:
        seconds = slide["timings"].get("total")
        colour = _COLOURS.get(SlideState(slide["state"]), "default")
        table.add_row(
            slide["image"],
            f"[{colour}]{slide['state']}[/]",
            slide["reason"],
            plain(slide["text"]),
            "" if seconds is None else f"{seconds:.1f}",
        )
    console.print(table)


def _over(told: Told) -> int:
    return told["images"] - sum(told["counts"][state] for state in OPEN_STATES)


def _left(told: Told) -> str:
    seconds = told["seconds_left"]
    if not seconds:
        return ""
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return (
        f"about {seconds / 60:.0f} min left"
        if seconds < 5400
        else f"about {seconds / 3600:.1f} h left"
    )
