"""`bigpicture unseal`: agree to open a seal; two different people have to."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.access.authenticate import authenticate
from bigpicture.access.seal import unseal
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.throttle import Throttle
from bigpicture.cli.settings import Config, Data, DatabaseUrl
from bigpicture.cli.sign_in import PASSWORD_VARIABLE
from bigpicture.model.errors import ForbiddenError, SignInError
from bigpicture.model.person import Permission
from bigpicture.settings import Settings
from bigpicture.storage.records import check_migrated, open_records


def command(
    seal: Annotated[str, typer.Argument(help="Its id (bigpicture seals).")],
    user: Annotated[str, typer.Option(help="Sign-in name of who agrees.")],
    reason: Annotated[str, typer.Option(help="For the record, without anybody's name.")],
    data: Data = None,
    config: Config = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Agree to open a seal: a steward or a member of a committee, and after them another.

    The password is read from BIGPICTURE_PASSWORD or the keyboard.
    """
    settings = Settings.load(config, data=data, database_url=database_url)
    files = SealFiles(settings.seals_folder)
    files.make()
    records = open_records(settings.records_url)
    try:
        check_migrated(records)
        person = authenticate(records, Throttle(), name=user, password=_password(user))
        if not person.may(Permission.SEAL_SET):
            raise ForbiddenError(
                "none of this person's roles may open a seal.",
                rule=str(Permission.SEAL_SET),
                remedy="Ask a steward of this node.",
            )
        waiting = unseal(records, files, seal, person=person.id, reason=reason)
    finally:
        records.close()
    told = "Open." if waiting is None else "It opens when another person agrees, too."
    Console(stderr=True).print(told, highlight=False)


def _password(user: str) -> str:
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and not sys.stdin.isatty():
        raise SignInError(
            f"the password of {user} is missing.", remedy=f"Put it into {PASSWORD_VARIABLE}."
        )
    return password or getpass.getpass(f"Password of {user}: ")
