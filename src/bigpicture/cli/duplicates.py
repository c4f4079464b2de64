"""`bigpicture duplicates`: slides that are one glass, from the fingerprints of runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.duplicates import find_duplicates
from bigpicture.client.node import Node
from bigpicture.client.run import find_job


def command(
    which: Annotated[
        list[str], typer.Argument(metavar="RUN", help="Runs of yours of core.fingerprint.")
    ],
    node: Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")],
    is_across: Annotated[
        bool, typer.Option("--across", help="Only pairs that are in two datasets.")
    ] = False,
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """List the pairs of slides that are one glass, scanned or stored twice, the likest first.

    Run `core.fingerprint` over the slides before. What is compared is what you may read.
    """
    with Node(node) as door:
        door.greet()
        sign_in(door, name)
        found = find_duplicates([find_job(door, each) for each in which])
    found = [each for each in found if each.is_across or not is_across]
    if json:
        typer.echo(to_json([asdict(each) for each in found]))
        return
    console = Console()
    if not found:
        console.print("No slide is there twice.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("image", "dataset", "image", "dataset"):
        table.add_column(heading, overflow="fold")
    table.add_column("likeness", justify="right")
    for each in found:
        told = (each.first, each.first_dataset, each.second, each.second_dataset)
        table.add_row(*map(plain, told), f"{each.likeness:.3f}")
    console.print(table)
