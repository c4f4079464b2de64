"""`bigpicture sources`: from a laboratory system or a FHIR server to the table of slides."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.plain import plain
from bigpicture.cli.sources_show import as_json, show_filled, show_problems, show_tests
from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.mapping import Mapping, Source
from bigpicture.preparation.sources.mapping_file import (
    default_fhir,
    parse_mapping,
    read_mapping,
)
from bigpicture.preparation.sources.rows import Reading, Row
from bigpicture.preparation.sources.starter import starter
from bigpicture.preparation.sources.survey import survey
from bigpicture.preparation.sources.trial import Filled, fill, run_tests
from bigpicture.preparation.sources.write_table import write_table

app = typer.Typer(no_args_is_help=True)

Export = Annotated[
    Path, typer.Argument(help="The export: a .json or .ndjson file, or a folder of them.")
]
Map = Annotated[
    Path | None,
    typer.Option("--map", help="The mapping file. Left out, the one for plain FHIR."),
]


@app.command()
def read(
    export: Export,
    out: Annotated[Path, typer.Option("--out", help="The table to write (CSV).")],
    map_: Map = None,
    leave_out: Annotated[
        bool,
        typer.Option(
            "--leave-out-faulty",
            help="Write the table although records are faulty; their rows are missing.",
        ),
    ] = False,
) -> None:
    """Write the table of slides for `bigpicture prepare`; nothing but mapped columns leaves."""
    mapping = _mapping(map_)
    reading = Reading(mapping)
    rows = reading.rows(export)
    checked = rows if leave_out else _whole(rows, reading)
    count = write_table(checked, [rule.name for rule in mapping.columns], out)
    console = Console(stderr=True)
    show_problems(console, reading.tally)
    _tell_free_text(console, mapping)
    console.print(f"[bold]{count} rows[/] of {reading.records} records: {plain(out.name)}")


@app.command("map")
def map_(
    out: Annotated[Path, typer.Option("--out", help="The mapping file to write.")],
    new: Annotated[Source, typer.Option("--new", help="What the export is.")],
    sample: Annotated[
        Path | None,
        typer.Option("--sample", help="An export: its paths are listed, never its values."),
    ] = None,
) -> None:
    """Begin a mapping file: ready to use for FHIR, to be filled in for a laboratory system."""
    if out.exists():
        raise InputError(
            "the mapping file exists already.", place=out.name, remedy="Give another --out."
        )
    text = starter(new, survey(sample, new) if sample else None)
    out.write_text(text, encoding="utf-8", newline="\n")
    Console(stderr=True).print(f"Written: {plain(out.name)}. Edit it, then: sources test.")


@app.command("test")
def try_out(
    export: Annotated[
        Path | None, typer.Argument(help="An export to fill the table from, without writing it.")
    ] = None,
    map_: Map = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Try a mapping: its own tests, and how many rows of an export each column fills.

    No value of the export is shown. Exit status 1 where a test fails or a record is faulty.
    """
    mapping = _mapping(map_)
    tried = run_tests(mapping)
    reading = Reading(mapping)
    filled = fill(reading, export) if export else Filled()
    if is_json:
        sys.stdout.write(as_json(tried, filled, mapping, reading.tally) + "\n")
    else:
        console = Console()
        show_tests(console, tried)
        if export:
            show_filled(console, filled, mapping)
            show_problems(console, reading.tally)
    if any(each.failures for each in tried) or reading.tally.errors:
        raise typer.Exit(1)


def _mapping(path: Path | None) -> Mapping:
    return read_mapping(path) if path else parse_mapping(default_fhir(), "fhir.toml")


def _whole(rows: Iterator[Row], reading: Reading) -> Iterator[Row]:
    """All rows, or an error at the end: a table without the faulty ones would seem whole."""
    yield from rows
    if reading.tally.errors:
        show_problems(Console(stderr=True), reading.tally)
        raise InputError(
            f"{reading.tally.errors} records are faulty: no table is written.",
            remedy="Mend them, or leave their rows out: --leave-out-faulty.",
        )


def _tell_free_text(console: Console, mapping: Mapping) -> None:
    for rule in mapping.columns:
        if rule.allow_free_text:
            console.print(
                f"[yellow]warning[/] {rule.name} holds free text: read it before it leaves the "
                "site; names may stand in it that the export does not know."
            )
