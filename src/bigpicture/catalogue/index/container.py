"""A container: named arrays behind a JSON header, whole or refused; read from bytes or mapped."""

from __future__ import annotations

import io
import json
import math
import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.errors import IntegrityError

Arrays: TypeAlias = dict[str, NDArray[Any]]

_MAGIC = b"BPCOLS01"
_PREFIX = struct.Struct("<8sQQII")
"""Magic, bytes of the header, bytes of the arrays, CRC-32 of each."""
_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class Pieces:
    """An array that is made a piece at a time, in its own order, anew at each `made()`."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    made: Callable[[], Iterable[NDArray[Any]]]

    @classmethod
    def of(cls, array: NDArray[Any]) -> Pieces:
        """An array that is there."""
        return cls(array.dtype, array.shape, lambda: (array,))

    @property
    def size(self) -> int:
        """In bytes."""
        return self.dtype.itemsize * math.prod(self.shape)

    def whole(self) -> NDArray[Any]:
        """All pieces in memory."""
        parts = [piece.reshape(-1) for piece in self.made()]
        return np.concatenate([np.empty(0, self.dtype), *parts]).reshape(self.shape)


def pack(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Header and arrays as bytes."""
    stream = io.BytesIO()
    _write(stream, header, {name: Pieces.of(array) for name, array in arrays.items()})
    return stream.getvalue()


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, Pieces]) -> None:
    """As `pack`, to a file that is not there yet, for its owner alone: it tells of datasets.

    No array is ever whole in memory. Raises `OSError`.
    """
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        _write(stream, header, arrays)


def unpack(data: bytes | mmap.mmap | memoryview, *, place: str) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays, which share the memory of `data` and are read-only.

    Raises `IntegrityError` where `data` is cut off, altered, or something else.
    """
    view = memoryview(data)
    try:
        magic, header_size, body_size, header_crc, body_crc = _PREFIX.unpack_from(view)
        behind = _PREFIX.size + header_size
        start = behind + -behind % _ALIGNED
        body = view[start:]
        if (
            magic != _MAGIC
            or len(body) != body_size
            or zlib.crc32(view[_PREFIX.size : behind]) != header_crc
            or zlib.crc32(body) != body_crc
        ):
            raise IntegrityError("it is cut off or was altered.", place=place)
        told = json.loads(bytes(view[_PREFIX.size : behind]))
        arrays = {
            name: np.frombuffer(
                body, np.dtype(dtype), count=int(np.prod(shape, dtype=np.int64)), offset=at
            ).reshape(shape)
            for name, (dtype, shape, at) in told["arrays"].items()
        }
    except (struct.error, ValueError, TypeError, KeyError) as error:
        raise IntegrityError("it is no container of columns.", place=place) from error
    return told["header"], arrays


def open_mapped(path: Path) -> tuple[dict[str, Any], Arrays]:
    """As `unpack`, of a file whose pages all processes share. Raises `OSError` too."""
    with path.open("rb") as stream:
        if not stream.seek(0, 2):
            raise IntegrityError("it is empty.", place=path.name)
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    return unpack(mapped, place=path.name)


def _write(stream: BinaryIO, header: Mapping[str, Any], arrays: Mapping[str, Pieces]) -> None:
    """What is cut off has no prefix: that comes last, when the sums are known."""
    at = 0
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    for name, array in arrays.items():
        places[name] = (array.dtype.str, array.shape, at)
        at += array.size + -array.size % _ALIGNED
    told = json.dumps({"header": header, "arrays": places}, ensure_ascii=False).encode()
    stream.write(bytes(_PREFIX.size) + told + bytes(-(_PREFIX.size + len(told)) % _ALIGNED))
    crc = 0
    for name, array in arrays.items():
        size = 0
        for piece in array.made():
            held = np.ascontiguousarray(piece, array.dtype).reshape(-1)
            if held.size:
                crc = zlib.crc32(held.view(np.uint8).data, crc)
                stream.write(held.view(np.uint8).data)
            size += held.nbytes
        if size != array.size:
            raise ValueError(f"{name} has {size} bytes where {array.size} were announced")
        padding = bytes(-size % _ALIGNED)
        crc = zlib.crc32(padding, crc)
        stream.write(padding)
    stream.seek(0)
    stream.write(_PREFIX.pack(_MAGIC, len(told), at, zlib.crc32(told), crc))
