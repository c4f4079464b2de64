"""Seal files: a seal lies in a folder of its own, so that no database can undo it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from bigpicture.model.errors import StorageError
from bigpicture.model.seal import Seal, SealScope
from bigpicture.system.files import create, sync_folder, write_through

SUFFIX = ".seal"
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LONGEST = 1 << 16


class SealFiles:
    """One file a seal, written once: there or not there, also after a power cut.

    The folder is shared by every process of a machine. It needs no database to be written or read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> frozenset[str]:
        """Ids of the seals; raises `StorageError` where the folder cannot be read."""
        try:
            listed = [path.name for path in self.folder.iterdir()]
        except OSError as error:
            raise self._fault("read") from error
        return frozenset(name.removesuffix(SUFFIX) for name in listed if name.endswith(SUFFIX))

    def read(self, name: str) -> Seal | None:
        """A seal, or None where it was opened meanwhile; raises `StorageError` when damaged."""
        try:
            with self._path(name).open(encoding="utf-8") as file:
                return _of_json(name, json.loads(file.read(_LONGEST)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._fault("read") from error

    def write(self, seal: Seal) -> None:
        """Lay a seal down, durably; one of its id gives way. Raises `StorageError`."""
        if not _ID.fullmatch(seal.id):
            raise ValueError("a seal's id is a name")
        place = self._path(seal.id)
        draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        try:
            self.make()
            with create(draft) as file:
                file.write(json.dumps(_as_json(seal), indent=1).encode())
                write_through(file)
            draft.replace(place)
            sync_folder(self.folder)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise self._fault("written") from error

    def remove(self, name: str) -> None:
        """Take an opened seal away; raises `StorageError`."""
        try:
            self._path(name).unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as error:
            raise self._fault("written") from error

    def make(self) -> None:
        """Make the folder where there is none."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._fault("made") from error

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def _fault(self, act: str) -> StorageError:
        return StorageError(
            f"the seals cannot be {act}.",
            place=str(self.folder),
            remedy="Give the node's user this folder; until then everything counts as sealed.",
        )


def _as_json(seal: Seal) -> dict[str, str]:
    return {
        "scope": str(seal.scope),
        "of": seal.of,
        "reason": seal.reason,
        "since": seal.since.isoformat(),
        "by": seal.by,
    }


def _of_json(name: str, held: object) -> Seal:
    if not isinstance(held, Mapping):
        raise TypeError("a seal is an object")
    said = cast("Mapping[str, object]", held)
    since = datetime.fromisoformat(str(said["since"]))
    if since.tzinfo is None:
        raise ValueError("a moment has a time zone")
    return Seal(
        id=name,
        scope=SealScope(str(said["scope"])),
        of=str(said["of"]),
        reason=str(said["reason"]),
        since=since.astimezone(UTC),
        by=str(said["by"]),
    )
