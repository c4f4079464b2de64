"""The settings that several commands of a node share as options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the node. [env: BIGPICTURE_DATA]")
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings in a TOML file.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        help="postgresql://…; else SQLite. With a password in it, use BIGPICTURE_DATABASE_URL: "
        "other people on this machine can see options.",
    ),
]
ObjectStore = Annotated[
    str | None,
    typer.Option("--object-store", help="s3://bucket/prefix; else a folder inside the data."),
]
Endpoint = Annotated[
    str | None, typer.Option("--object-store-endpoint", help="Address of an S3-compatible store.")
]
