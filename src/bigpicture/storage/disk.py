"""Objects in a folder of this machine, durable and never half visible.

obstore's LocalStore syncs neither file nor folder (seen with strace) and takes 75 µs where a
pread takes 4: so the folder is ours. See docs/decisions/0051.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bigpicture.model.errors import StorageError
from bigpicture.storage.place import Range, Stored, full, missing, short, taken

_WRITING = ".writing"  # keys never begin with a dot
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CHUNK = 1 << 20


class DiskPlace:
    """A folder. Several processes may share it.

    An object is written under `.writing/`, synced, then linked to its name, then the folder is
    synced: a kill or a power cut leaves it whole or absent (or as it was, when overwritten).
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._writing = root / _WRITING
        with _told(str(root)):
            _make_folder(self._writing)

    def put(self, key: str, chunks: Iterable[bytes], *, if_absent: bool) -> int:
        target = self._root / key
        if if_absent and self.size(key) is not None:
            raise taken(key)
        size = 0
        with self._draft(key) as (descriptor, draft):
            for chunk in chunks:  # what the stream raises is the caller's, not ours
                with _told(key):
                    _write(descriptor, chunk)
                size += len(chunk)
            with _told(key):
                os.fsync(descriptor)
                _make_folder(target.parent)
                if if_absent:
                    _link(draft, target, key)
                else:
                    draft.rename(target)
                _sync_folder(target.parent)
        return size

    def get(self, key: str) -> bytes:
        with _told(key):
            return (self._root / key).read_bytes()

    def get_ranges(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        # Inlined error handling: this is the path of every tile, and a context manager costs
        # as much as the read.
        try:
            descriptor = os.open(f"{self._root}/{key}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                return [_read(descriptor, offset, length, key) for offset, length in ranges]
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _translate(error, key) from error

    def stream(self, key: str) -> Iterator[bytes]:
        with _told(key), (self._root / key).open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def size(self, key: str) -> int | None:
        with _told(key):
            try:
                return (self._root / key).stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                return None

    def delete(self, key: str) -> None:
        path = self._root / key
        with _told(key), suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            _sync_folder(path.parent)  # or a power cut would bring it back

    def list(self, prefix: str) -> Iterator[Stored]:
        with _told(prefix):
            for folder, names, files in os.walk(self._root / prefix):
                if _WRITING in names:
                    names.remove(_WRITING)
                for name in files:
                    path = Path(folder, name)
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        status = path.stat()
                        yield Stored(
                            path.relative_to(self._root).as_posix(),
                            status.st_size,
                            datetime.fromtimestamp(status.st_mtime, UTC),
                        )

    def sweep(self) -> int:
        swept = 0
        with _told(str(self._writing)):
            for draft in self._writing.iterdir():
                with suppress(FileNotFoundError, BlockingIOError):
                    swept += _sweep_one(draft)
        return swept

    async def get_async(self, key: str) -> bytes:
        return self.get(key)

    async def get_ranges_async(self, key: str, ranges: Sequence[Range]) -> list[bytes]:
        # A thread costs 110 µs, a pread from the page cache 4: read in place.
        return self.get_ranges(key, ranges)

    @contextmanager
    def _draft(self, key: str) -> Generator[tuple[int, Path]]:
        """A new file, locked for as long as its writer lives: what `sweep` goes by."""
        with _told(key):
            draft, descriptor = self._open_draft()
        try:
            yield descriptor, draft
        finally:
            with suppress(OSError):  # what is left is swept; it must not hide the real error
                draft.unlink(missing_ok=True)
            os.close(descriptor)

    def _open_draft(self) -> tuple[Path, int]:
        while True:
            draft = self._writing / secrets.token_hex(16)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if draft.exists():
                return draft, descriptor
            os.close(descriptor)  # swept between open and lock


def _sweep_one(draft: Path) -> int:
    descriptor = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while the writer lives
        draft.unlink()
    finally:
        os.close(descriptor)
    return 1


def _write(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, offset: int, length: int, key: str) -> bytes:
    data = os.pread(descriptor, length, offset)
    if len(data) == length:
        return data
    parts = [data]
    got = len(data)
    while got < length:
        part = os.pread(descriptor, length - got, offset + got)
        if not part:
            raise short(key)
        parts.append(part)
        got += len(part)
    return b"".join(parts)


def _link(draft: Path, target: Path, key: str) -> None:
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise taken(key) from None


def _make_folder(folder: Path) -> None:
    """Make `folder` and its parents; each new name is synced into the folder that holds it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(place: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _translate(error, place) from error


def _translate(error: OSError, place: str) -> StorageError:
    if error.errno in _NO_ROOM:
        return full(place)
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return missing(place)
    return StorageError(f"the object store failed: {error.strerror}.", place=place)
