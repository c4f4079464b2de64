"""`bigpicture train`: a model of slides from the features of a run, as an algorithm's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bigpicture.analysis.card_shown import figure
from bigpicture.analysis.mil.make_algorithm import make_algorithm
from bigpicture.analysis.mil.models import MODELS
from bigpicture.analysis.mil.train import PARTS, Trained, figures, train
from bigpicture.analysis.mil.training import Training
from bigpicture.cli.plain import plain
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.bags import LabelledBags, bags
from bigpicture.client.node import Node
from bigpicture.client.run import find_job
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.errors import ConflictError


def command(
    which: Annotated[
        str, typer.Argument(metavar="RUN", help="A run of yours that gave features; its id.")
    ],
    node: Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")],
    classes: Annotated[
        list[str],
        typer.Option("--class", help="A code or meaning that was stated of slides; twice or more."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to make.")],
    name: Annotated[str, typer.Option("--id", help="Of the algorithm, such as org.example.it.")],
    licence: Annotated[str, typer.Option(help="Of the model, SPDX.")],
    is_generated: Annotated[
        bool,
        typer.Option(
            "--generated/--real", help="Whether a program drew the slides: each figure says so."
        ),
    ],
    version: Annotated[str, typer.Option(help="Of the algorithm.")] = "1.0.0",
    title: Annotated[str, typer.Option(help="Of the algorithm.", show_default="its classes")] = "",
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "abmil",
    parts: Annotated[str, typer.Option(help="Shares of the beings.")] = PARTS,
    epochs: Annotated[int, typer.Option(min=1, help="At most.")] = 50,
    rate: Annotated[float, typer.Option(min=1e-7, max=1.0, help="Of learning.")] = 2e-4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Learn from words for several slides as well.")
    ] = False,
    user: Annotated[str, typer.Option("--user", help="Sign-in name; else a token.")] = "",
) -> None:
    """Train a model of slides on this machine, measure it, and make an algorithm of it.

    Beings are split first: the figures are of beings that the model never saw. Look at the card
    with `bigpicture algorithm card`, then publish the folder.
    """
    if out.exists():
        raise ConflictError("this folder exists.", place=out.name, remedy="Choose another.")
    console = Console(stderr=True)
    with Node(node) as door:
        door.greet()
        sign_in(door, user)
        job = find_job(door, which)
        found = bags(job, classes, candidates=candidates)
    training = Training(
        model=model, classes=found.classes, epochs=epochs, rate=rate, seed=seed
    )  # fmt: skip
    on = f"run {job.id} of {found.features} {found.version}"
    trained = _train(console, found, training, on=on, is_generated=is_generated, parts=parts)
    make_algorithm(
        trained,
        out,
        id=name,
        version=version,
        licence=licence,
        title=title,
        features=found.features,
        features_version=found.version,
    )
    _tell(console, found, trained, out)


def _train(
    console: Console,
    found: LabelledBags,
    training: Training,
    *,
    on: str,
    is_generated: bool,
    parts: str,
) -> Trained:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("epochs", total=training.epochs)
        return train(
            found.bags,
            training,
            on=on,
            is_generated=is_generated,
            parts=parts,
            seed=str(training.seed),
            groups={
                "stain": lambda bag: found.group("stain", bag),
                "scanner": lambda bag: found.group("scanner", bag),
            },
            tell=lambda epoch, _loss, _tuned: bar.update(task, completed=epoch + 1),
        )


def _tell(console: Console, found: LabelledBags, trained: Trained, out: Path) -> None:
    told = f"{len(found.bags):,} slides with a class"
    if found.unlabelled:
        told += f"; {found.unlabelled:,} without one were left out"
    console.print(f"{told}.", highlight=False)
    for each in figures(trained):
        console.print(f"{each.metric} of {each.output}: {plain(figure(each))}", highlight=False)
    console.print(f"[green]Wrote[/] {plain(str(out))}", highlight=False, soft_wrap=True)
    console.print(f"[dim]{RESEARCH_ONLY}[/]")
