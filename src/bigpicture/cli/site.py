"""`bigpicture site`: the key of a site, from its making to its destruction."""

from __future__ import annotations

import csv
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.key_rights import tell_rights
from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.site_passphrase import ask_passphrase
from bigpicture.cli.site_show import (
    AFTER_INIT,
    AFTER_ROTATION,
    BEFORE_ROTATION,
    DESTRUCTION,
    as_json,
    files,
    show_key,
    show_notes,
    show_paper,
)
from bigpicture.deidentify.backup import read_backup, write_backup
from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.destroy_key import destroy_key, keys_here
from bigpicture.deidentify.key_file import (
    SiteKey,
    add_key,
    default_key_path,
    new_key,
    read_key,
    write_new,
)
from bigpicture.deidentify.paper_key import from_paper, to_paper
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rotate_key import retired_keys, rotate_key
from bigpicture.deidentify.signature import fingerprint_told, public_line
from bigpicture.model.allowance import DEVICE
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import ConflictError, InputError

app = typer.Typer(no_args_is_help=True)

_LONGEST_NAME = 64
_LONGEST_BACKUP = 1 << 16

Key = Annotated[
    Path | None,
    typer.Option("--key", help="File of the key.", show_default="this person's own"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class Kind(StrEnum):
    """What a pseudonym stands for; the domains that a conversion uses."""

    IMAGE = "image"
    PATIENT = "patient"
    CASE = "case"
    SPECIMEN = "specimen"
    BLOCK = "block"
    SLIDE = "slide"
    DEVICE = "device"
    UID = "uid"


_ENTITIES = {
    Kind.IMAGE: EntityKind.IMAGE,
    Kind.PATIENT: EntityKind.BEING,
    Kind.CASE: EntityKind.CASE,
    Kind.SPECIMEN: EntityKind.SPECIMEN,
    Kind.BLOCK: EntityKind.BLOCK,
    Kind.SLIDE: EntityKind.SLIDE,
}
"""The kinds whose aliases stand in the metadata of a dataset."""


@app.command()
def init(
    name: Annotated[
        str | None,
        typer.Option(help="Name of hospital or company; shown to you, written nowhere else."),
    ] = None,
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Make the one secret of this site.

    Pseudonyms, unique identifiers, shifted dates and the signature of reports
    come from it. It stays in a file that only you can read. There is one for
    a provider: its machines share it (`site backup`, `site restore`).
    """
    place = key or default_key_path()
    if place.exists():
        raise ConflictError(
            "there is a key already; a new one would give other pseudonyms.",
            place=str(place),
            remedy="`bigpicture site show` tells which; `bigpicture site rotate` makes a new one.",
        )
    if name is None and sys.stdin.isatty() and not json:
        name = str(typer.prompt("Name of this site (for you only)", default=""))
    made = new_key(place, name=_checked_name(name or ""))
    if not add_key(made):
        raise ConflictError("another command made a key at this moment.", place=str(place))
    tell_rights(Console(stderr=True), place)
    if json:
        _print(as_json(made))
    else:
        show_key(Console(), made, title="The key of this site is made", notes=AFTER_INIT)


@app.command()
def show(
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Print only the public key, as `ssh-keygen -Y verify` reads it."
        ),
    ] = False,
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Tell which key this site has; never the secret."""
    found = read_key(key or default_key_path())
    retired = retired_keys(found.place)
    if public:
        sys.stdout.write(public_line(found.secret))
    elif json:
        _print(as_json(found, retired))
    else:
        show_key(Console(), found, retired, title="The key of this site")


@app.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="File to write, sealed under a passphrase.")
    ] = None,
    paper: Annotated[
        bool,
        typer.Option("--paper", help="Print the secret itself, as four lines to be typed back."),
    ] = False,
    key: Key = None,
) -> None:
    """Copy the key to a file sealed under a passphrase, or to paper.

    The passphrase is read from BIGPICTURE_PASSPHRASE or the keyboard. Keep
    it apart from the file: each of them alone is useless. Paper is sealed by
    nothing: it goes into a safe.
    """
    found = read_key(key or default_key_path())
    if paper == (file is not None):
        raise InputError(
            "a backup goes to a file or to paper.", remedy="Name a file, or say --paper."
        )
    if file is None:
        show_paper(Console(), found, to_paper(found.secret))
        return
    if file.exists():
        raise ConflictError("this file exists.", place=str(file), remedy="Choose another name.")
    passphrase = ask_passphrase(is_new=True)
    data = write_backup(found, passphrase)
    read_backup(data, passphrase, place=found.place)  # it opens, and holds the key it names
    write_new(file, data)
    Console(stderr=True).print(
        f"The key [bold]{fingerprint_of(found.secret)}[/] is in {plain(str(file))}, sealed, and "
        "was read back from it.\nKeep it on another machine, and the passphrase apart from it.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def restore(
    file: Annotated[
        str, typer.Argument(help="A backup, or a text with the lines from paper; -: typed here.")
    ],
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Put the key back from its backup, on this machine or another.

    A key that is there already stays; another one is refused.
    """
    place = key or default_key_path()
    restored = _restored(_read(file), place)
    whose = fingerprint_of(restored.secret)
    if not add_key(restored) and fingerprint_of(read_key(place).secret) != whose:
        raise ConflictError(
            f"there is another key; the backup holds {whose}.",
            place=str(place),
            remedy="Name another file with --key.",
        )
    if json:
        _print(as_json(read_key(place)))
    else:
        notes = ["Compare the fingerprint with the one you wrote down."]
        show_key(Console(), read_key(place), title="The key is here", notes=notes)


@app.command()
def rotate(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Make a new key from now on; the old one is kept under its fingerprint.

    Do so where the key may have been seen by others, or where later slides
    shall not be joined with earlier ones. The same patient gets a new
    pseudonym: within one study, do not rotate.
    """
    place = key or default_key_path()
    read_key(place)
    if not yes:
        show_notes(Console(stderr=True), "What a new key changes", BEFORE_ROTATION)
        if not sys.stdin.isatty():
            raise InputError("nobody is there to agree.", remedy="Say --yes.")
        typer.confirm("Make a new key?", abort=True, err=True)
    _, new = rotate_key(place)
    if json:
        _print(as_json(new, retired_keys(place)))
    else:
        title = "A new key from now on"
        show_key(Console(), new, retired_keys(place), title=title, notes=AFTER_ROTATION)


@app.command()
def destroy(
    fingerprint: Annotated[
        str | None,
        typer.Argument(help="The fingerprint of the key, which proves that you mean it."),
    ] = None,
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Destroy a key on this machine, the present one or an earlier one.

    It cannot be undone but from a backup. The fingerprint must be typed.
    """
    place = key or default_key_path()
    if not keys_here(place):
        read_key(place)
    if fingerprint is None:
        if not sys.stdin.isatty():
            raise InputError("a key is destroyed by its fingerprint.", remedy="Name it.")
        show_notes(Console(stderr=True), "What it means to destroy a key", DESTRUCTION)
        fingerprint = typer.prompt("Fingerprint of the key to destroy", err=True)
    paths, left = destroy_key(place, fingerprint_told(fingerprint or ""))
    if json:
        _print({"destroyed": [str(path) for path in paths], "left": [as_json(one) for one in left]})
        return
    console = Console()
    console.print(f"Destroyed: {files(paths)}", highlight=False, soft_wrap=True)
    if left:
        console.print(f"Still here: {files([one.place for one in left])}", soft_wrap=True)
    show_notes(console, "What this means", DESTRUCTION)


@app.command()
def pseudonym(
    kind: Annotated[Kind, typer.Argument(help="What it is that has a pseudonym.")],
    value: Annotated[
        str,
        typer.Argument(
            help="Its own number or name; -: one on each line of the input, and CSV comes out."
        ),
    ],
    dataset: Annotated[
        str,
        typer.Option(
            help="Alias of the dataset whose metadata name it; else the name of the slide's file."
        ),
    ] = "",
    key: Key = None,
    json: AsJson = False,
) -> None:
    """Tell which pseudonym something has: for the one who may know both.

    A value on the command line stays in the shell's history; the input (-)
    does not. What this prints identifies: it stays at the site.
    """
    pseudonyms = Pseudonyms(read_key(key or default_key_path()).secret)
    values = [line.strip() for line in sys.stdin] if value == "-" else [value]
    found = [(each, _pseudonym(pseudonyms, kind, each, dataset)) for each in values if each]
    if json:
        _print([{"kind": kind, "value": each, "pseudonym": name} for each, name in found])
    elif value == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows([("value", "pseudonym"), *found])
    else:
        sys.stdout.write("".join(f"{name}\n" for _, name in found))


def _pseudonym(pseudonyms: Pseudonyms, kind: Kind, value: str, dataset: str) -> str:
    if kind is Kind.UID:
        return pseudonyms.uid(value)
    if kind is Kind.DEVICE:
        return pseudonyms.name(DEVICE, value.strip())
    if dataset:
        return pseudonyms.name(_ENTITIES[kind], f"{dataset}/{value}")
    return pseudonyms.name(kind, value)


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"a name is one line of at most {_LONGEST_NAME} characters.", place="--name"
        )
    return name


def _read(file: str) -> bytes:
    """A backup, from a file or the input; never more than one can be."""
    if file == "-":
        if sys.stdin.isatty():
            told = "Type the four lines, then end the input (Ctrl+D):"
            Console(stderr=True).print(told)
        return sys.stdin.buffer.read(_LONGEST_BACKUP)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(_LONGEST_BACKUP)
    except OSError as error:
        raise InputError(
            f"the backup cannot be read ({os.strerror(error.errno or 0)}).", place=file
        ) from error


def _restored(data: bytes, place: Path) -> SiteKey:
    """The key of a sealed backup, or of lines from paper."""
    if data.lstrip().startswith(b"{"):
        return read_backup(data, ask_passphrase(is_new=False), place=place)
    try:
        return from_paper(data.decode("utf-8"), place=place)
    except UnicodeDecodeError as error:
        raise InputError("this is no backup of a key.") from error


def _print(value: object) -> None:
    sys.stdout.write(to_json(value) + "\n")
