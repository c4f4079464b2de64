"""`bigpicture quality`: the report on a dataset at a node, printed or as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.node import Node
from bigpicture.client.told import save_whole
from bigpicture.model.errors import InputError

_FORMS = {".md": "markdown", ".html": "html"}
_BAR = 24
_FEW = 8
_QUANTILES = ("5 %", "25 %", "50 %", "75 %", "95 %")


def command(
    dataset: Annotated[str, typer.Argument(help="Its accession.")],
    node: Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")],
    out: Annotated[
        Path | None, typer.Option(help="Write a file: .html with plots, or .md.", dir_okay=False)
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="See whether features tell site and scanner.")
    ] = False,
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Report on a dataset: who is in it, how good its slides are, what gives its sites away.

    Quality is what algorithms computed: run `core.quality` over the dataset first.
    """
    form = "json" if out is None else _FORMS.get(out.suffix.lower())
    if form is None:
        raise InputError("a report is no such file.", place=str(out), rule=" or ".join(_FORMS))
    path = f"/api/v1/datasets/{dataset}/report"
    with Node(node) as door:
        door.greet()
        if name or door.token or probe:
            sign_in(door, name)
        if out is not None:
            asked = f"{path}?form={form}&probe={str(probe).lower()}"
            save_whole(out, [door.request("GET", asked).content])
            Console(stderr=True).print(f"The report is in {plain(str(out))}.", highlight=False)
            return
        told = door.get(path, probe=probe)
    if json:
        typer.echo(to_json(told))
    else:
        _show(Console(), told)


def _show(console: Console, told: Mapping[str, Any]) -> None:
    kind = "generated image" if told["is_generated"] else "image"
    whole = f"{_many(told['images'], kind)} of {_many(told['beings'], 'being')}"
    console.print(whole, highlight=False)
    for each in told["coverage"]:
        console.print(f"\n[bold]{plain(each['name'].capitalize())}[/]", highlight=False)
        console.print(_shares(each["shares"], told["images"]))
    if told["quality"]:
        console.print("\n[bold]Quality[/]", highlight=False)
        console.print(_measured(told["quality"]))
    else:
        console.print("\nNo algorithm computed a number of these images yet.")
        console.print("Begin one: bigpicture run core.quality --dataset … --node …")
    for each in told["probes"]:
        console.print(plain(each["sentence"]), highlight=False)
    if told["probes"]:
        console.print(plain(told["advice"]), highlight=False)
    console.print(f"[dim]{plain(told['notice'])}[/]", highlight=False)


def _shares(shares: list[Mapping[str, Any]], images: int) -> Table:
    table = Table(box=None, show_header=False)
    for share in shares[:_FEW]:
        table.add_row(
            plain(share["value"] or "not stated"),
            "█" * max(1, round(_BAR * share["images"] / images)),
            f"{share['images']:,} of {_many(share['beings'], 'being')}",
        )
    if len(shares) > _FEW:
        table.add_row(f"{len(shares) - _FEW} more", "", "")
    return table


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _measured(quality: list[Mapping[str, Any]]) -> Table:
    table = Table("what", "by", "unit", *_QUANTILES, "not evaluated", box=None)
    for each in quality:
        numbers = [f"{number:.4g}" for number in each["whole"]["quantiles"]]
        unit = "" if each["unit"] == "1" else each["unit"]
        told = (plain(each["label"]), plain(each["algorithm"]), plain(unit))
        missing = f"{each['whole']['missing']:,}"
        table.add_row(*told, *(numbers or [""] * len(_QUANTILES)), missing)
    return table
