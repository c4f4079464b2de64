"""The passphrase of a backup, from the environment or the keyboard."""

from __future__ import annotations

import getpass
import os
import sys

from bigpicture.deidentify.backup import check_passphrase
from bigpicture.model.errors import InputError

PASSPHRASE_VARIABLE = "BIGPICTURE_PASSPHRASE"  # noqa: S105 - the name of a variable


def ask_passphrase(*, is_new: bool) -> str:
    """Read it; a new one is typed twice and must be long enough. Raises `InputError`."""
    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    if not passphrase:
        if not sys.stdin.isatty():
            raise InputError(
                "the backup needs a passphrase.", remedy=f"Put it into {PASSPHRASE_VARIABLE}."
            )
        passphrase = getpass.getpass("Passphrase of the backup: ")
        if is_new and getpass.getpass("Once more: ") != passphrase:
            raise InputError("the two passphrases differ.", remedy="Try again.")
    if is_new:
        check_passphrase(passphrase)
    return passphrase
