"""A container: named arrays behind a JSON header, whole or refused; read from bytes or mapped."""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.errors import IntegrityError

Arrays: TypeAlias = dict[str, NDArray[Any]]

_MAGIC = b"BPCOLS01"
_PREFIX = struct.Struct("<8sQQII")
"""Magic, bytes of the header, bytes of the arrays, CRC-32 of each."""
_ALIGNED = 64


def pack(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Header and arrays as bytes."""
    return b"".join(_parts(header, arrays))


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """As `pack`, to a file that is not there yet, for its owner alone: it tells of datasets."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        for part in _parts(header, arrays):
            stream.write(part)


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


def _parts(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> list[Any]:
    at, crc = 0, 0
    places: dict[str, tuple[str, list[int], int]] = {}
    body: list[Any] = []
    for name, array in arrays.items():
        held = np.ascontiguousarray(array)
        places[name] = (held.dtype.str, list(held.shape), at)
        parts = (held.reshape(-1).view(np.uint8).data if held.size else b"",)
        size = held.nbytes
        for part in (*parts, bytes(-size % _ALIGNED)):
            crc = zlib.crc32(part, crc)
            body.append(part)
        at += size + -size % _ALIGNED
    told = json.dumps({"header": header, "arrays": places}, ensure_ascii=False).encode()
    prefix = _PREFIX.pack(_MAGIC, len(told), at, zlib.crc32(told), crc)
    behind = len(prefix) + len(told)
    return [prefix, told, bytes(-behind % _ALIGNED), *body]
