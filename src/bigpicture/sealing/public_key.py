"""A recipient's public key, read without any library for sealing."""

from __future__ import annotations

from pathlib import Path

from bigpicture.model.errors import SettingsError
from bigpicture.sealing.armour import PUBLIC, dearmour
from bigpicture.sealing.segments import KEY


def load_public_key(path: Path) -> bytes:
    """Read a public key of 32 bytes; raises `SettingsError` when the file holds none."""
    try:
        key = dearmour(path.read_bytes(), PUBLIC)
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}.", place=str(path)) from error
    except ValueError as error:
        raise SettingsError(f"this is no public key: {error}.", place=str(path)) from error
    if len(key) != KEY:
        raise SettingsError("this is no public key: wrong length.", place=str(path))
    return key
