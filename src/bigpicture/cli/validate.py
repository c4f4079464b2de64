"""`bigpicture validate`: check a dataset folder offline, before anything leaves the machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bigpicture.cli.finding_table import COLOURS, finding_table
from bigpicture.cli.validate_fix import mend, tell_mended
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.study import Study
from bigpicture.standard.check import check, has_errors
from bigpicture.standard.folder import Folder, check_is_dataset, read_folder
from bigpicture.standard.read_terms import read_terms
from bigpicture.standard.sarif import as_sarif as as_sarif_log
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms
from bigpicture.submission.findings_page import draw_findings

if TYPE_CHECKING:  # it reads pixels, and the light install validates without
    from bigpicture.cli.validate_slides import Looked


def command(
    folder: Annotated[Path, typer.Argument(help="The folder DATASET_… with METADATA, IMAGES …")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print them as a page.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print them as SARIF 2.1.0.")] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="First mend in place what has one meaning only: spellings, missing references, "
            "what the landing page repeats, what the slides say of the images.",
        ),
    ] = False,
    terms: Annotated[
        Path | None,
        typer.Option(
            help="The site's own codes: CSV with columns vocabulary, code, scheme, meaning."
        ),
    ] = None,
) -> None:
    """Check a dataset folder against the Bigpicture standard, without any network.

    Exit status: 0 where it can be submitted (warnings allowed), 1 where errors must be mended.
    """
    if as_json + as_html + as_sarif > 1:
        raise InputError("these answers exclude each other.", rule="--json, --html or --sarif")
    check_is_dataset(folder)
    own = read_terms(terms) if terms else NO_TERMS
    contents = _read(folder)
    study, findings, looked = _checked(folder, contents, own)
    if fix:
        before = findings
        contents = mend(folder, contents, filling=looked.filling if looked else {})
        study, findings, looked = _checked(folder, contents, own)
        tell_mended(Console(stderr=True), before, findings)
    compared = looked.images if looked else None
    if as_json:
        sys.stdout.write(_as_json(study, findings, compared=compared) + "\n")
    elif as_html:
        sys.stdout.write(draw_findings(folder.resolve().name, study, findings))
    elif as_sarif:
        sys.stdout.write(as_sarif_log(findings) + "\n")
    else:
        files = len(contents.files)
        show(Console(), study, findings, folder=folder, files=files, compared=compared)
    if has_errors(findings):
        raise typer.Exit(1)


def _checked(
    folder: Path, contents: Folder, terms: SiteTerms
) -> tuple[Study, list[Finding], Looked | None]:
    """The study and all that was found in it, and in its slides where they can be read here."""
    study = read_submission(contents.documents)
    looked = _looked_at(folder, study, contents)
    also = looked.findings if looked else ()
    return study, check(study, contents.files, contents.companions, terms=terms, also=also), looked


def _looked_at(folder: Path, study: Study, contents: Folder) -> Looked | None:
    """What the slides say; None in the light install, which cannot read them."""
    try:
        slides = import_module("bigpicture.cli.validate_slides")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("bigpicture"):
            raise
        return None
    looked: Looked = slides.look_at_slides(folder, study, contents.files)
    return looked


def _read(folder: Path) -> Folder:
    """Read and digest the folder; a bar shows on the error stream where a person looks at it."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("[bold]checksums"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("checksums", total=None)
        return read_folder(
            folder, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


def show(
    console: Console,
    study: Study,
    findings: list[Finding],
    *,
    folder: Path,
    files: int,
    compared: int | None = None,
) -> None:
    """Print the findings file by file, errors first, then what the folder holds, the verdict."""
    for file, members in groupby(findings, key=lambda finding: finding.place.file):
        console.print(_table(file, list(members)))
        console.print()
    console.print(_verdict(study, findings, folder=folder, files=files, compared=compared))


def _table(file: str, findings: Sequence[Finding]) -> Table:
    return finding_table(
        file,
        findings,
        where=("line", lambda each: str(each.place.line or "")),
        what=lambda each: (
            (f"[bold]{escape(each.entity)}[/]: " if each.entity else "") + escape(each.what)
        ),
    )


def _verdict(
    study: Study, findings: list[Finding], *, folder: Path, files: int, compared: int | None
) -> Panel:
    counts = {each: sum(f.severity == each for f in findings) for each in Severity}
    held = ", ".join(
        f"{len(members)} {kind.label}{'s' if len(members) != 1 else ''}"
        for kind, members in study.by_kind.items()
        if members
    )
    parts = [
        f"[{COLOURS[each]}]{count} {each}{'s' if count != 1 and each != 'repaired' else ''}[/]"
        for each, count in counts.items()
        if count
    ]
    may_go = not counts[Severity.ERROR]
    verdict = (
        "[bold green]This dataset can be submitted.[/]"
        if may_go
        else "[bold red]This dataset cannot be submitted yet.[/] Mend the errors, then run again."
    )
    slides = (
        f"{compared} images compared with DICOM slides"
        if compared is not None
        else "slides were not looked at: pip install 'bigpicture\\[slides]'"
    )
    lines = [
        verdict,
        " · ".join(parts) or "no findings",
        f"[dim]{held}; {files} files; {slides}[/]",
    ]
    return Panel(
        "\n".join(lines),
        title=escape(folder.name or str(folder)),
        title_align="left",
        border_style="green" if may_go else "red",
    )


def _as_json(study: Study, findings: list[Finding], *, compared: int | None) -> str:
    counts = {each.value: sum(f.severity == each for f in findings) for each in Severity}
    return json.dumps(
        {
            "can_be_submitted": not has_errors(findings),
            "counts": counts,
            "entities": {kind.value: len(members) for kind, members in study.by_kind.items()},
            "images_compared_with_their_slides": compared,
            "findings": [finding.as_json() for finding in findings],
        },
        indent=2,
        ensure_ascii=False,
    )
