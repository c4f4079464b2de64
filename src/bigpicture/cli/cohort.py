"""`bigpicture cohort`: saved questions, frozen to exact images; split, compared, taken away."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.cohort_show import (
    show_cohort,
    show_comparison,
    show_list,
    show_request,
    show_split,
    show_version,
)
from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.cohort import (
    THREE,
    FrozenCohort,
    SavedCohort,
    SplitAsked,
    find_cohort,
    list_cohorts,
    save_cohort,
)
from bigpicture.client.node import Node
from bigpicture.model.cohort import Sharing
from bigpicture.model.errors import InputError
from bigpicture.model.export_form import Form
from bigpicture.model.question_text import parse_question
from bigpicture.model.split import Apart, parse_parts

app = typer.Typer(no_args_is_help=True)

_BINARY = (Form.PARQUET, Form.RO_CRATE)

NodeAt = Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")]
User = Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Which = Annotated[
    str, typer.Argument(metavar="COHORT", help="Its id, the address of its page, or its name.")
]
Version = Annotated[
    int | None, typer.Option("--version", min=1, show_default="the newest; frozen if there is none")
]
Parts = Annotated[str, typer.Option(help="Names and shares; a share of the images.")]
ApartFrom = Annotated[
    Apart, typer.Option("--apart", help="What is never on two sides; site: dataset or center.")
]
By = Annotated[str, typer.Option(help="A field whose terms each part has alike, as diagnosis.")]
Seed = Annotated[str, typer.Option(help="Another seed, another split of the same shares.")]


@app.command("list")
def list_all(
    node: NodeAt,
    name: User = "",
    shared: Annotated[bool, typer.Option("--shared", help="Those that others share.")] = False,
    json: AsJson = False,
) -> None:
    """List your cohorts, the last changed first."""
    with _door(node, name) as door:
        found = list(list_cohorts(door, shared=shared))
    if json:
        _print(found)
    else:
        show_list(Console(), found)


@app.command()
def save(
    title: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    node: NodeAt,
    question: Annotated[
        str, typer.Argument(help="As for `bigpicture search`; empty: every image.")
    ] = "",
    name: User = "",
    notes: Annotated[str, typer.Option(help="What it is for; no names of patients.")] = "",
    share: Annotated[
        Sharing, typer.Option(help="private; link: who has it; node: everyone signed in.")
    ] = Sharing.PRIVATE,
    json: AsJson = False,
) -> None:
    """Save a question under a name."""
    tree = parse_question(question)
    with _door(node, name) as door:
        saved = save_cohort(door, title, tree, notes=notes, sharing=share)
    if json:
        _print(saved.told)
    else:
        show_cohort(Console(), saved, [])


@app.command()
def show(which: Which, node: NodeAt, name: User = "", json: AsJson = False) -> None:
    """Show a cohort, what answers it now, and its versions."""
    with _door(node, name) as door:
        found = find_cohort(door, which)
        versions = found.versions()
    if json:
        _print({**found.told, "frozen": [each.told for each in versions]})
    else:
        show_cohort(Console(), found, versions)


@app.command()
def freeze(which: Which, node: NodeAt, name: User = "", json: AsJson = False) -> None:
    """Freeze a cohort of yours to the images that answer now, of what you may open."""
    with _door(node, name) as door:
        found = find_cohort(door, which).freeze()
    if json:
        _print(found.told)
    else:
        show_version(Console(), found)


@app.command()
def compare(
    which: Which,
    node: NodeAt,
    earlier: Annotated[int, typer.Option(min=1, help="Number of a version.")] = 1,
    later: Annotated[
        int | None, typer.Option(min=2, help="Number of a version.", show_default="now")
    ] = None,
    name: User = "",
    json: AsJson = False,
) -> None:
    """Say what entered between two versions, or until now, what left, and why."""
    with _door(node, name) as door:
        told = find_cohort(door, which).compare(earlier, later)
    if json:
        _print(told)
    else:
        show_comparison(Console(), told)


@app.command()
def split(
    which: Which,
    node: NodeAt,
    parts: Parts = THREE,
    apart: ApartFrom = Apart.BEING,
    by: By = "",
    seed: Seed = "",
    to: Annotated[
        Path | None, typer.Option(help="A folder; gets a manifest for `download` of each part.")
    ] = None,
    version: Version = None,
    name: User = "",
    json: AsJson = False,
) -> None:
    """Split a frozen cohort: nobody on two sides, the same sides on every machine.

    No being is on two sides; with --apart dataset no dataset, with --apart center no center
    either.
    """
    names = [part.name for part in parse_parts(parts)]
    asked = SplitAsked(parts, apart, by, seed)
    with _door(node, name) as door:
        frozen = _frozen(find_cohort(door, which), version)
        told = frozen.tell_split(asked)
        written: list[Path] = []
        if to:
            to.mkdir(parents=True, exist_ok=True)
            sizes = {each["name"]: each["images"] for each in told["parts"]}
            written = [
                frozen.save(Form.LIST, to / f"{part}.txt", split=asked, part=part)
                for part in names
                if sizes[part]
            ]
    if json:
        _print({**told, "version": frozen.number, "files": [str(each) for each in written]})
    else:
        show_split(Console(), told, written)


@app.command()
def export(
    which: Which,
    node: NodeAt,
    form: Annotated[
        Form, typer.Option(help="list: the manifest for `download`; ro-crate comes as a zip.")
    ] = Form.LIST,
    to: Annotated[Path | None, typer.Option(help="A file.", show_default="printed")] = None,
    parts: Annotated[str, typer.Option(help="Split it: names and shares.")] = "",
    apart: ApartFrom = Apart.BEING,
    by: By = "",
    seed: Seed = "",
    part: Annotated[str, typer.Option(help="Only this part of the split.")] = "",
    version: Version = None,
    name: User = "",
) -> None:
    """Take a frozen cohort away as a file, in one of six formats.

    Pixels: bigpicture cohort export NAME --to wanted.txt --node URL, then bigpicture download
    wanted.txt --node URL.
    """
    if to is None and form in _BINARY and sys.stdout.isatty():
        raise InputError(f"{form} is no text to print.", place="--to", remedy="Name a file.")
    asked = SplitAsked(parts, apart, by, seed) if parts else None
    console = Console(stderr=True)
    with _door(node, name) as door:
        frozen = _frozen(find_cohort(door, which), version)
        if to:
            frozen.save(form, to, split=asked, part=part)
            console.print(f"[bold green]Here:[/] {plain(str(to))}", highlight=False)
        else:
            for piece in frozen.export(form, split=asked, part=part):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
    if not frozen.is_whole:
        console.print(
            f"[yellow]Not all of it: {plain(frozen.told['hidden_images'])} images are in datasets "
            "that you may not open.[/] `bigpicture cohort request` tells where to apply.",
            highlight=False,
        )


@app.command()
def request(which: Which, node: NodeAt, name: User = "", json: AsJson = False) -> None:
    """Tell which datasets need a grant, and print one text that asks for all of them.

    The node keeps no applications yet: send the text to the addresses in it.
    """
    with _door(node, name) as door:
        told = find_cohort(door, which).request()
    if json:
        _print(told)
    else:
        show_request(Console(), told)


@app.command()
def accession(
    which: Which, node: NodeAt, version: Version = None, name: User = "", json: AsJson = False
) -> None:
    """Give a frozen cohort an accession to cite; equal lists have one.

    Its name, its question and its size are then told to everyone; its images to whom their
    datasets are open.
    """
    with _door(node, name) as door:
        saved = find_cohort(door, which)
        number = _frozen(saved, version)
        minted = number.mint()
        frozen = saved.version(number.number)
    if json:
        _print({"accession": minted, "version": frozen.number, "cite": frozen.told["cite"]})
    else:
        console = Console()
        console.print(f"[bold]{minted}[/]", highlight=False)
        console.print(plain(frozen.told["cite"]), highlight=False, soft_wrap=True)


@contextmanager
def _door(node: str, name: str) -> Generator[Node]:
    console = Console(stderr=True)
    with Node(node, on_wait=lambda: console.print("Waiting for the node …")) as door:
        door.greet()
        sign_in(door, name)
        yield door


def _frozen(found: SavedCohort, version: int | None) -> FrozenCohort:
    return found.version(version)


def _print(told: object) -> None:
    sys.stdout.write(to_json(told) + "\n")
