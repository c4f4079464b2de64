"""Fetch: one file of a dataset, on from its last byte, under its name only when it is proven."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bigpicture.client.node import FailedError, Node
from bigpicture.client.remote import RemoteFile
from bigpicture.model.errors import (
    BigpictureError,
    ConflictError,
    ErasedError,
    InputError,
    IntegrityError,
    LimitError,
    StorageError,
    StorageFullError,
)
from bigpicture.model.file_name import is_plain_name
from bigpicture.system.files import BINARY, IS_WINDOWS, NO_LINK, read_at, sync_folder

PART = ".part"
_READ = 1 << 20
_PATIENCE = (0.2, 0.5, 1, 2, 4, 8, 15)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PARTIAL = 206


class StoppedError(Exception):
    """Another file's error, or the person, ended the run."""


class Progress(Protocol):
    """Told of bytes as they are read here again, and as they arrive; from several threads.

    `count` is negative where bytes that were told of are fetched again.
    """

    def checked(self, file: RemoteFile, count: int) -> None: ...

    def arrived(self, file: RemoteFile, count: int) -> None: ...

    def ended(self, file: RemoteFile) -> None: ...


@dataclass(slots=True)
class Downloaded:
    """What a run did; threads add to it."""

    kept: int = 0
    """Files that were here before."""
    new: int = 0
    received: int = 0
    """Bytes that came over the network."""
    undigested: int = 0
    """New files of which the node knows no digest: only their size was compared."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(slots=True)
class Fetch:
    """One file on its way into `folder`.

    It appears under its name when all of it is there and its SHA-256 is right; until then it grows
    as `.part`, and another run goes on at its last byte. What is here already is read and
    compared. One that differs stays and is a `ConflictError`: nothing of anybody's is overwritten.
    """

    node: Node
    file: RemoteFile
    folder: Path
    progress: Progress
    done: Downloaded
    stop: threading.Event

    def run(self) -> None:
        """Raises `BigpictureError`, or `StoppedError` once `stop` is set."""
        place = _place(self.folder, self.file)
        part = place.with_name(place.name + PART)
        try:
            if self._is_here(place):
                part.unlink(missing_ok=True)
                with self.done.lock:
                    self.done.kept += 1
                return
            try:
                self._fill_part(part)
            except ErasedError as error:
                part.unlink()
                raise _recalled(error, self.file) from error
            part.rename(place)
            sync_folder(place.parent)
        except OSError as error:
            raise unwritten(error, self.file.path) from error
        with self.done.lock:
            self.done.new += 1
            self.done.undigested += not self.file.sha256

    def _fill_part(self, part: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY | NO_LINK
        handle = os.open(part, flags, 0o644)
        try:
            self._fill(handle)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _is_here(self, place: Path) -> bool:
        """Whether the whole file is here; raises `ConflictError` where something else is."""
        if not place.exists():
            return False
        if place.is_file() and place.stat().st_size == self.file.size:
            digest = self._digest()
            with place.open("rb") as opened:
                self._read_again(opened.fileno(), digest)
            if digest.is_right:
                return True
        raise ConflictError(
            "another file of this name lies there.",
            place=self.file.path,
            remedy="Move it away if you changed it, remove it if it was damaged; "
            "then run the same command again.",
        )

    def _fill(self, out: int) -> None:
        """Append what is missing; what does not prove whole is fetched once more from its start."""
        for _ in range(2):
            digest = self._digest()
            if os.fstat(out).st_size > self.file.size or not self._has_same_header(out):
                os.ftruncate(out, 0)
            self._read_again(out, digest)
            self._fetch(out, digest)
            if digest.is_right:
                return
            os.ftruncate(out, 0)
            self.progress.arrived(self.file, -self.file.size)
        raise IntegrityError(
            "what arrived is not what the node's records say, twice.",
            place=self.file.path,
            rule="SHA-256",
            remedy="Tell the node's steward: it is damaged there, or on its way.",
        )

    def _fetch(self, out: int, digest: _Digest) -> None:
        """Append until the size is right; a node that is away for a while is waited for."""
        pauses = list(_PATIENCE)
        while (offset := os.fstat(out).st_size) < self.file.size:
            try:
                self._take(out, offset, digest)
            except (StorageError, LimitError) as error:
                if os.fstat(out).st_size > offset:
                    pauses = list(_PATIENCE)  # it moves
                if isinstance(error, StorageFullError | FailedError) or not pauses:
                    raise
                if self.stop.wait(pauses.pop(0)):
                    raise StoppedError from None

    def _take(self, out: int, offset: int, digest: _Digest) -> None:
        """One answer, appended as it arrives."""
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with self.node.stream(self.file.address, headers=headers) as answer:
            if offset and answer.status_code != _PARTIAL:
                raise FailedError("the node does not give parts of files.", place=self.file.path)
            for piece in answer.iter_raw():
                if self.stop.is_set():
                    raise StoppedError
                offset += len(piece)
                if offset > self.file.size:
                    raise FailedError("the node sends more than it said.", place=self.file.path)
                _write(out, piece)
                digest.add(piece)
                with self.done.lock:
                    self.done.received += len(piece)
                self.progress.arrived(self.file, len(piece))

    def _has_same_header(self, out: int) -> bool:
        """Whether a part that was sealed earlier was sealed for the same recipient and key."""
        begun = min(self.file.header_size, os.fstat(out).st_size)
        if not begun:
            return True
        headers = {"Range": f"bytes=0-{begun - 1}", "Accept-Encoding": "identity"}
        with self.node.stream(self.file.address, headers=headers) as answer:
            return answer.read() == read_at(out, begun, 0)

    def _read_again(self, handle: int, digest: _Digest) -> None:
        """Digest what is here already."""
        offset = 0
        while piece := read_at(handle, _READ, offset):
            if self.stop.is_set():
                raise StoppedError
            digest.add(piece)
            offset += len(piece)
            self.progress.checked(self.file, len(piece))

    def _digest(self) -> _Digest:
        return _Digest(self.file.sha256, self.file.header_size)


class _Digest:
    """The SHA-256 of a stream behind its first `skipped` bytes, and whether it is the expected."""

    def __init__(self, expected: str, skipped: int) -> None:
        self._expected = expected
        self._skipped = skipped
        self._digest = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        self._digest.update(memoryview(piece)[self._skipped :])
        self._skipped = max(0, self._skipped - len(piece))

    @property
    def is_right(self) -> bool:
        """Right as far as can be told: where nothing is expected, anything is."""
        return not self._expected or self._digest.hexdigest() == self._expected


def _recalled(error: ErasedError, file: RemoteFile) -> ErasedError:
    """What is erased at the node while it comes does not stay here by halves."""
    return ErasedError(
        error.what,
        place=file.path,
        remedy="What had come of it was removed. Delete what you have of it elsewhere.",
    )


def unwritten(error: OSError, path: str) -> BigpictureError:
    """Our error for what the disk here says."""
    if error.errno in _NO_ROOM:
        return StorageFullError(
            "there is no room left here.",
            place=path,
            remedy="Make room, then run the same command again: it goes on where it stopped.",
        )
    return StorageError(f"this cannot be written here ({error.strerror}).", place=path)


def _place(folder: Path, file: RemoteFile) -> Path:
    """Where a file belongs; its folders are made.

    Raises `InputError` where a link leads away, or where Windows would write to another name.
    """
    if IS_WINDOWS and not all(map(is_plain_name, file.path.split("/"))):
        raise InputError(
            "Windows can hold no file of this name.",
            place=file.path,
            remedy="Download it under Linux (on Windows: WSL).",
        )
    place = folder / file.path
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        is_inside = place.parent.resolve() == folder.resolve() / Path(file.path).parent
    except OSError as error:
        raise unwritten(error, file.path) from error
    part = place.with_name(place.name + PART)
    if not is_inside or place.is_symlink() or part.is_symlink():
        raise InputError(
            "a link stands in the way.",
            place=file.path,
            remedy="Download into a folder without links.",
        )
    return place


def _write(handle: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]
