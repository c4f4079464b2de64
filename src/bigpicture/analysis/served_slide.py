"""A served slide: sealed instances read by a child process that holds no key, and no plain file.

The parent opens what is sealed and answers, through two named pipes in a folder of its own, which
bytes of which instance are asked for. A slide of gigabytes is nowhere written open, and only what
the algorithm looks at is opened at all. Pipes, because a child that runs what others wrote has no
sockets.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.reader import SlideReader, reader_of
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.errors import BigpictureError, IntegrityError, StorageError
from bigpicture.model.source import ByteSource

LONGEST_READ = 256 << 20
_PIPE_BYTES = 1 << 20
_ASK = struct.Struct("<IQQ")
"""The instance's number, offset, length: short enough that a write of it is never torn."""
_SIZES = 0xFFFFFFFF
"""Asked in the place of a number: how long each instance is."""
_ANSWER = struct.Struct("<BQ")
"""Whether it is there, and how long it is."""
_SIZE = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class ServedOpener:
    """Opens the slide where it is called; travels to a child by pickle.

    The child must be let `readable` and `writable`, and nothing else of the folder.
    """

    ask: Path
    answer: Path

    @property
    def readable(self) -> tuple[Path, ...]:
        return (self.answer,)

    @property
    def writable(self) -> tuple[Path, ...]:
        return (self.ask,)

    def __call__(self) -> SlideReader:
        """Open it; raises `IntegrityError` where it is not served, `SlideError`."""
        line = _Line(self.ask, self.answer)
        instances: list[TiledInstance] = []
        for number, size in enumerate(line.sizes):
            source = ServedSource(line, number, size)
            instance = read_instance(source, place=f"level {number}")
            instances.append(TiledInstance(source, instance, build_index(source, instance)))
        return reader_of(instances)


class ServedSlide:
    """A slide that is being served; `fault` is what went wrong on this side first, if anything."""

    def __init__(self, sources: Sequence[ByteSource], folder: Path) -> None:
        self._sources = tuple(sources)
        self.opener = ServedOpener(folder / "ask", folder / "answer")
        for pipe in (self.opener.ask, self.opener.answer):
            os.mkfifo(pipe, 0o600)
        # Both ends of both: no open waits for the other side, and none sees an end too early.
        self._ask = os.open(self.opener.ask, os.O_RDWR | os.O_NONBLOCK)
        self._answer = os.open(self.opener.answer, os.O_RDWR | os.O_NONBLOCK)
        with suppress(OSError, AttributeError):  # smaller pipes do as well
            fcntl.fcntl(self._answer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._awake, self._wake = os.pipe()
        self.fault: BigpictureError | None = None
        self.bytes_read = 0
        self._thread = threading.Thread(target=self._serve, name="served slide", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let nobody read any more."""
        os.write(self._wake, b"e")
        self._thread.join()
        for end in (self._ask, self._answer, self._awake, self._wake):
            os.close(end)

    def _serve(self) -> None:
        while (asked := self._hear(_ASK.size)) is not None:
            number, offset, length = _ASK.unpack(asked)
            found = self._find(number, offset, length)
            head = _ANSWER.pack(found is not None, len(found or b""))
            if not (self._tell(head) and self._tell(found or b"")):
                return

    def _hear(self, length: int) -> bytes | None:
        heard = b""
        while len(heard) < length:
            ready, _, _ = select.select([self._ask, self._awake], [], [])
            if self._awake in ready:
                return None
            with suppress(BlockingIOError):
                heard += os.read(self._ask, length - len(heard))
        return heard

    def _tell(self, data: bytes) -> bool:
        left = memoryview(data)
        while left:
            ends, ready, _ = select.select([self._awake], [self._answer], [])
            if ends:
                return False
            if ready:
                with suppress(BlockingIOError):
                    left = left[os.write(self._answer, left) :]
        return True

    def _find(self, number: int, offset: int, length: int) -> bytes | None:
        if number == _SIZES:
            return b"".join(_SIZE.pack(source.size) for source in self._sources)
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
def served(sources: Sequence[ByteSource], folder: Path) -> Generator[ServedSlide]:
    """Serve the instances of a slide, finest first, from an empty folder, while the block lasts."""
    slide = ServedSlide(sources, folder)
    try:
        yield slide
    finally:
        slide.close()
        for pipe in (slide.opener.ask, slide.opener.answer):
            pipe.unlink(missing_ok=True)


class ServedSource:
    """One instance, read through the pipes: a `ByteSource`. Threads take turns."""

    def __init__(self, line: _Line, number: int, size: int) -> None:
        self._line = line
        self._number = number
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise IntegrityError(
                "this is past the end of the slide.", place=f"level {self._number}"
            )
        found = bytearray()
        while len(found) < length:
            some = min(LONGEST_READ, length - len(found))
            found += self._line.ask(self._number, offset + len(found), some)
        return bytes(found)


class _Line:
    """The child's ends. They belong to the process that opened them: two would mix answers."""

    def __init__(self, ask: Path, answer: Path) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        try:
            self._ask = os.open(ask, os.O_WRONLY | os.O_NONBLOCK)
            self._answer = os.open(answer, os.O_RDONLY)
        except OSError as error:
            raise IntegrityError("the slide is not served any longer.") from error
        os.set_blocking(self._ask, True)
        sizes = self.ask(_SIZES, 0, 0)
        self.sizes = [size for (size,) in _SIZE.iter_unpack(sizes)]

    def ask(self, number: int, offset: int, length: int) -> bytes:
        if os.getpid() != self._process:
            raise IntegrityError(
                "a slide is read in the process that it was given to.",
                remedy="Read the pixels first, or use threads.",
            )
        with self._lock:
            os.write(self._ask, _ASK.pack(number, offset, length))
            is_there, size = _ANSWER.unpack(self._hear(_ANSWER.size))
            found = self._hear(size)
        if not is_there:
            raise IntegrityError(
                "these bytes of the slide cannot be read.", place=f"level {number}"
            )
        return found

    def _hear(self, length: int) -> bytes:
        buffer = bytearray(length)
        view, at = memoryview(buffer), 0
        while at < length:
            got = os.readv(self._answer, [view[at:]])
            if not got:
                raise IntegrityError("the slide is not served any longer.")
            at += got
        return bytes(buffer)
