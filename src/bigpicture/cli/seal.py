"""`bigpicture seal`: close a node or a part of it at once, from the machine itself."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bigpicture.access.seal import enter_seals, lay_seal
from bigpicture.access.seal_files import SealFiles
from bigpicture.cli.settings import Config, Data, DatabaseUrl
from bigpicture.model.errors import StorageError
from bigpicture.model.seal import NODE, SealScope
from bigpicture.settings import Settings
from bigpicture.storage.records import check_migrated, open_records


def command(
    scope: Annotated[SealScope, typer.Argument(help="What kind of thing is closed.")],
    reason: Annotated[str, typer.Option(help="For the record, without anybody's name.")],
    of: Annotated[
        str, typer.Argument(help="Its id, accession, name or address; nothing for the node.")
    ] = "",
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Seal: every process of the node stops within a second, downloads under way included.

    It needs no database, and no backup of one undoes it. Two people open it: bigpicture unseal.
    """
    settings = Settings.load(config, data=data, database_url=database_url)
    files = SealFiles(settings.seals_folder)
    laid = lay_seal(files, scope=scope, of=of, reason=reason, by=NODE)
    console = Console(stderr=True)
    console.print(f"[bold]Sealed[/] ({laid.id}).", highlight=False)
    try:
        _enter(settings, files)
    except StorageError:
        console.print(
            "The records cannot be reached; the node enters it there when they are back.",
            highlight=False,
        )


def _enter(settings: Settings, files: SealFiles) -> None:
    """Put it on record; raises `StorageError`."""
    if not settings.database_url and not (settings.data / "records.sqlite").exists():
        raise StorageError("there are no records here.")  # and none are to be made now
    records = open_records(settings.records_url)
    try:
        check_migrated(records)
        with records.write() as connection:
            enter_seals(connection, files)
    finally:
        records.close()
