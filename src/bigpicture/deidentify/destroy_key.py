"""Destroy: a secret is written over and removed, in every file that holds it here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import SiteKey, draft_name, drafts, read_key
from bigpicture.deidentify.rotate_key import retired_keys
from bigpicture.model.errors import InputError, SettingsError, UnknownError
from bigpicture.system.files import sync_folder, write_through


def keys_here(place: Path) -> list[SiteKey]:
    """The key at `place`, where there is one, and those that were rotated away from there."""
    present = [read_key(place)] if place.exists() else []
    return [*present, *retired_keys(place)]


def destroy_key(place: Path, fingerprint: str) -> tuple[list[Path], list[SiteKey]]:
    """Destroy the key with this fingerprint; returns the files that held it and the keys left.

    What a killed command left under passing names goes as well. A file system that writes
    elsewhere than it wrote before (most on flash) may keep the old block for a while; backups are
    not reached. Raises `UnknownError` where no key here has this fingerprint.
    """
    found = [key.place for key in keys_here(place) if fingerprint_of(key.secret) == fingerprint]
    left = {draft: _fingerprint(draft) for draft in drafts(place)}
    found += [draft for draft, whose in left.items() if whose == fingerprint]
    if not found:
        raise UnknownError(
            "no key here has this fingerprint.",
            place=str(place),
            remedy="`bigpicture site show` tells the fingerprints of the keys that lie here.",
        )
    found += [draft for draft, whose in left.items() if not whose]
    for path in found:
        _wipe(path, place)
    sync_folder(place.parent)
    return found, keys_here(place)


def _fingerprint(draft: Path) -> str:
    """Whose secret a passing file holds; nothing where it holds no whole one."""
    try:
        return fingerprint_of(read_key(draft).secret)
    except SettingsError:
        return ""


def _wipe(path: Path, place: Path) -> None:
    """Take it away from its name first: what a kill leaves is found as a draft and finished."""
    doomed = draft_name(place)
    try:
        path.replace(doomed)
        with doomed.open("r+b") as file:
            size = doomed.stat().st_size
            for fill in (secrets.token_bytes(size), bytes(size)):
                file.seek(0)
                file.write(fill)
                write_through(file)
        doomed.unlink()
    except OSError as error:
        raise InputError(
            f"the key cannot be destroyed ({os.strerror(error.errno or 0)}).",
            place=str(path),
            remedy="Check that you may write there, then run the same command again.",
        ) from error
