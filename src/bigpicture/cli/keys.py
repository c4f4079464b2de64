"""`bigpicture keys`: the node's sealing key, and the keys of the subjects it keeps slides of."""

from __future__ import annotations

import json as as_json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bigpicture.app import rotate as rotation
from bigpicture.app.open import open_stores
from bigpicture.cli.settings import Config, Data, DatabaseUrl, Endpoint, ObjectStore
from bigpicture.model.errors import InputError
from bigpicture.sealing.armour import PUBLIC, armour
from bigpicture.settings import Settings
from bigpicture.submission.erase_subject import erase_subject
from bigpicture.submission.stores import Stores
from bigpicture.submission.wrap_headers import published, wrap_dataset
from bigpicture.vault.key_counts import count_keys

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

_MEANING = (
    "Every slide, preview, annotation and report of this being closes for good: here, in every "
    "copy of the object store and in every backup of the records. A slide that also holds tissue "
    "of others closes with it. Nothing brings it back but a copy of the key store.\n"
    "What people have downloaded is not reached: ask them to delete it."
)


@app.command()
def show(
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
    json: AsJson = False,
) -> None:
    """Show the node's public key, where subjects' keys lie, and how many there are."""
    settings = _settings(config, data, database_url, object_store, endpoint)
    with _opened(settings) as stores:
        told = _told(stores)
    if json:
        typer.echo(as_json.dumps(told, indent=2))
        return
    console = Console()
    for label, value in (
        ("Key store", told["key_store"]),
        ("Keys of beings", told["beings"]),
        ("Keys of datasets", told["datasets"]),
        ("Keys of arrivals", told["arrivals"]),
        ("Destroyed", told["destroyed"]),
        ("Headers under no such key", told["bare"]),
    ):
        console.print(f"{label:<26} {value}", highlight=False, soft_wrap=True)
    if told["bare"]:
        console.print("Run [bold]bigpicture keys wrap[/] to seal those under their subjects' keys.")
    console.print(str(told["public_key"]).rstrip(), highlight=False, markup=False)


@app.command()
def destroy(
    being: Annotated[str, typer.Argument(help="Accession of a BiologicalBeing.")],
    reason: Annotated[str, typer.Option(help="For the record, without anybody's name.")],
    again: Annotated[
        str | None, typer.Option("--confirm", help="The accession once more, for programs.")
    ] = None,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
    json: AsJson = False,
) -> None:
    """Destroy the key of a being, and so close all that was sealed under it, for good.

    The node may run meanwhile: its processes know of it within a second.
    """
    settings = _settings(config, data, database_url, object_store, endpoint)
    if again is None:
        if not sys.stdin.isatty():
            raise InputError(
                "a key is destroyed by naming it twice.", remedy=f"Add --confirm {being}"
            )
        Console(stderr=True).print(_MEANING)
        again = typer.prompt("The accession once more", err=True)
    if again != being:
        raise InputError("the two accessions differ; nothing was destroyed.")
    with _opened(settings) as stores:
        erased = erase_subject(stores, being, actor="console", reason=reason)
    if json:
        told = {"being": being, "dataset": erased.dataset, "objects": erased.objects}
        typer.echo(as_json.dumps(told))
        return
    Console().print(
        f"Destroyed: the key of {being}. {erased.objects} sealed objects of {erased.dataset} "
        "are closed and gone.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def rotate(
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Give the node a new sealing key; headers are sealed for it, bodies stay as they are.

    Stop every process of the node first, on all machines. Where it is cut off, repeat it.
    """
    settings = _settings(config, data, database_url, None, None)
    console = Console(stderr=True)
    with _bar(console) as bar:
        task = bar.add_task("Sealing headers anew")
        pair = rotation.rotate(
            settings,
            rotation.Progress(
                begin=lambda total: bar.update(task, total=total),
                tick=lambda count: bar.advance(task, count),
            ),
        )
    console.print(
        "The node has a new sealing key. Back its folder up now, and copy it to every machine of "
        "the node. Copies of the records made before need the old one: it lies in your earlier "
        "backup of the keys, and nowhere else."
    )
    console.print(armour(PUBLIC, pair.public).decode().rstrip(), highlight=False, markup=False)


@app.command()
def wrap(
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
) -> None:
    """Seal what was published before subjects had keys under their keys; safe to repeat."""
    settings = _settings(config, data, database_url, object_store, endpoint)
    console = Console(stderr=True)
    total = 0
    with _opened(settings) as stores, _bar(console) as bar:
        names = published(stores)
        for dataset in bar.track(names, description="Datasets"):
            total += wrap_dataset(stores, dataset)
    console.print(f"{total} headers were wrapped.", highlight=False)


def _told(stores: Stores) -> dict[str, object]:
    with stores.records.read() as connection:
        counts = count_keys(connection)
    return {
        "key_store": stores.settings.key_store_url,
        **asdict(counts),
        "public_key": armour(PUBLIC, stores.vault.public_key).decode(),
    }


def _settings(
    config: Config,
    data: Data,
    database_url: DatabaseUrl,
    object_store: ObjectStore,
    endpoint: Endpoint,
) -> Settings:
    return Settings.load(
        config,
        data=data,
        database_url=database_url,
        object_store=object_store,
        object_store_endpoint=endpoint,
    )


@contextmanager
def _opened(settings: Settings) -> Generator[Stores]:
    stores = open_stores(settings)
    try:
        yield stores
    finally:
        stores.records.close()


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )
