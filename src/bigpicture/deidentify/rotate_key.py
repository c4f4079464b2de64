"""Rotate: a new secret from now on; the old one stays readable under its fingerprint."""

from __future__ import annotations

import os
from pathlib import Path

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import SiteKey, new_key, read_key, write_draft
from bigpicture.model.errors import InputError, SettingsError
from bigpicture.system.files import sync_folder


def rotate_key(place: Path) -> tuple[SiteKey, SiteKey]:
    """Make a new key at `place`; returns the old key under its new name, and the new one.

    A kill at any moment leaves the old key or the new one at `place`, and no key is lost.
    """
    old = read_key(place)
    if old.is_raw:
        raise SettingsError(
            "this is the key of a node, not of a site.",
            place=str(place),
            rule="a node's keys are made by `bigpicture init`",
        )
    new = new_key(place, name=old.name)
    kept = retired_place(place, fingerprint_of(old.secret))
    draft = write_draft(new)
    try:
        if not kept.exists():
            os.link(place, kept)
        sync_folder(place.parent)
        draft.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        raise InputError(
            f"the key cannot be rotated ({os.strerror(error.errno or 0)}).", place=str(place)
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return read_key(kept), new


def retired_place(place: Path, fingerprint: str) -> Path:
    return place.with_name(f"{place.stem}-{fingerprint}{place.suffix}")


def retired_keys(place: Path) -> list[SiteKey]:
    """The keys that were rotated away from `place` and are still kept, the latest first."""
    found = [read_key(path) for path in place.parent.glob(f"{place.stem}-*{place.suffix}")]
    own = [key for key in found if key.place == retired_place(place, fingerprint_of(key.secret))]
    return sorted(own, key=lambda key: (key.made, str(key.place)), reverse=True)
