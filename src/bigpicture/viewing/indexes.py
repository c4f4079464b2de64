"""Frame indexes: taken out of the vault once, then mapped from the node's cache."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from bigpicture.dicom.index import FrameIndex
from bigpicture.model.errors import IntegrityError
from bigpicture.viewing.sealed import OpenSealed
from bigpicture.viewing.stored import StoredLevel

_PAIR_BYTES = 16


class IndexFolder:
    """A folder of at most about `most` bytes; processes share it. Blocks.

    An index says where compressed tiles lie and nothing of what they show, so it may lie open in
    the cache. What was opened longest ago goes first; who has it mapped keeps it.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        self._folder = folder
        self._most = most

    def open(self, level: StoredLevel, open_sealed: OpenSealed) -> FrameIndex:
        """The frame index of a level, put here at first.

        One of the wrong length (a torn write, a full disk) is made again.
        """
        path = self._folder / f"{sha256(level.index.encode()).hexdigest()[:40]}.frames"
        wanted = level.level.frame_count * _PAIR_BYTES
        try:
            is_whole = path.stat().st_size == wanted
            os.utime(path)
            index = FrameIndex.open(path) if is_whole else None
        except FileNotFoundError:  # never there, or another process made room
            index = None
        if index is None:
            _take_out(level, open_sealed, path, wanted)
            index = FrameIndex.open(path)
            self._make_room()
        return index

    def forget(self) -> None:
        """Remove all of them; who has one mapped keeps it."""
        for path in self._folder.glob("*.frames"):
            path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*.frames"):
            with suppress(FileNotFoundError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        size = sum(each for _, each, _ in found)
        for _, each, path in sorted(found):
            if size <= self._most:
                return
            path.unlink(missing_ok=True)
            size -= each


def _take_out(level: StoredLevel, open_sealed: OpenSealed, path: Path, wanted: int) -> None:
    source = open_sealed(level.index)
    if source.size != wanted:
        raise IntegrityError(
            f"the frame index has {source.size} bytes and should have {wanted}.",
            place=f"level {level.level.index}",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(f".{secrets.token_hex(6)}")
    try:
        written.write_bytes(source.read(0, wanted))
        os.replace(written, path)  # noqa: PTH105  atomic, and says so
    finally:
        written.unlink(missing_ok=True)
