"""`bigpicture submit`: hand a dataset folder to a node and see what becomes of it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from platformdirs import user_cache_dir
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bigpicture.cli.few_walls import tell_few_walls
from bigpicture.cli.sign_in import sign_in
from bigpicture.cli.validate import show
from bigpicture.client.node import Node
from bigpicture.client.submit import Local, check_local, digest_all, follow, send
from bigpicture.client.welcome import Standing, ask_welcome, has_same_documents
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.dates import Dates
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.model.study import Study
from bigpicture.model.submission import SubmissionState
from bigpicture.standard.check import has_errors
from bigpicture.standard.files import METADATA_FILES
from bigpicture.standard.folder import check_is_dataset, is_litter, walk
from bigpicture.standard.read_terms import read_terms
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms
from bigpicture.submission.layout import is_dicom

_STEPS = {
    SubmissionState.RECEIVING: "receiving",
    SubmissionState.CHECKING: "checking digests and metadata",
    SubmissionState.CLEANING: "repeating every check of de-identification",
    SubmissionState.CONVERTING: "converting",
    SubmissionState.REVIEWING: "waiting for review",
    SubmissionState.ACCEPTING: "sealing and accepting",
    SubmissionState.PUBLISHING: "publishing",
    SubmissionState.PUBLISHED: "published",
}


@dataclass(frozen=True, slots=True)
class _Convert:
    """How slides are converted on this machine."""

    work: Path
    key: Path | None
    dates: Dates
    jobs: int


def command(
    folder: Annotated[Path, typer.Argument(help="The folder DATASET_… with METADATA, IMAGES …")],
    node: Annotated[str, typer.Option(help="Address of the node, http(s)://…")],
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")] = "",
    key: Annotated[
        Path | None, typer.Option(help="Pseudonym key; made on first use, never sent.")
    ] = None,
    dates: Annotated[
        Dates,
        typer.Option(help="Day of the scan: left out, or moved by days of the subject's own."),
    ] = Dates.REMOVED,
    work: Annotated[
        Path | None, typer.Option(help="Where converted slides wait; kept until published.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Slides converted at once.")] = 1,
    identified: Annotated[
        bool,
        typer.Option(
            "--identified", help="Send scanner files as they are, to a node that takes them."
        ),
    ] = False,
    terms: Annotated[
        Path | None, typer.Option(help="The site's own codes, as `validate` takes them.")
    ] = None,
    embargo_until: Annotated[
        datetime | None,
        typer.Option(help="Others see nothing of it before this day (UTC)."),
    ] = None,
    keep_work: Annotated[
        bool, typer.Option("--keep-work", help="Keep converted slides after publication.")
    ] = False,
    follow_it: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Wait for the end.")
    ] = True,
) -> None:
    """Convert and de-identify slides here, check everything, send it, follow it.

    Interrupted? Run the same command again: what was converted and sent is not done twice.
    The token is read from BIGPICTURE_TOKEN; with --user, the password from BIGPICTURE_PASSWORD
    or the keyboard.
    """
    console = Console(stderr=True)
    own = read_terms(terms) if terms else NO_TERMS
    work = work or Path(user_cache_dir("bigpicture")) / "submit" / _study(folder).dataset.alias
    try:
        with Node(node, on_wait=lambda: console.print("Waiting for the node …")) as door:
            accession = _submit(
                console,
                door,
                folder,
                name=name,
                convert=_Convert(work=work, key=key, dates=dates, jobs=jobs),
                as_it_is=identified,
                terms=own,
                embargo_until=embargo_until,
            )
            if follow_it and _followed(console, door, accession) and not keep_work:
                shutil.rmtree(work, ignore_errors=True)
    except KeyboardInterrupt:
        console.print("\nStopped. What was converted and sent is kept: run the same command again.")
        sys.exit(130)


def _submit(
    console: Console,
    door: Node,
    folder: Path,
    *,
    name: str,
    convert: _Convert,
    as_it_is: bool,
    terms: SiteTerms,
    embargo_until: datetime | None,
) -> str:
    """Cheap questions first, then the slow work; returns the accession."""
    study = _study(folder)
    door.greet()
    sign_in(door, name)
    standing = ask_welcome(door, study.dataset.alias)
    if standing.is_under_way:
        console.print("The node is working on this submission already.")
        return standing.accession
    files = _digested(console, _as_they_are(folder))
    if standing.is_published:
        return _published_before(door, standing, files)
    _checked(console, folder, files, terms)
    if not (as_it_is or _is_left_to_the_node(console, study)):
        files = _digested(console, _prepared(console, folder, study, convert))
        _checked(console, folder, files, terms)
    accession = _sent(console, door, study, files, embargo_until)
    console.print(f"Submission [bold]{accession}[/bold] is complete; the node takes over.")
    return accession


def _published_before(door: Node, standing: Standing, files: list[Local]) -> str:
    """The same command after its own success says so again; other contents are refused."""
    if has_same_documents(door, standing, {file.path: file.sha256 for file in files}):
        return standing.accession
    raise ConflictError(
        "you have published a dataset of this alias already; published versions never change.",
        place=f"{door.url}/datasets/{standing.accession}",
        remedy="Choose another alias for other contents.",
    )


def _study(folder: Path) -> Study:
    check_is_dataset(folder)
    documents = {
        path: (folder / path).read_bytes() for path in METADATA_FILES if (folder / path).is_file()
    }
    study = read_submission(documents)
    if len(study.datasets) != 1:
        findings = [finding for finding in study.findings if finding.is_error]
        raise InputError(
            findings[0].what if findings else "it does not describe exactly one dataset.",
            place=str(findings[0].place) if findings else "METADATA/dataset.xml",
            rule="constraint 1",
            remedy=f"bigpicture validate {folder} tells everything that is wrong.",
        )
    return study


def _is_left_to_the_node(console: Console, study: Study) -> bool:
    """Whether all images are DICOM already and this installation cannot read pixels itself."""
    listed = [file.filename for image in study.images for file in image.files]
    if find_spec("pydicom") or not all(is_dicom(name) for name in listed):
        return False
    console.print(
        "DICOM goes as it is; only the node checks its headers. "
        "To check them here first: pip install 'bigpicture\\[slides]'"
    )
    return True


def _as_they_are(folder: Path) -> dict[str, Path]:
    """Every file of the folder but what desktops leave behind; symbolic links are refused."""
    return {path: folder / path for path in walk(folder) if not is_litter(path)}


def _prepared(console: Console, folder: Path, study: Study, how: _Convert) -> dict[str, Path]:
    """Convert on this machine; the pixel libraries are loaded only here (extra `slides`)."""
    preparing = import_module("bigpicture.client.prepare")
    pseudonyms = import_module("bigpicture.cli.key_use").use_key(console, how.key)
    tell_few_walls()
    bars = Progress(
        TextColumn("[bold]convert[/bold] {task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bars:
        tasks: dict[str, Any] = {}

        def progress(alias: str, done: int, total: int) -> None:
            if alias not in tasks:
                tasks[alias] = bars.add_task(alias, total=total)
            bars.update(tasks[alias], completed=done, total=total)

        prepared = preparing.prepare(
            folder,
            study,
            work=how.work,
            pseudonyms=pseudonyms,
            dates=how.dates,
            jobs=how.jobs,
            progress=progress,
        )
    return dict(prepared.places)


def _digested(console: Console, places: dict[str, Path]) -> list[Local]:
    total = sum(place.stat().st_size for place in places.values())
    with _bytes_bar(console) as bar:
        task = bar.add_task("checksums", total=total)
        return digest_all(places, progress=lambda size: bar.advance(task, size))


def _checked(console: Console, folder: Path, files: list[Local], terms: SiteTerms) -> None:
    """Nothing is sent while the standard has an error to tell."""
    findings = check_local(files, terms)
    if has_errors(findings):
        documents = {
            file.path: file.place.read_bytes() for file in files if file.path in METADATA_FILES
        }
        show(console, read_submission(documents), findings, folder=folder, files=len(files))
        console.print("[bold red]Nothing was sent.[/] Mend the errors, then submit again.")
        sys.exit(1)


def _sent(
    console: Console,
    door: Node,
    study: Study,
    files: list[Local],
    embargo_until: datetime | None,
) -> str:
    header = study.dataset
    with _bytes_bar(console) as bar:
        task = bar.add_task("send", total=sum(file.size for file in files))
        return send(
            door,
            alias=header.alias,
            title=header.title,
            files=files,
            embargo_until=embargo_until,
            progress=lambda sent: bar.advance(task, sent),
        )


def _followed(console: Console, door: Node, accession: str) -> bool:
    """Show each step until the end, and return whether it was published.

    What waits for people is not waited for: that may take days. Refused or failed exits with 1.
    """
    final: dict[str, Any] = {}
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True
    ) as spinner:
        task = spinner.add_task("waiting")
        for final in follow(door, accession):
            state = SubmissionState(final["state"])
            counts = ", ".join(f"{n} {name}" for name, n in final["files"]["by_state"].items())
            spinner.update(task, description=f"{_STEPS.get(state, state)} ({counts})")
    if final.get("state") == SubmissionState.REVIEWING:
        _told_waiting(console, door, accession, final)
        return False
    if final.get("state") == SubmissionState.PUBLISHED:
        console.print(f"[bold green]Published:[/] {door.url}/datasets/{accession}")
        return True
    _told(console, final)
    sys.exit(1)


def _told_waiting(console: Console, door: Node, accession: str, final: dict[str, Any]) -> None:
    review = final.get("review") or {}
    console.print(
        f"[bold]Waiting for review[/] ({review.get('released', 0)} of {review.get('needed', 0)} "
        f"have released it): {door.url}/submissions/{accession}"
    )
    console.print("Nothing more is to be done here. It is published when the last one releases it.")


def _told(console: Console, final: dict[str, Any]) -> None:
    problem = final.get("problem") or {}
    console.print(
        f"[bold red]{str(final.get('state', '')).capitalize()}.[/] "
        f"{escape(str(problem.get('what', '')))}"
    )
    for name in ("place", "rule", "remedy"):
        if problem.get(name):
            console.print(f"  {name}: {problem[name]}", highlight=False, markup=False)
    for finding in (final.get("findings") or [])[:20]:
        console.print(
            f"  {finding.get('place', '')}: {finding.get('what', '')} {finding.get('remedy', '')}",
            highlight=False,
            markup=False,
        )


def _bytes_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
