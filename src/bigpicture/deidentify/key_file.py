"""The key file: where the secret of a site lies, for its owner's eyes only.

The secret stands in base 32 on a line of its own; lines that begin with # say when and for whom
it was made. A file of exactly 32 bytes is a secret too: so a node keeps its own.
"""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from platformdirs import user_config_dir

from bigpicture.model.errors import InputError, SettingsError
from bigpicture.system.files import IS_WINDOWS, create, sync_folder, write_through

KEY_BYTES = 32
_NAME, _MADE = "# name: ", "# made: "
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class SiteKey:
    """A secret with its place; `name` and `made` (a day) are for people, and may be empty."""

    secret: bytes = field(repr=False)
    place: Path
    name: str = ""
    made: str = ""
    is_raw: bool = False

    def to_text(self) -> str:
        """The lines of the file."""
        lines = [_NAME + self.name] if self.name else []
        lines += [_MADE + self.made] if self.made else []
        return "\n".join([*lines, base64.b32encode(self.secret).decode("ascii"), ""])


def default_key_path() -> Path:
    """Where the key of this person lies unless they say otherwise."""
    return Path(user_config_dir("bigpicture")) / "pseudonym.key"


def read_key(place: Path) -> SiteKey:
    """Read a key; raises `SettingsError` where others may read it or it is none."""
    try:
        with place.open("rb") as file:
            data = file.read(_LONGEST)
        mode = place.stat().st_mode
    except OSError as error:
        raise SettingsError(
            f"the pseudonym key cannot be read ({os.strerror(error.errno or 0)}).",
            place=str(place),
            remedy="Make one with `bigpicture site init`, restore it from its backup with "
            "`bigpicture site restore`, or name its file with --key.",
        ) from error
    if not IS_WINDOWS and mode & 0o077:
        raise SettingsError(
            "others may read the pseudonym key.",
            place=str(place),
            remedy=f"chmod 600 {place}",
        )
    if len(data) == KEY_BYTES:
        return SiteKey(data, place, is_raw=True)
    return _parsed(data, place)


def _parsed(data: bytes, place: Path) -> SiteKey:
    try:
        lines = [line.strip() for line in data.decode("utf-8").splitlines() if line.strip()]
        told = [line for line in lines if line.startswith("#")]
        (letters,) = (line for line in lines if not line.startswith("#"))
        secret = base64.b32decode(letters, casefold=True)
    except ValueError as error:
        raise SettingsError("this is no pseudonym key.", place=str(place)) from error
    if len(secret) != KEY_BYTES:
        raise SettingsError(
            f"a pseudonym key has {KEY_BYTES} bytes, this one {len(secret)}.", place=str(place)
        )
    return SiteKey(secret, place, name=_told(told, _NAME), made=_told(told, _MADE))


def _told(lines: list[str], heading: str) -> str:
    return next((line.removeprefix(heading) for line in lines if line.startswith(heading)), "")


def new_key(place: Path, *, name: str = "") -> SiteKey:
    """A new secret, not written yet."""
    return SiteKey(secrets.token_bytes(KEY_BYTES), place, name=name, made=today())


def today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 - a day as the person at the keyboard knows it


def add_key(key: SiteKey) -> bool:
    """Write a key where none is, whole or not at all, mode 0600; False where one was there.

    Of two processes that do so at once, one wins and the other finds its key.
    """
    if key.place.exists():
        return False
    temporary = write_draft(key)
    try:
        # A link fails where another process was first; its key stays.
        with suppress(FileExistsError):
            os.link(temporary, key.place)
            sync_folder(key.place.parent)
            return True
    except OSError as error:
        raise _unwritable(error, key.place) from error
    finally:
        temporary.unlink(missing_ok=True)
    return False


def write_draft(key: SiteKey) -> Path:
    """Write the file under a passing name beside its place, durably; the caller moves it."""
    temporary = draft_name(key.place)
    try:
        key.place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(temporary, key.to_text().encode("utf-8"))
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(error, key.place) from error
    return temporary


def write_new(place: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all, mode 0600, durably."""
    temporary = draft_name(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(temporary, data)
        os.link(temporary, place)
        sync_folder(place.parent)
    except OSError as error:
        raise InputError(
            f"the file cannot be written ({os.strerror(error.errno or 0)}).", place=str(place)
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(place: Path, data: bytes) -> None:
    with create(place) as stream:
        stream.write(data)
        write_through(stream)


def draft_name(place: Path) -> Path:
    """A passing name that no other process has."""
    return place.with_name(f".{place.name}.{secrets.token_hex(8)}")


def drafts(place: Path) -> list[Path]:
    """What a killed process left under passing names: each may hold a secret."""
    return sorted(place.parent.glob(f".{place.name}.*"))


def _unwritable(error: OSError, place: Path) -> InputError:
    return InputError(
        f"a pseudonym key cannot be made there ({os.strerror(error.errno or 0)}).",
        place=str(place),
        remedy="Name another file with --key.",
    )
