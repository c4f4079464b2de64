"""The second reader of what was written: it knows nothing of the writer, nor of our own reader.

pydicom reads the header, and the frames are found by walking the items of the pixel data, block
after block, while the whole file is hashed beside it.
"""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from bigpicture.dicom.frame_digest import FrameDigest, Kind
from bigpicture.dicom.syntax import NATIVE, frame_media_type
from bigpicture.model.errors import IntegrityError
from bigpicture.model.merkle import DIGEST_BYTES, merkle_root, split_digests

BLOCK = 1 << 20
_ITEM = struct.Struct("<HHI")
_ITEM_TAG, _END_TAG = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
_UNDEFINED = 0xFFFFFFFF
_KINDS = {
    "image/jpeg": Kind.JPEG,
    "image/jp2": Kind.JPEG_2000,
    "image/jphc": Kind.JPEG_2000,
    "image/jls": Kind.JPEG_LS,
}


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What lies on disk: length, SHA-256 of the file, and the digest of each frame, joined."""

    size: int
    sha256: str
    frame_digests: bytes | bytearray

    @property
    def frames_root(self) -> str:
        """The Merkle root over the frames' digests, in hexadecimal."""
        return merkle_root(split_digests(self.frame_digests)).hex()


def kind_of(transfer_syntax: str) -> Kind:
    """How frames of a transfer syntax are digested."""
    return _KINDS.get(frame_media_type(transfer_syntax), Kind.BYTES)


def witness_instance(
    path: Path, *, place: str = "", sha256: Callable[[], str] | None = None
) -> Witnessed:
    """Read an instance as a stranger would; its frames lie in one fragment each.

    The whole file is hashed beside, unless another process does: then `sha256` waits for it.

    Raises `IntegrityError` naming `place` where frames are missing, where the extended offset table
    does not fit them, and where a JPEG scan has markers inside, which could carry anything.
    """
    with path.open("rb") as file:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        start = file.tell()
        syntax = str(header.file_meta.TransferSyntaxUID)
        return _Walk(file, header, syntax, place or path.name, sha256).read(start)


class _Walk:
    """One pass over a file."""

    def __init__(
        self,
        file: BinaryIO,
        header: Dataset,
        syntax: str,
        place: str,
        sha256: Callable[[], str] | None,
    ) -> None:
        self._file = file
        self._header = header
        self._is_native = syntax in NATIVE
        self._kind = kind_of(syntax)
        self._digest = FrameDigest(self._kind)
        self._place = place
        self._count = int(header.get("NumberOfFrames", None) or 1)
        self._digests = bytearray()
        self._starts = array("Q")
        self._lengths = array("Q")
        self._whole = hashlib.sha256()
        self._elsewhere = sha256

    def read(self, start: int) -> Witnessed:
        self._file.seek(0)
        with ThreadPoolExecutor(1) as beside:
            self._beside = beside
            self._hashing: Future[None] | None = None
            self._scanning: Future[bool] | None = None
            self._hash(self._file.read(start))
            first = self._pixels(start)
            while block := self._take():
                del block
            self._settle()
            size = self._file.tell()
        if len(self._digests) != DIGEST_BYTES * self._count:
            raise self._wrong(
                f"{len(self._digests) // DIGEST_BYTES} of {self._count} frames are there"
            )
        self._check_table(first)
        sha256 = self._elsewhere or self._whole.hexdigest
        return Witnessed(size, sha256(), self._digests)

    def _take(self) -> bytes:
        """The next block; it is hashed beside the walk."""
        block = self._file.read(BLOCK)
        self._hash(block)
        return block

    def _hash(self, data: bytes) -> None:
        """Go on hashing beside the walk; one block waits at most, so that memory is bounded."""
        if self._elsewhere is None:
            if self._hashing is not None:
                self._hashing.result()
            self._hashing = self._beside.submit(self._whole.update, data)

    def _pixels(self, start: int) -> int:
        """Digest every frame; returns the offset of the first one's item."""
        head = self._file.read(12)
        self._hash(head)
        group, element, _, length = struct.unpack("<HH4sI", head)
        if (group, element) != (0x7FE0, 0x0010):
            raise self._wrong("no pixel data follow the header")
        if self._is_native:
            self._native(length)
            return start + 12
        if length != _UNDEFINED:
            raise self._wrong("compressed pixel data have a length")
        return self._items(start + 12)

    def _native(self, length: int) -> None:
        frame = length // self._count
        held = b""
        while len(self._digests) < DIGEST_BYTES * self._count:
            block = self._take()
            if not block:
                raise self._wrong("it ends inside its pixel data")
            held += block
            at = 0
            while at + frame <= len(held) and len(self._digests) < DIGEST_BYTES * self._count:
                self._digests += self._digest.digest(memoryview(held)[at : at + frame])
                at += frame
            held = held[at:]

    def _items(self, position: int) -> int:
        """The basic offset table, then one item a frame, then the end of the sequence.

        Returns the offset of the first frame's item. A block is hashed, and searched for markers
        inside scans, beside this walk.
        """
        held, first, is_open = b"", -1, True
        unpack, measure = _ITEM.unpack_from, self._digest.measure
        while is_open:
            block = self._take()
            if not block:
                raise self._wrong("it ends inside its pixel data")
            held += block
            view, size, at = memoryview(held), len(held), 0
            starts: list[int] = []
            ends: list[int] = []
            while at + 8 <= size:
                group, element, length = unpack(held, at)
                if (group, element) == _END_TAG:
                    is_open = False
                    break
                if (group, element) != _ITEM_TAG:
                    raise self._wrong(f"no item stands after frame {len(self._lengths)}")
                body, end = at + 8, at + 8 + length
                if end > size:
                    break
                if first < 0:
                    first = position + end
                else:
                    digest, start, stop = measure(view[body:end])
                    self._digests += digest
                    self._starts.append(position + at)
                    self._lengths.append(length)
                    starts.append(body + start)
                    ends.append(body + stop)
                at = end
            position += at
            if self._kind is Kind.JPEG and starts:
                self._settle()
                self._scanning = self._beside.submit(has_markers, held, starts, ends)
            held = held[at:] if is_open else b""
        return first

    def _settle(self) -> None:
        if self._scanning is not None and self._scanning.result():
            raise self._wrong("a JPEG scan has a marker inside, which could carry anything")

    def _check_table(self, first: int) -> None:
        offsets = self._header.get("ExtendedOffsetTable", None)
        lengths = self._header.get("ExtendedOffsetTableLengths", None)
        if offsets is None or lengths is None or self._is_native:
            return
        is_fitting = np.array_equal(
            np.frombuffer(offsets, "<u8") + np.uint64(first), _numbers(self._starts)
        ) and np.array_equal(np.frombuffer(lengths, "<u8"), _numbers(self._lengths))
        if not is_fitting:
            raise self._wrong("its extended offset table does not fit its frames")

    def _wrong(self, what: str) -> IntegrityError:
        return IntegrityError(
            f"{what}.",
            place=self._place,
            rule="PS3.5 A.4, PS3.3 C.7.6.3.1.8",
            remedy="Check the disk, then convert the slide again.",
        )


def _numbers(values: array[int]) -> NDArray[np.uint64]:
    """The same numbers, without a copy."""
    return np.frombuffer(values, np.uint64)


def has_markers(data: bytes, starts: list[int], ends: list[int]) -> bool:
    """Whether a marker other than a restart stands between a start and its end (T.81 B.1.1.2)."""
    view: NDArray[np.uint8] = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(view[:-1] == 0xFF)
    following = view[at + 1]
    is_marker = (following != 0) & (following != 0xFF) & ((following < 0xD0) | (following > 0xD7))
    at = at[is_marker]
    frame = np.searchsorted(np.array(starts), at, side="right") - 1
    is_inside = (frame >= 0) & (at < np.array(ends)[frame])
    return bool(is_inside.any())
