"""`bigpicture search`: find images at a node by one question."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.node import Node
from bigpicture.client.query import Answer, FoundImage, ask
from bigpicture.model.query import Sort
from bigpicture.model.question_text import parse_question

_PAGE = 500
_SHOWN = 20
_TERMS, _BAR = 6, 24
_FACETS = "organ,stain,species,diagnosis"


class Form(StrEnum):
    """How the answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    LIST = "list"


def command(
    node: Annotated[str, typer.Option(help="Address of the node, http(s)://…")],
    question: Annotated[
        str,
        typer.Argument(
            help='Such as: organ:liver NOT stain:"H&E" mpp<0.3; empty: every image. See '
            "docs/questions.md.",
        ),
    ] = "",
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")] = "",
    form: Annotated[
        Form,
        typer.Option(help="table; json and csv of every image; list: accessions for `download`."),
    ] = Form.TABLE,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Images that are listed.", show_default="20, or all")
    ] = None,
    facets: Annotated[
        str, typer.Option(help="What to count by, names of fields with commas between.")
    ] = _FACETS,
    sort: Annotated[Sort, typer.Option(help="In which order images come.")] = Sort.DATASET,
) -> None:
    """Find images of the datasets that you may open.

    Take them away: bigpicture search 'organ:liver' --node URL --form list > wanted.txt, then
    bigpicture download wanted.txt --node URL.
    """
    tree = parse_question(question)
    names = [each.strip() for each in facets.split(",") if each.strip()]
    console = Console(stderr=True)
    with Node(node, on_wait=lambda: console.print("Waiting for the node …")) as door:
        door.greet()
        sign_in(door, name, is_needed=False)
        length = min(limit or (_SHOWN if form is Form.TABLE else _PAGE), _PAGE)
        first = ask(door, tree, facets=names if form is Form.TABLE else (), sort=sort, limit=length)
        if form is Form.TABLE:
            _show(Console(), first)
            return
        found = _all(door, first, limit, sort)
        if form is Form.JSON:
            told = {"question": first.question, "total": first.total, "hints": first.hints}
            sys.stdout.write(to_json({**told, "images": [asdict(each) for each in found]}) + "\n")
        elif form is Form.CSV:
            _write_csv(found)
        else:
            sys.stdout.writelines(f"{each.accession}\n" for each in found)


def _all(door: Node, first: Answer, limit: int | None, sort: Sort) -> Iterator[FoundImage]:
    left = first.total if limit is None else limit
    page = first
    while True:
        yield from page.images[:left]
        left -= len(page.images)
        if page.next is None or left <= 0:
            return
        page = ask(door, first.question, sort=sort, after=page.next, limit=min(_PAGE, left))


def _write_csv(found: Iterator[FoundImage]) -> None:
    names = [each.name for each in fields(FoundImage)]
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for each in found:
        row = asdict(each)
        row["diagnoses"] = "; ".join(each.diagnoses)
        row["mpp"] = " ".join(map(str, each.mpp))
        writer.writerow(row)


def _show(console: Console, answer: Answer) -> None:
    console.print(
        f"[bold]{answer.total:,} image{'s' if answer.total != 1 else ''}[/]"
        + (
            f" of {answer.beings:,} being{'s' if answer.beings != 1 else ''}"
            if answer.total
            else ""
        )
        + (f" [dim]for {plain(answer.question)}[/]" if answer.question else ""),
        highlight=False,
    )
    for given, taken in answer.understood.items():
        meant = ", ".join(map(plain, taken))
        console.print(f"[yellow]{plain(given)} is not known: {meant} is.[/]", highlight=False)
    for hint in answer.hints:
        console.print(f"[yellow]{plain(hint)}[/]", highlight=False)
    if answer.closed:
        many = "datasets open" if answer.closed != 1 else "dataset opens"
        console.print(
            f"[dim]{answer.closed:,} further {many} under a grant, or after signing in.[/]",
            highlight=False,
        )
    if not answer.images:
        return
    console.print(_facets(answer))
    console.print(_images(answer))
    if answer.total > len(answer.images):
        console.print(
            f"[dim]The first {len(answer.images):,}; all of them with --form csv, json or list.[/]",
            highlight=False,
        )


def _facets(answer: Answer) -> Table:
    """The most frequent terms of each facet, with bars."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for facet, counts in answer.facets.items():
        most = max((count for _, count in counts), default=1)
        for at, (label, count) in enumerate(counts[:_TERMS]):
            bar = "█" * max(1, round(_BAR * count / most))
            name = f"[bold]{facet}[/]" if at == 0 else ""
            table.add_row(name, plain(label), f"{count:,}", f"[magenta]{bar}[/]")
        if len(counts) > _TERMS:
            table.add_row("", f"[dim]and {len(counts) - _TERMS:,} more[/]", "", "")
    return table


def _images(answer: Answer) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("image", "organ", "stain", "diagnoses", "µm/px", "pixels"):
        table.add_column(heading, overflow="fold")
    for each in answer.images:
        table.add_row(
            each.accession,
            plain(each.organ),
            plain(each.stain),
            plain(", ".join(each.diagnoses)),
            f"{each.mpp[0]:.3g}",
            f"{each.columns:,} × {each.rows:,}",
        )
    return table
