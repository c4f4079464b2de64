"""`bigpicture metaflex`: convert a dataset folder to another version of the exchange format."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bigpicture.metaflex.convert import Conversion
from bigpicture.metaflex.v3_0 import NODES
from bigpicture.standard.convert import convert_folder


def command(
    folder: Annotated[Path, typer.Argument(help="The folder DATASET_… of MetaFleX 2.0.")],
    out: Annotated[Path, typer.Option("--out", help="The new folder, which is not there yet.")],
    to: Annotated[str, typer.Option("--to", help="The version to write.")] = "3.0",
    node: Annotated[
        str,
        typer.Option("--node", help=f"The node agreed for the dataset: {'; '.join(NODES)}."),
    ] = "",
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Leave out what the new version has no place for."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is lost as JSON.")] = False,
) -> None:
    """Convert a dataset folder from MetaFleX 2.0 to 3.0, into a new folder.

    What 3.0 cannot carry is named with its file and line, and nothing is written unless --drop
    leaves it out. Images are linked, not copied. Exit status: 0 where the new folder is there.
    """
    done = convert_folder(folder, out, node=node, to=to, drop=drop)
    if as_json:
        sys.stdout.write(_as_json(done, out) + "\n")
    else:
        _show(Console(), done, out, to)
    if not done.documents:
        raise typer.Exit(1)


def _show(console: Console, done: Conversion, out: Path, to: str) -> None:
    for each in done.lost:
        colour = "bold red" if each.is_error else "yellow"
        console.print(
            f"[{colour}]{escape(str(each.place))}[/] [dim]{escape(each.rule)}[/] "
            f"[bold]{escape(each.entity)}[/]: {escape(each.what)} {escape(each.remedy)}",
            highlight=False,
        )
    if not done.documents:
        console.print(f"MetaFleX {escape(to)} cannot carry this. Nothing was written.")
        return
    left = f", {len(done.lost)} things left out" if done.lost else ", nothing was lost"
    console.print(f"[green]Written[/]: {escape(str(out))}, MetaFleX {escape(to)}{left}.")
    console.print("Next: bigpicture validate", escape(str(out)))


def _as_json(done: Conversion, out: Path) -> str:
    return json.dumps(
        {
            "written": str(out) if done.documents else None,
            "lost": [each.as_json() for each in done.lost],
        },
        indent=2,
        ensure_ascii=False,
    )
