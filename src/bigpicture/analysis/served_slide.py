"""A served slide: sealed instances read by a child process that holds no key, and no plain file.

The parent opens what is sealed and answers, over a socket in a folder of its own, which bytes of
which instance are asked for. A slide of gigabytes is nowhere written open, and only what the
algorithm looks at is opened at all.
"""

from __future__ import annotations

import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.reader import SlideReader, reader_of
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.errors import BigpictureError, IntegrityError, StorageError
from bigpicture.model.source import ByteSource

LONGEST_READ = 256 << 20
_ASK = struct.Struct("<IQQ")
"""The instance's number, offset, length."""
_ANSWER = struct.Struct("<BQ")
"""Whether it is there, and how long it is."""
_COUNT = struct.Struct("<I")
_SIZE = struct.Struct("<Q")
_NAME = "slide"


class SlideOpener(Protocol):
    """Opens the slide where it is called; travels to a child by pickle."""

    def __call__(self) -> SlideReader: ...


class ServedSlide:
    """A slide that is being served; `fault` is what went wrong on this side first, if anything."""

    def __init__(self, sources: Sequence[ByteSource], folder: Path) -> None:
        self._sources = tuple(sources)
        self._path = folder / _NAME
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(self._path))
        self._listening.listen()
        self.fault: BigpictureError | None = None
        self.bytes_read = 0
        threading.Thread(target=self._accept, name="served slide", daemon=True).start()

    @property
    def opener(self) -> SlideOpener:
        """What a child calls to open the slide."""
        return partial(open_served, str(self._path))

    def close(self) -> None:
        """Let nobody read any more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(
                target=self._answer_all, args=(connection,), name="served slide", daemon=True
            ).start()

    def _answer_all(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the child may be gone at any time
            sizes = b"".join(_SIZE.pack(source.size) for source in self._sources)
            connection.sendall(_COUNT.pack(len(self._sources)) + sizes)
            while asked := _receive(connection, _ASK.size):
                number, offset, length = _ASK.unpack(asked)
                found = self._read(number, offset, length)
                if found is None:
                    connection.sendall(_ANSWER.pack(0, 0))
                else:
                    connection.sendall(_ANSWER.pack(1, len(found)))
                    connection.sendall(found)

    def _read(self, number: int, offset: int, length: int) -> bytes | None:
        if number >= len(self._sources) or length > LONGEST_READ:
            return None
        source = self._sources[number]
        if offset + length > source.size:
            return None
        try:
            found = source.read(offset, length)
        except BigpictureError as error:
            self.fault = self.fault or error
            return None
        except Exception as error:  # noqa: BLE001 - a store may raise what it likes
            told = StorageError(f"the slide could not be read ({type(error).__name__}).")
            self.fault = self.fault or told
            return None
        self.bytes_read += length
        return found


@contextmanager
def served(sources: Sequence[ByteSource]) -> Generator[ServedSlide]:
    """Serve the instances of a slide, finest first, while the block lasts."""
    # a short path: the name of a socket has at most 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="bigpicture-"))
    try:
        slide = ServedSlide(sources, folder)
        try:
            yield slide
        finally:
            slide.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_served(path: str) -> SlideReader:
    """Open a served slide, in the child; raises `IntegrityError` where it is served no longer."""
    line = _Line(path)
    instances = []
    for number, size in enumerate(line.sizes):
        source = ServedSource(line, number, size)
        instance = read_instance(source, place=f"level {number}")
        instances.append(TiledInstance(source, instance, build_index(source, instance)))
    return reader_of(instances)


class ServedSource:
    """One instance, read over the socket: a `ByteSource`. Threads take turns."""

    def __init__(self, line: _Line, number: int, size: int) -> None:
        self._line = line
        self._number = number
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        return self._line.ask(self._number, offset, length)


class _Line:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = threading.Lock()
        try:
            self._socket.connect(path)
            (count,) = _COUNT.unpack(_all_of(self._socket, _COUNT.size))
            sizes = _all_of(self._socket, count * _SIZE.size)
        except OSError as error:
            raise _gone() from error
        self.sizes = [size for (size,) in _SIZE.iter_unpack(sizes)]

    def ask(self, number: int, offset: int, length: int) -> bytes:
        with self._lock:
            try:
                self._socket.sendall(_ASK.pack(number, offset, length))
                is_there, size = _ANSWER.unpack(_all_of(self._socket, _ANSWER.size))
                found = _all_of(self._socket, size)
            except OSError as error:
                raise _gone() from error
        if not is_there:
            raise IntegrityError(
                "these bytes of the slide cannot be read.", place=f"level {number}"
            )
        return found


def _all_of(connection: socket.socket, length: int) -> bytes:
    found = _receive(connection, length)
    if len(found) < length:
        raise _gone()
    return found


def _receive(connection: socket.socket, length: int) -> bytes:
    """Exactly `length` bytes, or fewer where the other side has ended."""
    buffer = bytearray(length)
    view, at = memoryview(buffer), 0
    while at < length:
        got = connection.recv_into(view[at:])
        if not got:
            return bytes(view[:at])
        at += got
    return bytes(buffer)


def _gone() -> IntegrityError:
    return IntegrityError("the slide is not served any longer.")
