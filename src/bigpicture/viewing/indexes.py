"""Frame indexes: taken out of the vault once, then mapped from the node's cache."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from bigpicture.dicom.index import FrameIndex
from bigpicture.model.errors import IntegrityError
from bigpicture.viewing.sealed import OpenSealed
from bigpicture.viewing.stored import StoredLevel

_PAIR_BYTES = 16


def open_index(level: StoredLevel, open_sealed: OpenSealed, folder: Path) -> FrameIndex:
    """The frame index of a level, mapped from `folder`, where it is put at first. Blocks.

    An index says where compressed tiles lie and nothing of what they show, so it may lie open in
    the cache. One of the wrong length (a torn write, a full disk) is made again.
    """
    path = folder / f"{sha256(level.index.encode()).hexdigest()[:40]}.frames"
    wanted = level.level.frame_count * _PAIR_BYTES
    if not path.exists() or path.stat().st_size != wanted:
        _take_out(level, open_sealed, path, wanted)
    return FrameIndex.open(path)


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
