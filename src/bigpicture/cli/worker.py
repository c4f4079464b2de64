"""`bigpicture worker`: run the durable workflows beside the web processes."""

from __future__ import annotations

from typing import Annotated

import typer

from bigpicture.app.work import work
from bigpicture.cli.settings import Config, Data, DatabaseUrl, Endpoint, ObjectStore
from bigpicture.settings import Settings


def command(
    slot: Annotated[
        str | None, typer.Option(help="Stable name of this worker, unlike any other's.")
    ] = None,
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", help="End with standard input.", hidden=True)
    ] = False,
) -> None:
    """Work on submissions until stopped; what this slot left unfinished comes first."""
    work(
        Settings.load(
            config,
            slot=slot,
            data=data,
            database_url=database_url,
            object_store=object_store,
            object_store_endpoint=endpoint,
        ),
        until_closed=until_closed,
    )
