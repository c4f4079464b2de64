"""`bigpicture migrate`: bring a node's tables to this release."""

from __future__ import annotations

from rich.console import Console

from bigpicture.app.open import open_stores
from bigpicture.cli.settings import Config, Data, DatabaseUrl
from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings
from bigpicture.storage.records import migrate, open_records
from bigpicture.submission.searched_before import read_searched
from bigpicture.vault.key_counts import count_keys


def command(data: Data = None, config: Config = None, database_url: DatabaseUrl = None) -> None:
    """Migrate the records forward; safe to repeat. Back them up first.

    Slides that were published by a release which did not keep what a DICOM search asks for are
    read for it.
    """
    settings = Settings.load(config, data=data, database_url=database_url)
    if not settings.database_url and not (settings.data / "records.sqlite").is_file():
        raise SettingsError(
            "there is no node in this folder.",
            place=str(settings.data),
            remedy="Correct --data, or make a node with `bigpicture init`.",
        )
    records = open_records(settings.records_url)
    try:
        migrate(records)
    finally:
        records.close()
    console = Console(stderr=True)
    console.print("The records are at this release.")
    if settings.keys.exists():
        stores = open_stores(settings)
        filled = read_searched(stores)
        if filled:
            console.print(f"{filled} images can be found by their DICOM names now.")
        with stores.records.read() as connection:
            bare = count_keys(connection).bare
        if bare:
            console.print(
                f"{bare} sealed objects are under no subject's key. "
                "Run [bold]bigpicture keys wrap[/]."
            )
        stores.records.close()
