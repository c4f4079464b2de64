"""`bigpicture init`: make a node's keys, tables and first steward."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.app.initialise import initialise
from bigpicture.cli.settings import Config, Data, DatabaseUrl, Endpoint, ObjectStore
from bigpicture.model.errors import InputError
from bigpicture.settings import Settings

PASSWORD_VARIABLE = "BIGPICTURE_PASSWORD"  # noqa: S105 - the name of a variable


def command(
    steward: Annotated[str, typer.Option(help="Sign-in name of the first steward.")] = "steward",
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
    object_store: ObjectStore = None,
    endpoint: Endpoint = None,
) -> None:
    """Set a node up. What is there already stays, so this may be repeated.

    The steward's password is read from BIGPICTURE_PASSWORD or the keyboard.
    """
    settings = Settings.load(
        config,
        data=data,
        database_url=database_url,
        object_store=object_store,
        object_store_endpoint=endpoint,
    )
    made = initialise(settings, steward=steward, password=_password(steward))
    console = Console(stderr=True)
    if made:
        console.print(f"Steward [bold]{made.name}[/] may sign in.")
    else:
        console.print("The node has people already; nobody was added.")
    console.print(f"Keys: {settings.keys}", highlight=False)
    console.print(
        "Back that folder up now, apart from everything else: without it, nothing that the node "
        "keeps can be opened.",
    )
    console.print(f"Keys of subjects: {settings.key_store_url}", highlight=False)
    console.print(
        "Those never belong in a backup that you cannot erase from: destroying one closes a "
        "subject's slides in every copy. docs/operate.md says how to keep them.",
    )


def _password(steward: str) -> str:
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and sys.stdin.isatty():
        password = getpass.getpass(f"New password of {steward}: ")
        if getpass.getpass("Once more: ") != password:
            raise InputError("the two passwords differ.", remedy="Try again.")
    if not password:
        raise InputError(
            "the steward needs a password.", remedy=f"Put it into {PASSWORD_VARIABLE}."
        )
    return password
