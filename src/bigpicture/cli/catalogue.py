"""`bigpicture catalogue`: a snapshot of what is open; invented records to measure by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epochs
from bigpicture.catalogue.snapshot import open_datasets, write_snapshot
from bigpicture.cli.settings import Config, Data, DatabaseUrl
from bigpicture.model.errors import InputError
from bigpicture.phantom.records.disorders import FILE_NAME, as_obo
from bigpicture.phantom.records.plan import PlannedDataset, more_datasets, plan_datasets
from bigpicture.phantom.records.write import (
    check_invented,
    invented,
    remove_datasets,
    write_datasets,
)
from bigpicture.settings import Settings
from bigpicture.storage.records import Records, check_migrated, open_records

app = typer.Typer(no_args_is_help=True)
_console = Console(stderr=True)


@app.callback()
def main() -> None:
    """What a node's catalogue is made of."""


@app.command()
def synth(
    slides: Annotated[
        int, typer.Option(help="Slides altogether; with --publish, of each dataset.", min=1)
    ] = 3_000_000,
    datasets: Annotated[int, typer.Option(help="Datasets that share them.", min=1)] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.", min=0)] = 7,
    publish: Annotated[
        int, typer.Option(help="Publish so many datasets more, now, beside those there.", min=0)
    ] = 0,
    remove: Annotated[bool, typer.Option("--remove", help="Take all of them away.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", help="Though the node holds real datasets.")
    ] = False,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Fill a node with invented records, without a pixel, to measure by.

    Stopped and started again it goes on where it was. Their accessions begin with `synth`.
    """
    settings = Settings.load(config, data=data, database_url=database_url)
    records = open_records(settings.records_url)
    try:
        check_migrated(records)
        check_invented(records, center=settings.center, is_beside=beside or remove)
        if remove:
            _remove(records)
        else:
            _write_obo(settings.data / "synthetic")
            _write(records, _planned(records, seed, slides, datasets, publish))
    finally:
        records.close()


@app.command()
def snapshot(
    file: Annotated[Path, typer.Argument(help="Parquet file to write.")],
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write one row an image of every open dataset, for DuckDB, Polars or pandas."""
    settings = Settings.load(config, data=data, database_url=database_url)
    records = open_records(settings.records_url)
    try:
        check_migrated(records)
        with records.read() as connection:
            names = open_datasets(connection)
        decisions = Decisions(records, Epochs(records))
        decided = decisions.decide_each(None, decisions.listed(None, names))
        opened = [name for name, decision in decided.items() if decision.allowed]
        images = write_snapshot(records, opened, file, node=settings.node_name)
    finally:
        records.close()
    _console.print(f"[green]Wrote[/] {images} images of {len(opened)} datasets to {file}")


def _planned(
    records: Records, seed: int, slides: int, datasets: int, publish: int
) -> tuple[PlannedDataset, ...]:
    if not publish:
        return plan_datasets(seed=seed, slides=slides, datasets=datasets)
    there = [mark["number"] for mark in invented(records).values() if mark["seed"] == seed]
    if not there:
        raise InputError(
            f"there are no invented datasets of seed {seed} yet.",
            place="--publish",
            remedy="Leave --publish out for the first ones, or name their --seed.",
        )
    return more_datasets(
        seed=seed,
        after=max(there),
        slides=slides,
        datasets=publish,
        published=datetime.now(UTC),
    )


def _write(records: Records, planned: tuple[PlannedDataset, ...]) -> None:
    with _bar() as bar:
        task = bar.add_task("slides", total=sum(each.slides for each in planned))
        written = write_datasets(records, planned, lambda done: bar.advance(task, done))
    _console.print(f"[green]Wrote[/] {written} datasets; {len(planned) - written} were there.")


def _remove(records: Records) -> None:
    with _bar() as bar:
        total = sum(int(mark.get("slides", 0)) for mark in invented(records).values())
        task = bar.add_task("slides", total=total)
        removed = remove_datasets(records, lambda done: bar.advance(task, done))
    _console.print(f"[green]Removed[/] {removed} datasets.")


def _write_obo(folder: Path) -> None:
    """Their terms lie beside, ready to be named as the node's terminologies."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(as_obo(), encoding="utf-8")
    _console.print(
        f"Their diagnoses roll up with BIGPICTURE_TERMINOLOGIES={folder}",
        highlight=False,
        soft_wrap=True,
    )


def _bar() -> Progress:
    return Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_console,
    )
