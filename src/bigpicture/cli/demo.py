"""`bigpicture demo`: a node with two datasets, ready to click, in one command."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bigpicture.app.demo import (
    Account,
    grant_demo,
    prepare_demo,
    published_aliases,
    served,
    submit_demo,
)
from bigpicture.phantom.demo import demo_folders, real_folder
from bigpicture.settings import Settings


def command(
    data: Annotated[Path, typer.Option(help="Folder of the demo's node.")] = Path(".demo"),
    port: Annotated[int, typer.Option(help="TCP port.")] = 8080,
    slides: Annotated[
        Path | None, typer.Option(help="A folder of real slides to submit as a third dataset.")
    ] = None,
) -> None:
    """Make a node, invent two datasets, submit them through the front door, serve until stopped.

    The second start takes what the first one made.
    """
    settings = Settings.load(
        data=data, port=port, node_name="Bigpicture demo", second_factor="offered"
    )
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    accounts = prepare_demo(settings)
    with served(settings) as node:
        _fill(console, settings, accounts, slides)
        _show(console, settings, accounts)
        try:
            sys.exit(node.wait())
        except KeyboardInterrupt:
            console.print("\nStopping.")


def _fill(
    console: Console, settings: Settings, accounts: list[Account], slides: Path | None
) -> None:
    contributor = next(account for account in accounts if account.name == "contributor")
    there = published_aliases(settings)
    folders = demo_folders(settings.data / "contributor" / "datasets")
    if slides:
        folders = [*folders, real_folder(slides, settings.data / "contributor" / "real")]
    if not there:
        console.print("The first start invents slides for a minute or a few; later ones do not.")
    for folder in folders:
        if folder.alias in there:
            continue
        if not there:
            console.print(
                "The first start invents slides for a minute or a few; later ones do not."
            )
        console.rule(f"[bold]{folder.alias}")
        status = submit_demo(settings, folder.make(), contributor)
        if status:
            sys.exit(status)
    grant_demo(settings)


def _show(console: Console, settings: Settings, accounts: list[Account]) -> None:
    table = Table(box=None, padding=(0, 2))
    for heading in ("name", "password", "who"):
        table.add_column(heading, style="bold" if heading != "who" else "")
    for account in accounts:
        table.add_row(account.name, account.password, f"{account.role}: {account.about}")
    address = f"http://{settings.host}:{settings.port}"
    console.rule("[bold]Ready")
    console.print(f"\n  Open [bold link={address}]{address}[/]\n", highlight=False)
    console.print("  The rat study is open to everyone; the rest needs a grant. Sign in as:\n")
    console.print(table)
    console.print(f"\n  Data: {settings.data}   Stop: Ctrl-C\n", highlight=False)
    sys.stdout.flush()
