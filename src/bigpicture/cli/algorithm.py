"""`bigpicture algorithm`: algorithms here and at a node; tested under a node's own limits."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bigpicture.analysis.adapt import Imported, import_foreign
from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.draw import draw_values
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.manifest import MANIFEST_NAME
from bigpicture.analysis.opening import opening_of
from bigpicture.analysis.package import pack_folder
from bigpicture.analysis.shipped import plugged, shipped
from bigpicture.analysis.try_out import try_out
from bigpicture.analysis.weights import check_weights
from bigpicture.analysis.write_manifest import write_manifest
from bigpicture.cli.algorithm_show import show_algorithms, show_failure, show_imported, show_tried
from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.algorithm import list_algorithms, publish_algorithm, show_algorithm
from bigpicture.client.node import Node
from bigpicture.model.algorithm import RESEARCH_ONLY, Algorithm, version_key
from bigpicture.model.errors import AlgorithmError, ConflictError, InputError
from bigpicture.model.policy import AccessTier
from bigpicture.phantom.slides import write_tiff
from bigpicture.phantom.tissue import Tissue

app = typer.Typer(no_args_is_help=True)

NodeAt = Annotated[str, typer.Option("--node", help="Address of the node, http(s)://…")]
User = Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Folder = Annotated[Path, typer.Argument(help=f"A folder with {MANIFEST_NAME} and the code.")]
_SIDE = 1024


@app.command("list")
def list_all(node: NodeAt = "", name: User = "", json: AsJson = False) -> None:
    """List algorithms: those of a node, or without one those that are installed here."""
    if node:
        with _door(node, name) as door:
            found = list_algorithms(door)
    else:
        found = [_card(each) for each in _installed()]
    if json:
        sys.stdout.write(to_json(found) + "\n")
    else:
        show_algorithms(Console(), found)


@app.command()
def show(
    algorithm: Annotated[str, typer.Argument(help="Its id.")],
    version: Annotated[str, typer.Argument(help="Of one version, all that is known.")] = "",
    node: NodeAt = "",
    name: User = "",
) -> None:
    """Show an algorithm, as JSON: at a node, or installed here."""
    if node:
        with _door(node, name) as door:
            told: Any = show_algorithm(door, algorithm, version)
    else:
        told = [
            _card(each)
            for each in _installed()
            if each.id == algorithm and version in ("", each.version)
        ]
        if not told:
            raise _not_here(algorithm)
    sys.stdout.write(to_json(told) + "\n")


@app.command()
def card(
    algorithm: Annotated[str, typer.Argument(help="Its id, or its folder.")],
    version: Annotated[str, typer.Argument(help="Of one version; else the newest.")] = "",
    node: NodeAt = "",
    name: User = "",
) -> None:
    """Print the model card: of a folder, of what is installed here, or at a node."""
    if node:
        with _door(node, name) as door:
            wanted = version or show_algorithm(door, algorithm)["version"]
            text = show_algorithm(door, algorithm, wanted)["card"]
    elif (Path(algorithm) / MANIFEST_NAME).is_file():
        text = card_text(open_folder(Path(algorithm)))
    else:
        text = card_text(_one_installed(algorithm, version))
    sys.stdout.write(text)


@app.command("test")
def try_folder(
    folder: Folder,
    slide: Annotated[
        Path | None, typer.Argument(help="A slide; without one, an invented one is made.")
    ] = None,
    parameter: Annotated[
        list[str], typer.Option("--set", help="A parameter, as name=value; may be repeated.")
    ] = [],  # noqa: B006 - Typer reads it, nobody changes it
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The picture to write, .png.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing picture.")] = False,
    json: AsJson = False,
) -> None:
    """Run an algorithm on a slide as a node would: the same walls, limits and checks.

    Shows what it gave, the seconds of each stage, and writes a picture of it
    over the slide. Where it fails, shows the reason and, because it runs on
    your own machine, the traceback.
    """
    installed = open_folder(folder)
    algorithm = installed.algorithm
    place = _picture_place(out or Path(f"{algorithm.id}-{algorithm.version}.png"), force=force)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="algorithm-") as made, _bar(console) as bar:
        work = Path(made).resolve()
        task = bar.add_task("making an invented slide" if slide is None else "reading", total=None)
        opener = opening_of(slide or _invented(work))
        (work / "scratch").mkdir()
        try:
            tried = try_out(
                installed,
                opener,
                parameters=_parameters(algorithm, parameter),
                folder=work,
                say=lambda what: bar.update(task, description=plain(f"running {what}")),
            )
        except AlgorithmError as error:
            bar.stop()
            show_failure(console, error)
            raise typer.Exit(1) from error
        bar.update(task, description="drawing")
        picture = draw_values(opener, tried.executed.values, folder=work / "scratch")
    _write(place, picture)
    show_tried(Console(), algorithm, tried, place, as_json=json)


@app.command()
def publish(
    folder: Folder,
    node: NodeAt,
    name: User = "",
    tier: Annotated[
        AccessTier, typer.Option(help="Who may run it: open, registered, controlled (by grant).")
    ] = AccessTier.CONTROLLED,
    listed: Annotated[bool, typer.Option("--listed", help="Everybody may know of it.")] = False,
    terms: Annotated[str, typer.Option(help="Its terms, in words.")] = "",
) -> None:
    """Publish a version at a node. It never changes afterwards; the first one's owner is you."""
    installed = open_folder(folder)
    check_weights(installed)
    package = pack_folder(folder)
    with _door(node, name) as door:
        made = publish_algorithm(door, package, tier=tier.value, is_listed=listed, terms=terms)
    Console(stderr=True).print(
        f"[bold]{plain(made['id'])} {plain(made['version'])}[/] is published.", highlight=False
    )
    sys.stdout.write(f"{made['digest']}\n")


@app.command("import")
def import_description(
    source: Annotated[
        Path,
        typer.Argument(
            help="An EMPAIA app description (.json), a Slicer CLI (.xml), or a MONAI bundle."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the manifest into.")],
) -> None:
    """Turn the description of an algorithm made for elsewhere into a manifest.

    What does not fit is told by field; the code that calls it is yours to write.
    """
    imported: Imported = import_foreign(source)
    place = out / MANIFEST_NAME
    if place.exists():
        raise ConflictError("there is a manifest already.", place=str(place))
    out.mkdir(parents=True, exist_ok=True)
    place.write_text(write_manifest(imported.algorithm), encoding="utf-8", newline="\n")
    show_imported(Console(stderr=True), imported, place)


def _installed() -> list[Algorithm]:
    """What came with this program and with packages beside it."""
    return [each.algorithm for each in (*shipped(), *plugged())]


def _one_installed(algorithm: str, version: str) -> Installed:
    """The newest of an id, or that version."""
    found = [
        each
        for each in (*shipped(), *plugged())
        if each.algorithm.id == algorithm and version in ("", each.algorithm.version)
    ]
    if not found:
        raise _not_here(algorithm)
    return max(found, key=lambda each: version_key(each.algorithm.version))


def _not_here(algorithm: str) -> InputError:
    return InputError(
        "no such algorithm is installed here.",
        place=algorithm[:80],
        rule="an id as `bigpicture algorithm list` tells, or the path of a folder",
        remedy="Name a --node for what is published there.",
    )


def _card(algorithm: Algorithm) -> dict[str, Any]:
    return {
        "id": algorithm.id,
        "version": algorithm.version,
        "title": algorithm.title,
        "licence": algorithm.licence,
        "outputs": [{"name": each.name, "kind": str(each.kind)} for each in algorithm.outputs],
        "parameters": {name: dict(schema) for name, schema in algorithm.parameters.items()},
        "digest": algorithm.digest,
        "research_use_only": RESEARCH_ONLY,
    }


def _parameters(algorithm: Algorithm, told: list[str]) -> dict[str, Any]:
    """`name=value` pairs, each read as its schema says."""
    found: dict[str, Any] = {}
    for each in told:
        name, is_pair, value = each.partition("=")
        kind = algorithm.parameters.get(name, {}).get("type")
        try:
            found[name] = _READERS[str(kind)](value) if is_pair else _READERS[""](value)
        except (KeyError, ValueError) as error:
            raise InputError(
                "this is no parameter of the algorithm, or of another type.",
                place=f"--set {plain(each)}",
                rule=", ".join(algorithm.parameters) or "it has none",
            ) from error
    return found


_READERS: dict[str, Any] = {
    "number": float,
    "integer": int,
    "string": str,
    "boolean": lambda text: {"true": True, "false": False}[text],
}


def _invented(folder: Path) -> Path:
    """A small invented slide with tissue."""
    place = folder / "invented.tiff"
    write_tiff(place, Tissue(seed=1, width=_SIDE, height=_SIDE, mpp=1.0))
    return place


def _picture_place(place: Path, *, force: bool) -> Path:
    if place.suffix.lower() != ".png" or not place.parent.is_dir():
        raise InputError("the picture is a .png in a folder that is there.", place=str(place))
    if place.exists() and not force:
        raise ConflictError(
            "this file exists.",
            place=place.name,
            remedy="Choose another name with --out, or write over it with --force.",
        )
    return place


def _write(place: Path, picture: bytes) -> None:
    half = place.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        half.write_bytes(picture)
        half.replace(place)
    finally:
        half.unlink(missing_ok=True)


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@contextmanager
def _door(address: str, name: str) -> Generator[Node]:
    with Node(address) as door:
        sign_in(door, name)
        yield door
