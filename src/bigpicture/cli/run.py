"""`bigpicture run`: an algorithm over a cohort at a node, followed to its end."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer
from rich.console import Console

from bigpicture.cli.plain import to_json
from bigpicture.cli.run_show import follow, show_run, show_slides
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.node import Node
from bigpicture.client.run import begin_run
from bigpicture.model.errors import InputError
from bigpicture.model.run import SlideState


def command(
    algorithm: Annotated[str, typer.Argument(help="Its id, as `bigpicture algorithm list`.")],
    node: Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")],
    cohort: Annotated[str, typer.Option(help="Its id, the address of its page, or name.")] = "",
    cohort_version: Annotated[
        int | None, typer.Option(min=1, show_default="the newest; frozen if there is none")
    ] = None,
    dataset: Annotated[str, typer.Option(help="Its accession, in the place of a cohort.")] = "",
    image: Annotated[list[str] | None, typer.Option(help="Accession; several times.")] = None,
    version: Annotated[str, typer.Option(help="Of the algorithm.", show_default="newest")] = "",
    parameter: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter.")
    ] = None,
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token.")] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Begin it, do not follow it.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Run an algorithm over a cohort; what was computed before is there at once.

    Stopping this command does not stop the run: `bigpicture runs watch` follows it again. Ends
    with status 1 where a slide failed.
    """
    console = Console(stderr=json)
    with Node(node) as door:
        door.greet()
        sign_in(door, name)
        job = begin_run(
            door,
            algorithm,
            version=version,
            cohort=cohort,
            cohort_version=cohort_version,
            dataset=dataset,
            images=image or (),
            parameters=read_parameters(parameter or ()),
        )
        if not detach:
            follow(console, job)
        if json:
            typer.echo(to_json(job.told))
        else:
            show_run(console, job.told)
            if job.told["counts"][SlideState.FAILED]:
                show_slides(console, job.slides(SlideState.FAILED))
    if job.told["counts"][SlideState.FAILED]:
        raise typer.Exit(1)


def read_parameters(given: list[str] | tuple[str, ...]) -> dict[str, Any]:
    """`NAME=VALUE` pairs: a value that is JSON counts as such, any other as text."""
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise InputError("this sets no parameter.", place=each[:40], rule="NAME=VALUE")
        try:
            found[name] = json_text.loads(value)
        except ValueError:
            found[name] = value
    return found
