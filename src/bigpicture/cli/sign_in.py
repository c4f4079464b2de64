"""Signing in from the command line: a token from the environment, or a name and its password."""

from __future__ import annotations

import getpass
import os
import sys

from bigpicture.client.node import TOKEN_VARIABLE, Node
from bigpicture.model.errors import SignInError

PASSWORD_VARIABLE = "BIGPICTURE_PASSWORD"  # noqa: S105 - the name of a variable


def sign_in(door: Node, name: str, *, is_needed: bool = True) -> None:
    """Sign in as `name`; without one, rest on a token.

    Raises `SignInError` where there is neither and somebody is needed.
    """
    if name:
        password = os.environ.get(PASSWORD_VARIABLE)
        if password is None and not sys.stdin.isatty():
            raise SignInError(
                f"the password of {name} is missing.", remedy=f"Put it into {PASSWORD_VARIABLE}."
            )
        ask_code = _ask_code if sys.stdin.isatty() else None
        password = password or getpass.getpass(f"Password of {name}: ")
        door.sign_in(name, password, ask_code=ask_code)
    elif is_needed and not os.environ.get(TOKEN_VARIABLE):
        raise SignInError(
            "nobody is signed in.",
            remedy=f"Put a token (portal, Account) into {TOKEN_VARIABLE}, or give --user.",
        )


def _ask_code() -> str:
    return getpass.getpass("Code of your second factor: ")
