"""A spool: rows appended one dataset after another, kept out of memory, read again in pieces."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bigpicture.catalogue.index.container import Pieces

AT_ONCE = 1 << 20
"""Rows of a piece."""
_IN_MEMORY = 1 << 20
"""Bytes up to which a spool needs no file."""


class Spool:
    """Rows of one type. Byte strings become as wide as the widest."""

    def __init__(self, dtype: DTypeLike, folder: Path | None, stack: contextlib.ExitStack) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self._folder = str(folder) if folder else None
        self._stack = stack
        self._rows = 0
        self._file = self._opened()

    def __len__(self) -> int:
        return self._rows

    def append(self, rows: NDArray[Any]) -> None:
        """Raises `OSError` where there is no room."""
        if self.dtype.kind == "S" and rows.dtype.itemsize > self.dtype.itemsize:
            self._widen(rows.dtype)
        self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(rows, self.dtype).tobytes())
        self._rows += len(rows)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        size = self.dtype.itemsize
        self._file.seek(start * size)
        return np.frombuffer(self._file.read((stop - start) * size), self.dtype)

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All rows; others may read meanwhile."""
        for start in range(0, self._rows, AT_ONCE):
            yield self.read(start, min(start + AT_ONCE, self._rows))

    def laid(self) -> Pieces:
        return Pieces(self.dtype, (self._rows,), self.pieces)

    def _widen(self, dtype: np.dtype[Any]) -> None:
        wider = self._opened()
        for piece in self.pieces():
            wider.write(piece.astype(dtype).tobytes())
        self._file.close()
        self._file, self.dtype = wider, dtype

    def _opened(self) -> SpooledTemporaryFile[bytes]:
        size = _IN_MEMORY if self._folder else 0  # 0: never a file
        return self._stack.enter_context(
            SpooledTemporaryFile(max_size=size, prefix="images-", suffix=".part", dir=self._folder)
        )


class Spools:
    """Makes spools, and closes them all: their files, which have no name, are gone then.

    Without a folder they stay in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Spools:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def new(self, dtype: DTypeLike) -> Spool:
        return Spool(dtype, self._folder, self._stack)
