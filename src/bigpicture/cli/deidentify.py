"""`bigpicture deidentify`: judge a DICOM set, and put together what a person signs for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bigpicture.cli.plain import plain, to_json
from bigpicture.deidentify.finding import Finding
from bigpicture.model.errors import BigpictureError
from bigpicture.sandbox.run import Limits, Reach, Sandbox
from bigpicture.submission.audit import Audit, Audited, audit_file, files_of, rules_broken
from bigpicture.submission.folder_review import REVIEW_NAME, REVIEW_PAGE, Review, review_folder
from bigpicture.submission.folder_review_page import draw_review
from bigpicture.submission.marked import draw_marked
from bigpicture.submission.staging import write_file

app = typer.Typer(no_args_is_help=True)

_GIB = 1 << 30
_TOLD = 40
"""Kinds of findings that are told one by one."""
_PRELOAD = ("bigpicture.submission.audit", "bigpicture.submission.marked")


@app.command()
def audit(
    folder: Annotated[
        Path, typer.Argument(help="A DICOM file, or a folder of them, by any program.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    memory: Annotated[int, typer.Option(min=1, help="GiB that reading one file may take.")] = 4,
    seconds: Annotated[int, typer.Option(min=1, help="Seconds that one file may take.")] = 3600,
) -> None:
    """Judge DICOM files by the rules of de-identification, whoever made them.

    Every element must stand on the allow-list, at any depth; preamble, bytes
    after the pixels and private elements count; identifiers must be ours
    (2.25.…); pictures are searched for writing, labels and codes. No value is
    repeated.

    Exit status: 0 where all is clean, 1 where a rule is broken, 3 where a
    person should look at what may be writing.
    """
    found, others = files_of(folder)
    root = folder if folder.is_dir() else folder.parent
    limits = Limits(memory_bytes=memory * _GIB, seconds=seconds)
    files: list[Audited] = []
    with Sandbox(preload=_PRELOAD) as sandbox, _bar("Judging") as bar:
        task = bar.add_task("Judging", total=len(found))
        for path in found:
            files.append(_audited(sandbox, path, root, limits))
            bar.advance(task)
    done = Audit(tuple(files), tuple(each.relative_to(root).as_posix() for each in others))
    if as_json:
        sys.stdout.write(to_json(done.as_json()) + "\n")
    else:
        _show(Console(), done)
    if not done.is_clean:
        raise typer.Exit(1)
    if done.is_marked:
        raise typer.Exit(3)


def _audited(sandbox: Sandbox, path: Path, root: Path, limits: Limits) -> Audited:
    name = path.relative_to(root).as_posix()
    try:
        return sandbox.run(
            audit_file, path, name, limits=limits, reach=Reach(readable=(path,))
        ).value
    except BigpictureError as error:
        return Audited(name, (Finding(error.what, name, error.rule or "it can be read"),))


def _show(console: Console, audit: Audit) -> None:
    for file in audit.files:
        seen = f", [yellow]{len(file.marks)} to look at[/]" if file.marks else ""
        count = len(file.findings)
        told = f" [dim]{count} finding{'' if count == 1 else 's'}[/]" if count else ""
        mark = "[green]✓[/]" if file.is_clean else "[red]✗[/]"
        console.print(f"{mark} {plain(file.name)}{told}{seen}", highlight=False)
    for other in audit.others:
        console.print(f"[red]✗[/] {plain(other)} [dim]neither DICOM nor a report of ours[/]")
    console.print()
    if audit.is_clean:
        console.print(f"[bold green]Clean[/]: {len(audit.files)} files, by the allow-list.")
    else:
        console.print("[bold red]Not clean.[/] What was found, in how many files:")
        found = rules_broken(audit)
        for (place, what), count in found[:_TOLD]:
            console.print(f"  {count:>6,}  {plain(place)}: {plain(what)}", highlight=False)
        if len(found) > _TOLD:
            console.print(f"  [dim]and {len(found) - _TOLD} more (--json)[/]")
    if audit.is_marked:
        console.print(
            "[yellow]Look at the files marked so: the detector saw what may be writing.[/]"
        )


@app.command()
def review(
    folder: Annotated[Path, typer.Argument(help="The folder that `convert --out` filled.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Write the report that a data-protection officer reads and signs.

    deidentification.html shows for the whole folder what each format carried,
    what stayed and why, what was removed, what was searched and what a person
    should look at; deidentification.json says the same to programs. Every
    file is checked against its report first.

    Exit status: 0 where all is sound, 1 where a file is not the one reported.
    """
    with _bar("Checking") as bar:
        task = bar.add_task("Checking", total=None)
        done = review_folder(
            folder, progress=lambda number, total: bar.update(task, completed=number, total=total)
        )
    write_file(folder / REVIEW_NAME, done.to_bytes())
    page = draw_review(done, _pictures(folder, done))
    write_file(folder / REVIEW_PAGE, page.encode())
    if as_json:
        sys.stdout.write(to_json(done.as_json()) + "\n")
    else:
        console = Console()
        state = "[green]sound[/]" if done.is_sound else "[bold red]not sound: see the report[/]"
        console.print(f"{len(done.slides)} slides, {state}, {len(done.to_look_at)} to look at.")
        console.print(f"Read and sign {plain(REVIEW_PAGE)}, SHA-256 {done.digest[:16]}…")
    if not done.is_sound:
        raise typer.Exit(1)


def _pictures(folder: Path, review: Review) -> dict[str, bytes]:
    """Pictures of the slides to look at; one that cannot be drawn is shown without."""
    pictures: dict[str, bytes] = {}
    with Sandbox(preload=_PRELOAD) as sandbox:
        for slide, looked in review.to_look_at:
            home = folder / slide.folder
            try:
                pictures[slide.folder] = sandbox.run(
                    draw_marked, home, looked.name, looked.marks,
                    limits=Limits(), reach=Reach(readable=(home,)),
                ).value  # fmt: skip
            except BigpictureError:
                continue
    return pictures


def _bar(words: str) -> Progress:
    return Progress(
        TextColumn(words), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True),
        transient=True,
    )  # fmt: skip
