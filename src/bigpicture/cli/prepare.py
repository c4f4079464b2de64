"""`bigpicture prepare`: a folder of slides and a table become a dataset; nobody writes XML."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.convert_bars import Bars
from bigpicture.cli.few_walls import tell_few_walls
from bigpicture.cli.key_use import use_key
from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.prepare_show import show_findings, show_result, tell_next, told
from bigpicture.cli.prepare_template import write_template
from bigpicture.client.assemble import PRELOAD, Assembled, Assembly
from bigpicture.deidentify.key_file import default_key_path
from bigpicture.dicom.find import find_slides
from bigpicture.dicom.open import belongings
from bigpicture.model.dates import Dates
from bigpicture.model.errors import BigpictureError, ConflictError, InputError
from bigpicture.model.file_name import plain_name
from bigpicture.preparation.aliases import Aliases, check_key_place, write_keys
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.mapping import LocalTerms, read_mapping, write_mapping
from bigpicture.preparation.match import Matched, match_files
from bigpicture.preparation.plan import Understood
from bigpicture.preparation.read import read_tables
from bigpicture.preparation.study import study_of
from bigpicture.preparation.understand import understand
from bigpicture.sandbox.run import Limits, Sandbox
from bigpicture.standard.check import has_errors
from bigpicture.standard.rule import Audience

_GIB = 1 << 30
_MAPPING = "mapping.csv"


def command(  # a command has as many parameters as it has options
    slides: Annotated[
        Path | None, typer.Argument(help="The folder of the slides.", show_default=False)
    ] = None,
    tables: Annotated[
        list[Path] | None,
        typer.Argument(
            help="The filled template (XLSX), or CSVs: slides, dataset …", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The dataset's folder to be: DATASET_…")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", help="Write a template to fill in (.xlsx or .csv), and end."),
    ] = None,
    slides_of_template: Annotated[
        Path | None,
        typer.Option("--slides", help="With --template: a folder whose slides get a row each."),
    ] = None,
    sheets_per_entity: Annotated[
        bool,
        typer.Option("--sheets-per-entity", help="With --template: a sheet for each entity."),
    ] = False,
    non_clinical: Annotated[
        bool, typer.Option("--non-clinical", help="With --template: for animal studies.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="What your own words mean (CSV or XLSX); unknown words are added to it.",
            show_default="mapping.csv beside the table",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="File of the pseudonym key; made on first use, never sent anywhere."),
    ] = None,
    keys_out: Annotated[
        Path | None,
        typer.Option(
            help="CSV that says which alias is whose; it identifies, and stays here.",
            show_default="beside the key",
        ),
    ] = None,
    dates: Annotated[
        Dates, typer.Option(help="Day of the scan: left out, or moved by days of the being's own.")
    ] = Dates.REMOVED,
    thumbnails: Annotated[
        int, typer.Option(min=0, max=5, help="Pictures for the landing page, seen by the world.")
    ] = 0,
    check_only: Annotated[
        bool, typer.Option("--check", help="Only read the tables and say what is wrong.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Slides converted at once.")] = 1,
    memory: Annotated[
        int, typer.Option(min=1, help="GiB of memory that the reading of one slide may take.")
    ] = 4,
) -> None:
    """Make a dataset out of slides and a table: no XML is written by hand.

    Begin with a template, and fill it in:

    bigpicture prepare --template table.xlsx --slides FOLDER

    Then: bigpicture prepare FOLDER table.xlsx --out DATASET_name

    Everything wrong is named by its cell. Words of your own that are not
    known are listed once in the mapping file; decide them there, and the next
    batch needs no decision. Slides become de-identified DICOM; aliases are
    pseudonyms, and the key file that says whose they are stays here.

    Interrupted? Run the same command again: finished slides are checked and
    not converted twice.

    Exit status: 0 where the dataset can be submitted, 1 where something must
    be mended first.
    """
    if template is not None:
        audience = Audience.NON_CLINICAL if non_clinical else Audience.CLINICAL
        write_template(template, slides_of_template, audience, by_entity=sheets_per_entity)
        return
    if slides is None or not tables:
        raise InputError(
            "the folder of the slides and the table are missing.",
            rule="bigpicture prepare FOLDER TABLE.xlsx --out DATASET_name",
            remedy="A template first: bigpicture prepare --template table.xlsx --slides FOLDER",
        )
    if out is None and not check_only:
        raise InputError("the dataset's folder is not said.", rule="--out DATASET_name, or --check")
    console = Console(stderr=as_json)
    mapping = mapping or tables[0].parent / _MAPPING
    understood, terms = _understand(tables, mapping)
    found = _slides_in(slides, out)
    matched = match_files(understood.plan.images, list(found))
    findings = (*understood.findings, *matched.findings)
    _keep_mapping(console, mapping, terms, understood)
    if not as_json:
        show_findings(console, findings, left_over=matched.left_over)
    if any(each.is_error for each in findings) or check_only or out is None:
        _end(console, understood, findings, matched, as_json=as_json)
        return
    made = _assemble(
        _Wanted(out, key, keys_out, dates, thumbnails, jobs, memory),
        understood,
        {file: found[place] for file, place in matched.places.items()},
    )
    if as_json:
        told_all = told(understood, findings, matched, made)
        sys.stdout.write(to_json(told_all) + "\n")
    else:
        show_result(console, made, out)
        tell_next(console, out, made)
    if has_errors(made.findings):
        raise typer.Exit(1)


class _Wanted:
    """What the command was told about making the dataset."""

    def __init__(
        self,
        out: Path,
        key: Path | None,
        keys_out: Path | None,
        dates: Dates,
        thumbnails: int,
        jobs: int,
        memory: int,
    ) -> None:
        self.out = out
        self.key = key
        self.keys_out = keys_out
        self.dates = dates
        self.thumbnails = thumbnails
        self.jobs = jobs
        self.memory = memory


def _understand(tables: list[Path], mapping: Path) -> tuple[Understood, LocalTerms]:
    terms = read_mapping(read_tables(mapping)) if mapping.exists() else LocalTerms()
    read = [table for path in tables for table in read_tables(path)]
    return understand(read, terms), terms


def _slides_in(folder: Path, out: Path | None) -> dict[str, Path]:
    """Every slide of the folder by its path in it, with forward slashes."""
    if not folder.is_dir():
        raise InputError("there is no such folder of slides.", place=str(folder))
    try:
        found = find_slides(folder, is_recursive=True, without=out)
    except OSError as error:
        raise InputError(
            f"the folder of slides cannot be read ({error.strerror}).", place=str(folder)
        ) from error
    return {path.relative_to(folder).as_posix(): path for path in found}


def _keep_mapping(console: Console, place: Path, terms: LocalTerms, understood: Understood) -> None:
    """Write the words that need a decision into the mapping file; decided lines stay."""
    if not understood.unmapped:
        return
    if place.suffix.lower() != ".csv":
        place = place.with_suffix(".csv")
        if place.exists():
            raise ConflictError(
                "new words are written as CSV, and there is such a file already.",
                place=place.name,
                remedy="Give that one with --mapping, or move it away.",
            )
    part = place.with_name(f".{place.name}.part")
    try:
        part.write_bytes(write_mapping(terms, understood.unmapped))
        part.replace(place)
    except OSError as error:
        raise InputError(
            f"the mapping file cannot be written ({error.strerror}).",
            place=str(place),
            remedy="Close it in the spreadsheet, or choose another with --mapping.",
        ) from error
    count = len(understood.unmapped)
    console.print(
        f"{count} word{'s' if count != 1 else ''} of your own need{'s' if count == 1 else ''} a "
        f"decision: fill in [bold]{plain(str(place))}[/], then run the same command again."
    )


def _end(
    console: Console,
    understood: Understood,
    findings: tuple[CellFinding, ...],
    matched: Matched,
    *,
    as_json: bool,
) -> None:
    """End without a dataset: the tables need work, or no more was asked for."""
    if as_json:
        sys.stdout.write(to_json(told(understood, findings, matched, None)) + "\n")
    if any(each.is_error for each in findings):
        if not as_json:
            console.print("[bold red]The dataset cannot be made yet.[/] Mend the errors above.")
        raise typer.Exit(1)
    if not as_json:
        console.print("[bold green]The tables are complete.[/] Leave out --check to go on.")


def _assemble(wanted: _Wanted, understood: Understood, places: dict[str, Path]) -> Assembled:
    out = wanted.out
    keys_out = wanted.keys_out or _default_keys(wanted.key, understood)
    check_key_place(keys_out, out)
    pseudonyms = use_key(Console(stderr=True), wanted.key)
    aliases = Aliases(pseudonyms.name)
    today = datetime.now(UTC).date()
    # before anything is converted: no dataset is ever there whose aliases nobody can lead back
    study_of(understood.plan, {}, alias_of=aliases, today=today)
    write_keys(keys_out, aliases)
    Console(stderr=True).print(
        f"Which alias is whose: [bold]{plain(str(keys_out))}[/], which stays at this site.",
        highlight=False,
        soft_wrap=True,
    )
    bars = Bars({place: _size(place) for place in places.values()})

    def end(place: Path, error: BigpictureError | None, was_there: bool) -> None:
        name = plain(place.name)
        if error is not None:
            bars.end(place, f"[red]✗[/] {name} [dim]{plain(error.what)}[/]")
        else:
            bars.end(place, f"[green]✓[/] {name}{' [dim]unchanged[/]' if was_there else ''}")

    with Sandbox(preload=PRELOAD) as sandbox:
        tell_few_walls()
        assembly = Assembly(
            plan=understood.plan,
            places=places,
            pseudonyms=pseudonyms,
            aliases=aliases,
            today=today,
            sandbox=sandbox,
            dates=wanted.dates,
            limits=Limits(memory_bytes=wanted.memory * _GIB),
            jobs=wanted.jobs,
            thumbnails=wanted.thumbnails,
            begin=bars.begin,
            progress=bars.show,
            end=end,
        )
        try:
            with bars:
                made = assembly.make(out)
        except KeyboardInterrupt:
            Console(stderr=True).print(
                "Interrupted: nothing half-made is shown. Run the same command again to go on."
            )
            raise typer.Exit(130) from None
    return made


def _default_keys(key: Path | None, understood: Understood) -> Path:
    name = plain_name(understood.plan.told("alias") or "dataset")
    return (key or default_key_path()).parent / f"{name}-keys.csv"


def _size(place: Path) -> int:
    total = 0
    for part in belongings(place):
        if part not in place.parents:
            files = part.rglob("*") if part.is_dir() else [part]
            total += sum(each.stat().st_size for each in files if each.is_file())
    return total
