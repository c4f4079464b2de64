"""`bigpicture serve`: run a node."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bigpicture.app.serve import serve
from bigpicture.cli.settings import Config, Data, DatabaseUrl, Endpoint, ObjectStore
from bigpicture.settings import Settings


def command(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="TCP port. [default: 8080]")] = None,
    host: Annotated[str | None, typer.Option(help="Address to bind. [default: 127.0.0.1]")] = None,
    workers: Annotated[int | None, typer.Option(help="Web processes. [default: 1]")] = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
) -> None:
    """Serve portal, API and tiles, and work on submissions, until stopped.

    With one worker everything runs in this process. With more, web processes share the port and
    one process beside them runs the workflows; further ones may be started with
    `bigpicture worker --slot NAME`. Every setting can also come from BIGPICTURE_* variables.
    """
    settings = Settings.load(
        config,
        data=data,
        port=port,
        host=host,
        workers=workers,
        database_url=database_url,
        object_store=object_store,
        object_store_endpoint=endpoint,
    )
    address = f"http://{settings.host}:{settings.port}"
    console = Console(stderr=True)
    serve(settings, on_ready=lambda: console.print(f"bigpicture at [bold]{address}[/]"))
