"""`bigpicture seals`: what of a node is sealed, read from the files and so without a database."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.access.seal_files import SealFiles
from bigpicture.cli.plain import plain
from bigpicture.cli.settings import Config, Data
from bigpicture.model.seal import Seal
from bigpicture.settings import Settings


def command(
    data: Data = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the seals that hold, the oldest first."""
    settings = Settings.load(config, data=data)
    files = SealFiles(settings.seals_folder)
    names = sorted(files.names()) if files.folder.exists() else []
    seals = [seal for name in names if (seal := files.read(name))]
    seals.sort(key=lambda seal: seal.since)
    if as_json:
        sys.stdout.write(json.dumps([_told(seal) for seal in seals], indent=1) + "\n")
        return
    console = Console()
    for seal in seals:
        what = f"{seal.scope} {plain(seal.of)}".strip()
        since = f"{seal.since:%Y-%m-%d %H:%M} UTC"
        console.print(f"{seal.id}  {since}  {what}: {plain(seal.reason)}", highlight=False)
    if not seals:
        console.print("Nothing is sealed.")


def _told(seal: Seal) -> dict[str, str]:
    return {
        "id": seal.id,
        "scope": str(seal.scope),
        "of": seal.of,
        "reason": seal.reason,
        "since": seal.since.isoformat(),
        "by": seal.by,
    }
