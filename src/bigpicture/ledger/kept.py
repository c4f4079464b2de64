"""The checkpoint kept beside the records: by it a node notices that its records went back in time.

A log signs no checkpoint that contradicts an earlier one (C2SP tlog-checkpoint). The records cannot
say what they were before a backup of last week was put in their place; a file outside them can.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from bigpicture.model.errors import StorageError
from bigpicture.system.files import create, sync_folder, write_through

_LONGEST = 1 << 16


class KeptCheckpoint:
    """The last note this machine signed, in a file of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str:
        """The note; empty where none was kept yet."""
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                return file.read(_LONGEST)
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise self._fault("read") from error

    def write(self, note: str) -> None:
        """Keep a note in the place of the last, durably: the old or the new, never half."""
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with create(draft) as file:
                file.write(note.encode())
                write_through(file)
            draft.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise self._fault("written") from error

    def _fault(self, act: str) -> StorageError:
        return StorageError(
            f"the kept checkpoint cannot be {act}.",
            place=str(self.path),
            remedy="Give the node's user this folder, then go on.",
        )
