"""`bigpicture convert`: vendor slides to de-identified DICOM, before anything leaves the site."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import actions_of
from bigpicture.dicom.open import endings
from bigpicture.model.errors import (
    BigpictureError,
    ConflictError,
    LimitError,
    SandboxError,
    SlideError,
)
from bigpicture.sandbox.run import Limits, Protection, Sandbox
from bigpicture.submission.convert import (
    REPORT_NAME,
    Converted,
    convert_slide,
    subject_from_pseudonyms,
)
from bigpicture.submission.rewrite import stem_of

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one slide: its result, or the error that stopped it."""

    source: Path
    result: Converted | None
    error: BigpictureError | None

    def as_json(self) -> dict[str, object]:
        """For programs. It names the source, so it stays at the site; the report does not."""
        if self.result is None:
            error = self.error
            assert error is not None
            return {
                "source": str(self.source),
                "state": "refused",
                "error": type(error).__name__,
                "what": error.what,
                "place": error.place,
                "rule": error.rule,
                "remedy": error.remedy,
            }
        return {
            "source": str(self.source),
            "state": "unchanged" if self.result.was_there else "converted",
            "folder": str(self.result.folder),
            "instances": [str(path) for path in self.result.instances],
            "report": str(self.result.folder / REPORT_NAME),
        }


def command(
    slides: Annotated[
        list[Path],
        typer.Argument(help="Slides (SVS, TIFF, OME-TIFF, DICOM), or folders of them."),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder that gets one folder a slide, under a pseudonym.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what became of each slide as JSON.")
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(help="File of the pseudonym key; made on first use, never sent anywhere."),
    ] = None,
    mpp: Annotated[
        float | None,
        typer.Option(help="Micrometres per pixel, where a slide does not say it itself."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Slides converted at once.")] = 1,
    memory: Annotated[
        int, typer.Option(min=1, help="GiB of memory that the reading of one slide may take.")
    ] = 4,
    seconds: Annotated[
        int, typer.Option(min=1, help="Seconds that the reading of one slide may take.")
    ] = 4 * 3600,
) -> None:
    """Turn slides into de-identified DICOM whole-slide images.

    Each slide is read in a child process without rights. Only what a rule names is carried over;
    label and overview stay behind; every byte written is searched for what identified the slide,
    and regions are compared with the source. A slide that fails leaves nothing. Interrupted? Run
    the same command again: finished slides are checked and not converted twice.

    Exit status: 0 where all slides are converted, 1 where one was refused.
    """
    pseudonyms = Pseudonyms.load(key)
    sources = list(_expand(slides))
    limits = Limits(memory_bytes=memory * _GIB, seconds=seconds)
    with Sandbox(preload=("bigpicture.submission.convert",)) as sandbox:
        batch = _Batch(
            out=out, pseudonyms=pseudonyms, mpp=mpp, limits=limits, sandbox=sandbox,
            bars=_bars(),
        )  # fmt: skip
        outcomes = _run(batch, sources, jobs=jobs, sandbox=sandbox)
    if as_json:
        told = [outcome.as_json() for outcome in outcomes]
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        show(Console(), outcomes, out)
    if any(outcome.error for outcome in outcomes):
        raise typer.Exit(1)


def _run(batch: _Batch, sources: Sequence[Path], *, jobs: int, sandbox: Sandbox) -> list[Outcome]:
    with batch.bars, ThreadPoolExecutor(jobs) as pool:
        try:
            return list(pool.map(batch.convert, sources))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            sandbox.close()  # ends the children, so that the threads that wait for them go on
            Console(stderr=True).print(
                "Interrupted: nothing half-written is left. Run the same command again to go on."
            )
            raise typer.Exit(130) from None


def _bars() -> Progress:
    """The bars go to the error stream, so that pipes stay clean."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("tiles"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        expand=True,
    )


class _Batch:
    """The slides of one command: they share key, limits and sandbox, and no two a name."""

    def __init__(
        self,
        *,
        out: Path,
        pseudonyms: Pseudonyms,
        mpp: float | None,
        limits: Limits,
        sandbox: Sandbox,
        bars: Progress,
    ) -> None:
        self.bars = bars
        self._out = out
        self._pseudonyms = pseudonyms
        self._mpp = mpp
        self._limits = limits
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._names: set[str] = set()

    def convert(self, source: Path) -> Outcome:
        """Convert one slide; an error stops this slide and no other."""
        bar = self.bars.add_task(escape(source.name), total=None)
        try:
            result = self._convert(source, bar)
        except BigpictureError as error:
            self.bars.update(bar, description=f"[red]{escape(source.name)}", total=1, completed=0)
            return Outcome(source, None, error)
        done = result.report.frames_copied + result.report.frames_encoded
        self.bars.update(
            bar, description=f"[green]{escape(source.name)}", total=done, completed=done
        )
        return Outcome(source, result, None)

    def _convert(self, source: Path, bar: TaskID) -> Converted:
        if not source.exists():
            raise SlideError(
                "there is no such file.", place=source.name, remedy="Check its name and folder."
            )
        name = stem_of(source)
        self._claim(name, source)
        subject = subject_from_pseudonyms(self._pseudonyms, name, mpp=self._mpp)
        return convert_slide(
            source,
            self._out / subject.image,
            pseudonyms=self._pseudonyms,
            subject=subject,
            limits=self._limits,
            progress=lambda done, total: self._show(bar, source, done, total),
            sandbox=self._sandbox,
            may_replace=False,
        )

    def _show(self, bar: TaskID, source: Path, done: int, total: int) -> None:
        name = escape(source.name)
        # The last tile is not the end: what was written is searched and compared.
        description = f"{name} [dim]proving[/]" if done == total else name
        self.bars.update(bar, description=description, completed=done, total=total)

    def _claim(self, name: str, source: Path) -> None:
        with self._lock:
            if name in self._names:
                raise ConflictError(
                    "another slide of this command has the same name.",
                    place=source.name,
                    rule="a slide's pseudonym is made from its name",
                    remedy="Rename one of them, or convert them into different folders.",
                )
            self._names.add(name)


def _expand(slides: Sequence[Path]) -> Iterator[Path]:
    """A folder of DICOM instances is one slide; any other folder stands for the slides in it."""
    for path in slides:
        if not path.is_dir() or _holds_dicom(path):
            yield path
            continue
        known = endings() - {".dcm"}
        found = sorted(
            each
            for each in path.iterdir()
            if each.suffix.lower() in known or (each.is_dir() and _holds_dicom(each))
        )
        if not found:
            raise SlideError(
                "the folder holds no slides.",
                place=path.name,
                rule="files ending in " + ", ".join(sorted(known)) + ", or DICOM instances",
                remedy="Name the slides themselves.",
            )
        yield from found


def _holds_dicom(folder: Path) -> bool:
    try:
        return any(_is_dicom(each) for each in folder.iterdir() if each.is_file())
    except OSError:
        return False


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def show(console: Console, outcomes: Sequence[Outcome], out: Path) -> None:
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
        console.print(f"Written to [bold]{escape(str(out))}[/]; each folder has its {REPORT_NAME}.")
    for outcome in outcomes:
        if outcome.error:
            console.print(
                f"[bold red]Not converted:[/] {escape(outcome.source.name)}\n"
                f"  {escape(_sentence(outcome))}",
                highlight=False,
            )


def _row(outcome: Outcome) -> tuple[str, ...]:
    name = escape(outcome.source.name)
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
