"""Writes one whole-slide instance, frame by frame, in memory that does not grow with it."""

from __future__ import annotations

import errno
import os
import struct
from array import array
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

import pydicom
from pydicom.dataset import Dataset

from bigpicture.dicom.header import decimal
from bigpicture.dicom.slide import Frame
from bigpicture.dicom.syntax import NATIVE
from bigpicture.model.errors import BigpictureError, SlideError, StorageFullError
from bigpicture.system.files import sync_folder, write_parts

BUFFER_BYTES = 512 << 10
"""Stays in the processor's cache: a fifth less time than with 4 MiB."""
MAXIMUM_NATIVE_BYTES = 0xFFFFFFFE
"""PS3.5 7.1: an explicit length has 32 bits, and the last is 'undefined'."""
_BYTE = 8

_ITEM = struct.Struct("<HHI")
_LONG_FORM = struct.Struct("<HH2sHI")
_RATIO = b"\x28\x00\x12\x21DS"


_PADS = (b"", b"\0")
_MOST_PARTS = 1000
"""POSIX lets a gathered write have 1024."""

T = TypeVar("T")


def write_instance(
    path: Path, header: Dataset, frames: Iterable[Frame], *, check: Callable[[Path], T]
) -> T:
    """Write `header` and its frames; the file appears under its name whole, durable and checked.

    `header.NumberOfFrames` tells how many frames come; they must be that many. Offsets and
    lengths go into the extended offset table, whose place is kept free in front of the pixels.
    `check` reads what was written while it is made durable, before it gets its name; what it
    answers is returned, and where it raises nothing is left. Raises `StorageFullError`,
    `SlideError`; what was half written is removed.
    """
    temporary = path.with_name(f".{path.name}.partial")
    try:
        with temporary.open("w+b") as file, ThreadPoolExecutor(1) as beside:
            _write(file, header, frames, path.name)
            file.flush()
            synced = beside.submit(os.fsync, file.fileno())
            answer = check(temporary)
            synced.result()
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError(
                "there is no room left for the converted slide.",
                place=path.name,
                remedy="Free some space and convert it again.",
            ) from error
        raise BigpictureError(
            f"the converted slide cannot be written ({os.strerror(error.errno or 0)}).",
            place=path.name,
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return answer


def _write(file: BinaryIO, header: Dataset, frames: Iterable[Frame], name: str) -> None:
    is_native = str(header.file_meta.TransferSyntaxUID) in NATIVE
    write = _write_native if is_native else _write_encapsulated
    lengths = write(file, header, frames, name)
    if len(lengths) != int(header.NumberOfFrames):
        raise SlideError(
            f"{len(lengths)} frames came where {header.NumberOfFrames} were declared.", place=name
        )


def _write_native(
    file: BinaryIO, header: Dataset, frames: Iterable[Frame], name: str
) -> array[int]:
    file.write(encode_header(header))
    length = decoded_bytes(header)
    if length > MAXIMUM_NATIVE_BYTES:
        raise SlideError("its pixels do not fit uncompressed.", place=name)
    words = b"OW" if int(header.BitsAllocated) > _BYTE else b"OB"
    file.write(_LONG_FORM.pack(0x7FE0, 0x0010, words, 0, length + length % 2))
    lengths = _stream(file, frames, is_native=True)
    if sum(lengths) != length:
        raise SlideError("its tiles are not of the size declared.", place=name)
    file.write(_PADS[length % 2])
    return lengths


def decoded_bytes(header: Dataset) -> int:
    """How many bytes all frames take without compression."""
    pixels = int(header.NumberOfFrames) * int(header.Rows) * int(header.Columns)
    return pixels * int(header.SamplesPerPixel) * (int(header.BitsAllocated) // _BYTE)


def _write_encapsulated(
    file: BinaryIO, header: Dataset, frames: Iterable[Frame], _: str
) -> array[int]:
    count = int(header.NumberOfFrames)
    encoded = encode_header(header)
    file.write(encoded)
    tables = file.tell()
    room = array("Q", bytes(8 * count))
    _offset_tables(file, room, room)
    file.write(_LONG_FORM.pack(0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF))
    file.write(_ITEM.pack(0xFFFE, 0xE000, 0))
    lengths = _stream(file, frames, is_native=False)
    file.write(_ITEM.pack(0xFFFE, 0xE0DD, 0))
    if len(lengths) == count:
        file.seek(tables)
        _offset_tables(file, _offsets(lengths), lengths)
        _fill_ratio(file, header, encoded, sum(lengths))
    return lengths


def encode_header(header: Dataset) -> bytes:
    """The header as it begins the file, preamble zeroed."""
    buffer = BytesIO()
    pydicom.dcmwrite(
        buffer, header, enforce_file_format=True, implicit_vr=False, little_endian=True
    )
    return buffer.getvalue()


def _offset_tables(file: BinaryIO, offsets: array[int], lengths: array[int]) -> None:
    for number, values in ((0x0001, offsets), (0x0002, lengths)):
        file.write(_LONG_FORM.pack(0x7FE0, number, b"OV", 0, 8 * len(values)))
        file.write(values.tobytes())


def _offsets(lengths: array[int]) -> array[int]:
    """PS3.3 C.7.6.3.1.8: from the first frame's item tag, item heads (8 bytes) counted in."""
    offsets, position = array("Q"), 0
    for length in lengths:
        offsets.append(position)
        position += 8 + length
    return offsets


def _stream(file: BinaryIO, frames: Iterable[Frame], *, is_native: bool) -> array[int]:
    """Write the frames through one buffer and return their stored lengths.

    A frame of odd length is padded by one zero.
    """
    file.flush()
    lengths = array("Q")
    parts: list[bytes | memoryview] = []
    waiting = 0
    pack = _ITEM.pack
    for head, body in frames:
        length = len(head) + len(body)
        if is_native:
            parts.append(body)
        else:
            pad = length & 1
            parts += (pack(0xFFFE, 0xE000, length + pad), head, body, _PADS[pad])
            length += pad
            waiting += _ITEM.size
        lengths.append(length)
        waiting += length
        if waiting >= BUFFER_BYTES or len(parts) >= _MOST_PARTS:
            _gather(file, parts, waiting)
            parts, waiting = [], 0
    _gather(file, parts, waiting)
    file.seek(0, os.SEEK_END)
    return lengths


def _gather(file: BinaryIO, parts: list[bytes | memoryview], size: int) -> None:
    """Write the parts one after the other without joining them first."""
    written = write_parts(file.fileno(), parts) if parts else 0
    if written < size:
        # Interrupted, or the disk is full: the rest, or the error, comes from an ordinary write.
        rest = b"".join(parts)[written:]
        while rest:
            rest = rest[os.write(file.fileno(), rest) :]


def _fill_ratio(file: BinaryIO, header: Dataset, encoded: bytes, stored: int) -> None:
    """Write the last compression's ratio, now that it is known, over its placeholder."""
    found = encoded.find(_RATIO)
    if found < 0:
        return
    (length,) = struct.unpack_from("<H", encoded, found + 6)
    ratios = encoded[found + 8 : found + 8 + length].decode("ascii").split("\\")
    if float(ratios[-1]) > 0:
        return
    whole = decoded_bytes(header)
    file.seek(found + 8 + len("\\".join((*ratios[:-1], ""))))
    file.write(decimal(max(whole / max(stored, 1), 0.01)).encode("ascii"))
