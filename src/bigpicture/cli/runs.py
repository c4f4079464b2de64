"""`bigpicture runs`: your runs at a node, listed, watched, looked into, cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.plain import to_json
from bigpicture.cli.run_show import follow, show_run, show_runs, show_slides
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.node import Node
from bigpicture.client.run import find_job, list_jobs
from bigpicture.model.run import SlideState

app = typer.Typer(no_args_is_help=True)

NodeAt = Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")]
User = Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Which = Annotated[str, typer.Argument(metavar="RUN", help="Its id, or the first letters of it.")]


@app.command("list")
def list_all(node: NodeAt, name: User = "", json: AsJson = False) -> None:
    """List your runs, the newest first."""
    with Node(node) as door:
        sign_in(door, name)
        found = list(list_jobs(door))
    if json:
        typer.echo(to_json([job.told for job in found]))
    else:
        show_runs(Console(), found)


@app.command()
def watch(which: Which, node: NodeAt, name: User = "") -> None:
    """Follow a run to its end."""
    console = Console()
    with Node(node) as door:
        sign_in(door, name)
        show_run(console, follow(console, find_job(door, which)).told)


@app.command()
def show(which: Which, node: NodeAt, name: User = "", json: AsJson = False) -> None:
    """Show how a run stands."""
    with Node(node) as door:
        sign_in(door, name)
        told = find_job(door, which).told
    if json:
        typer.echo(to_json(told))
    else:
        show_run(Console(), told)


@app.command()
def slides(
    which: Which,
    node: NodeAt,
    name: User = "",
    state: Annotated[SlideState | None, typer.Option(help="Only those in this state.")] = None,
    json: AsJson = False,
) -> None:
    """List the slides of a run, and why some of them failed."""
    with Node(node) as door:
        sign_in(door, name)
        found = list(find_job(door, which).slides(state))
    if json:
        typer.echo(to_json(found))
    else:
        show_slides(Console(), found)


@app.command()
def results(
    which: Which,
    node: NodeAt,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    output: Annotated[str, typer.Option(help="Only this one of its outputs.")] = "",
    name: User = "",
) -> None:
    """Take the results of a run away, a file for each output of each image."""
    out.mkdir(parents=True, exist_ok=True)
    with Node(node) as door:
        sign_in(door, name)
        for found in find_job(door, which).results(output):
            endings = {"application/dicom": ".dcm", "application/json": ".json"}
            ending = endings.get(found.told["media_type"], ".parquet")
            found.save(out / f"{found.image}-{found.output}{ending}")


@app.command()
def provenance(
    which: Which,
    node: NodeAt,
    out: Annotated[Path, typer.Option(help="The zip to write.")],
    name: User = "",
) -> None:
    """Write where every result came from: W3C PROV in an RO-Crate."""
    with Node(node) as door:
        sign_in(door, name)
        find_job(door, which).save_provenance(out)


@app.command()
def observations(
    which: Which,
    node: NodeAt,
    out: Annotated[Path, typer.Option(help="The zip to write.")],
    name: User = "",
) -> None:
    """Write what a run states of each image in MetaFleX: findings of a machine."""
    with Node(node) as door:
        sign_in(door, name)
        find_job(door, which).save_observations(out)


@app.command()
def cancel(which: Which, node: NodeAt, name: User = "") -> None:
    """Stop a run: what is done stays."""
    with Node(node) as door:
        sign_in(door, name)
        show_run(Console(), find_job(door, which).cancel().told)
