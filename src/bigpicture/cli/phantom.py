"""`bigpicture phantom`: invented slides and datasets with exact truth."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bigpicture.model.errors import InputError
from bigpicture.phantom.artefacts import Kind as Artefact
from bigpicture.phantom.datasets import Kind, plan, write_dataset, write_dicom
from bigpicture.phantom.organs import FINDINGS, ORGANS
from bigpicture.phantom.slides import Written, write_svs, write_tiff
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue
from bigpicture.phantom.truth import write_truth

app = typer.Typer(no_args_is_help=True)
_console = Console(stderr=True)


class Out(StrEnum):
    SVS = "svs"
    TIFF = "tiff"
    DICOM = "dicom"


@app.command()
def slide(
    out: Annotated[Path, typer.Argument(help="File to write, or a folder for DICOM.")],
    stain: Annotated[Stain, typer.Option(help="Stain.")] = Stain.HE,
    organ: Annotated[str, typer.Option(help=f"One of {', '.join(ORGANS)}.")] = "colon",
    finding: Annotated[str, typer.Option(help="What is to be seen; see the organ.")] = "normal",
    form: Annotated[Out, typer.Option("--format", help="Format.")] = Out.SVS,
    size: Annotated[str, typer.Option(help="Pixels, WIDTHxHEIGHT.")] = "4096x3072",
    mpp: Annotated[float, typer.Option(help="Micrometres per pixel.")] = 0.5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    artefact: Annotated[list[Artefact] | None, typer.Option(help="Artefact; repeatable.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Folder for masks and identifiers.")] = None,
) -> None:
    """Make one invented slide."""
    if organ not in ORGANS:
        raise InputError(
            "there is no such organ.", place="--organ", remedy=f"Use one of {', '.join(ORGANS)}."
        )
    if finding not in FINDINGS[organ]:
        raise InputError(
            f"{organ} knows no such finding.",
            place="--finding",
            remedy=f"Use one of {', '.join(FINDINGS[organ])}.",
        )
    width, height = _size(size)
    tissue = Tissue(
        seed=seed,
        width=width,
        height=height,
        mpp=mpp,
        organ=organ,
        finding=finding,
        stain=stain,
        kinds=tuple(artefact or ()),
    )
    with _bar() as bar:
        task = bar.add_task(out.name, total=tissue.blocks[1])
        written = _write(tissue, out, form, bar, task)
    if truth is not None:
        write_truth(truth, tissue, written.who)
    _console.print(f"[green]Wrote[/] {out}")


@app.command()
def dataset(
    kind: Annotated[Kind, typer.Argument(help="Which dataset.")],
    out: Annotated[Path, typer.Argument(help="Folder in which DATASET_… is made.")],
    slides: Annotated[int, typer.Option(help="At most so many slides.", min=1)] = 8,
    size: Annotated[str, typer.Option(help="Pixels of each slide, WIDTHxHEIGHT.")] = "8192x6144",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Make a complete Bigpicture dataset folder."""
    _dataset(kind, out, slides=slides, size=_size(size), seed=seed)


@app.command()
def demo(
    out: Annotated[Path, typer.Argument(help="Folder in which both are made.")],
    slides: Annotated[int, typer.Option(help="At most so many slides each.", min=1)] = 6,
    size: Annotated[str, typer.Option(help="Pixels of each slide, WIDTHxHEIGHT.")] = "8192x6144",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Make both datasets."""
    for kind in Kind:
        _dataset(kind, out, slides=slides, size=_size(size), seed=seed)


def _dataset(kind: Kind, out: Path, *, slides: int, size: tuple[int, int], seed: int) -> None:
    with _bar() as bar:
        total = len(plan(kind, seed=seed, slides=slides).slides)
        task = bar.add_task(f"{kind.value} slides", total=total)
        folder = write_dataset(
            kind,
            out,
            slides=slides,
            size=size,
            seed=seed,
            told=lambda _name, done, _total: bar.update(task, completed=done),
        )
    _console.print(f"[green]Wrote[/] {folder}")


def _write(tissue: Tissue, out: Path, form: Out, bar: Progress, task: int) -> Written:
    def progress(done: int, _total: int) -> None:
        bar.update(task, completed=done)  # pyright: ignore[reportArgumentType] - TaskID is an int

    if form is Out.SVS:
        return write_svs(out, tissue, progress=progress)
    if form is Out.TIFF:
        return write_tiff(out, tissue, progress=progress)
    out.mkdir(parents=True, exist_ok=True)
    scratch = out / ".slide.tiff"
    written = write_tiff(scratch, tissue, progress=progress)
    planned = plan(Kind.NONCLINICAL, seed=tissue.seed, slides=1).slides[0]
    write_dicom(scratch, out, planned)
    scratch.unlink()
    return written


def _bar() -> Progress:
    return Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_console,
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()) or min(int(width), int(height)) < 1:
        raise InputError(
            "the size is not two whole numbers.",
            place="--size",
            rule="WIDTHxHEIGHT in pixels",
            remedy="Write for example 4096x3072.",
        )
    return int(width), int(height)
