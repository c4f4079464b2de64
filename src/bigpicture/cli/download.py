"""`bigpicture download`: take datasets or images away, proven whole, in Bigpicture's folders."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal

from bigpicture.cli.download_bars import Bars
from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.sign_in import sign_in
from bigpicture.client.download import bytes_here, download
from bigpicture.client.node import Node
from bigpicture.client.remote import RemoteFile, list_remote, read_wanted
from bigpicture.model.errors import InputError
from bigpicture.sealing.public_key import load_public_key


def command(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ACCESSION|MANIFEST",
            help="A dataset, an image, a cohort, or a text file that lists some, one on each line.",
        ),
    ],
    node: Annotated[str, typer.Option(help="Address of the node, http(s)://…")],
    name: Annotated[str, typer.Option("--user", help="Sign-in name; else a token is used.")] = "",
    to: Annotated[Path, typer.Option(help="Where the folder DATASET_… is put.")] = Path(),
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only files whose path fits, such as 'METADATA/*'; may be repeated."),
    ] = None,
    recipient: Annotated[
        Path | None,
        typer.Option(help="A Crypt4GH public key: files come sealed for it, as .c4gh."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="Files at once.")] = 4,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say what was done as JSON, for programs.")
    ] = False,
) -> None:
    """Take datasets or images away. The node records what was delivered to whom.

    Interrupted? Run the same command again: it goes on at the last byte, and reads what is here
    to prove it. Each file gets its name only when its SHA-256 is right. Open datasets need nobody
    to sign in; else the token is read from BIGPICTURE_TOKEN, or with --user the password from
    BIGPICTURE_PASSWORD or the keyboard.
    """
    console = Console(stderr=True)
    wanted = read_wanted(what)
    key = load_public_key(recipient) if recipient else None
    try:
        with Node(node, on_wait=lambda: console.print("Waiting for the node …")) as door:
            door.greet()
            sign_in(door, name, is_needed=False)
            with console.status("Asking what there is …"):
                listed = list_remote(door, wanted, recipient=key)
            files = _chosen(listed, only or [])
            with Bars(console, files, here=bytes_here(files, to)) as bars:
                done = download(door, files, to, progress=bars, jobs=jobs)
    except KeyboardInterrupt:
        console.print("\nStopped. What arrived is kept: run the same command again.")
        sys.exit(130)
    folders = sorted({file.path.partition("/")[0] for file in files})
    if as_json:
        typer.echo(
            to_json(
                {
                    "folders": [str(to / folder) for folder in folders],
                    "files": len(files),
                    "size": sum(file.size for file in files),
                    "new": done.new,
                    "kept": done.kept,
                    "received": done.received,
                    "undigested": done.undigested,
                }
            )
        )
        return
    before = f", {done.kept:,} of them here before" if done.kept else ""
    size = decimal(sum(file.size for file in files))
    for folder in folders:
        console.print(f"[bold green]Here:[/] {plain(str(to / folder))}", highlight=False)
    console.print(f"{len(files):,} files, {size}{before}; {decimal(done.received)} received.")
    if done.undigested:
        console.print(
            f"Of {done.undigested:,} the node knows no digest of what it sealed: their size was "
            "compared, and opening them proves the rest."
        )
    else:
        console.print("The SHA-256 of each is as the node's records say.")


def _chosen(files: Sequence[RemoteFile], patterns: Sequence[str]) -> list[RemoteFile]:
    """Files whose path inside their dataset fits one of the patterns; all where there is none."""
    chosen = [
        file
        for file in files
        if not patterns
        or any(fnmatchcase(file.path.partition("/")[2], pattern) for pattern in patterns)
    ]
    if files and not chosen:
        raise InputError(
            "no file fits.",
            place="--only",
            rule="paths such as METADATA/dataset.xml and IMAGES/IMAGE_…/….dcm",
        )
    return chosen
