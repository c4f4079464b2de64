"""The commands, loaded by name so that the light install runs without the server's libraries."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bigpicture import __version__
from bigpicture.model.errors import BigpictureError

COMMANDS = {
    "prepare": "Make a dataset out of slides and a table: nobody writes XML.",
    "submit": "Hand a dataset folder to a node and follow it.",
    "search": "Find images at a node by one question.",
    "cohort": "Save a question; freeze, split, compare and export its images.",
    "run": "Run an algorithm over a cohort at a node, and follow it.",
    "runs": "Your runs at a node: list, watch, slides, results, provenance, cancel.",
    "quality": "Report on a dataset: who is in it, how good it is, what gives sites away.",
    "policy": "What a dataset may be used for, and whether a use would be allowed.",
    "download": "Take datasets or images away, proven whole.",
    "validate": "Check a dataset folder against the Bigpicture standard.",
    "sources": "Turn an export of FHIR or a laboratory system into the table of slides.",
    "standard": "Show what the standard asks for, row by row.",
    "metaflex": "Convert a dataset folder to another version of the exchange format.",
    "convert": "Turn vendor slides into de-identified DICOM.",
    "site": "The key of a site: make it, back it up, rotate it, destroy it.",
    "deidentify": "Judge DICOM files, and write the report that a person signs.",
    "slide": "Look at a slide: what it is, a picture, whether it is whole.",
    "algorithm": "Algorithms: list, test under a node's limits, publish, import.",
    "duplicates": "Find slides that are one glass, whatever dataset each is in.",
    "train": "Train a model of slides from features, and make an algorithm of it.",
    "phantom": "Make invented slides and datasets with exact truth.",
    "demo": "Run a node with two invented datasets, ready to click.",
    "init": "Set a node up: keys, tables, first steward.",
    "serve": "Run a node.",
    "worker": "Run a node's workflows in a process of their own.",
    "catalogue": "A snapshot of what is open; invented records to measure by.",
    "keys": "The keys of a node: show, rotate, wrap; erase a subject by destroying its key.",
    "ledger": "The tamper-evident record of events: verify, export, erase.",
    "seal": "Close a node or a part of it at once; works without its database.",
    "unseal": "Agree to open a seal; it opens when a second person does.",
    "seals": "What of a node is sealed.",
    "migrate": "Bring a node's tables to this release.",
}
"""Each command is the function `command` (or the Typer app `app`) of the module of its name."""


def build(wanted: str | None) -> typer.Typer:
    """Make the program; only the module of the `wanted` command is imported."""
    program = typer.Typer(
        name="bigpicture",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    program.callback()(_main)
    for name, sentence in COMMANDS.items():
        if wanted == name:
            module = import_module(f"bigpicture.cli.{name.replace('-', '_')}")
            if hasattr(module, "app"):
                program.add_typer(module.app, name=name, help=sentence)
            else:
                program.command(name=name, short_help=sentence)(module.command)
        else:
            program.command(name=name, help=sentence)(_not_loaded)
    return program


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bigpicture {__version__}")
        raise typer.Exit


def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A repository for whole-slide images of pathology."""


def _not_loaded() -> None:
    """Stand in for a command that was not asked for."""


def run() -> None:
    """Run the program; our own errors end in one readable line and status 1."""
    _speak_utf8()
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        build(wanted)()
    except BigpictureError as error:
        _tell(error)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("\nStopped.")
        sys.exit(130)
    except ModuleNotFoundError as error:
        extra = (
            "node"
            if wanted
            in {
                "serve",
                "init",
                "worker",
                "migrate",
                "keys",
                "catalogue",
                "ledger",
                "seal",
                "unseal",
                "seals",
            }
            else "ai"
            if wanted == "train"
            else "slides"
        )
        if error.name is None or error.name.startswith("bigpicture"):
            raise
        Console(stderr=True).print(
            f"This command needs the library {error.name}: pip install 'bigpicture\\[{extra}]'"
        )
        sys.exit(1)


def _speak_utf8() -> None:
    """What goes into a file or a pipe is UTF-8 on every system, as JSON asks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")


def _tell(error: BigpictureError) -> None:
    console = Console(stderr=True)
    for each in (*error.errors, error):
        console.print(
            f"[bold red]{type(each).__name__.removesuffix('Error')}:[/] {escape(str(each))}",
            highlight=False,
        )
