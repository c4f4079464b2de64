"""The messages between a child and its parent, which does not believe what a child sends."""

from __future__ import annotations

import importlib
import io
import json
import os
import pickle
import struct
from collections.abc import Iterator
from dataclasses import is_dataclass
from enum import Enum, StrEnum

from bigpicture.model import errors
from bigpicture.model.errors import BigpictureError, SandboxError, WallError

_HEAD = struct.Struct("<cQ")
_COUNT = struct.Struct("<QQ")
LENGTH = struct.Struct("<Q")
"""Stands before a request where the pipe stays open behind it."""
MESSAGE_BYTES = 512 << 20
"""The longest answer believed: digests of ten million frames fit."""


class Kind(StrEnum):
    STARTED = "S"
    PROGRESS = "P"
    RESULT = "R"
    ERROR = "E"


def send(descriptor: int, kind: Kind, payload: bytes) -> None:
    """Write one message whole."""
    waiting = memoryview(_HEAD.pack(kind.value.encode(), len(payload)) + payload)
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]


def pack_progress(done: int, total: int) -> bytes:
    return _COUNT.pack(done, total)


def unpack_progress(payload: bytes) -> tuple[int, int]:
    if len(payload) != _COUNT.size:
        raise SandboxError("a child process answered nonsense.")
    done, total = _COUNT.unpack(payload)
    return done, total


_PARTS = ("what", "place", "remedy", "rule")
_LONGEST = 400
"""Characters of each part of an error that a child tells in plain text."""


def pack_error(error: BigpictureError) -> bytes:
    """An error as text: its kind and its parts."""
    parts = {part: getattr(error, part) for part in _PARTS}
    return json.dumps({"kind": type(error).__name__, **parts}).encode()


def read_error(payload: bytes) -> BigpictureError:
    """An error of a child that answers in plain: one of two kinds, in printable words."""
    try:
        told = json.loads(payload)
        parts = {part: printable(str(told[part])) for part in _PARTS}
        kind = WallError if told["kind"] == "WallError" else SandboxError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SandboxError("a child process answered nonsense.") from error
    return kind(parts.pop("what"), **parts)


def printable(text: str) -> str:
    """One short line of `text`, without what moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])


class Messages:
    """Bytes as they arrive, cut into messages."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Kind, bytes]]:
        """Take `data` and yield every message now complete; raises `SandboxError` on nonsense."""
        self._waiting += data
        while len(self._waiting) >= _HEAD.size:
            letter, length = _HEAD.unpack_from(self._waiting)
            if letter.decode("latin-1") not in set(Kind) or length > MESSAGE_BYTES:
                raise SandboxError("a child process answered nonsense.")
            end = _HEAD.size + length
            if len(self._waiting) < end:
                return
            payload = bytes(self._waiting[_HEAD.size : end])
            del self._waiting[:end]
            yield Kind(letter.decode()), payload


_PLAIN = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "bytearray"),
    ("builtins", "complex"),
    ("builtins", "range"),
    ("builtins", "slice"),
    ("collections", "OrderedDict"),
    ("copyreg", "_reconstructor"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("pathlib", "Path"),
    ("pathlib", "PosixPath"),
    ("pathlib", "PurePosixPath"),
    ("pathlib", "PureWindowsPath"),
    ("pathlib", "WindowsPath"),
    ("pathlib._local", "PosixPath"),
    ("pathlib._local", "PurePosixPath"),
    ("pathlib._local", "PureWindowsPath"),
    ("pathlib._local", "WindowsPath"),
}
"""Values without behaviour. A pickle that asks for anything else is an attack."""


class _Reader(pickle.Unpickler):
    """Builds values and our own nouns only.

    A parser taken over by a hostile slide writes what it likes into the pipe, and an ordinary
    unpickler would run it here, outside every wall.
    """

    def find_class(self, module_name: str, global_name: str, /) -> object:
        if (module_name, global_name) in _PLAIN:
            return getattr(importlib.import_module(module_name), global_name)
        if (module_name, global_name) == (errors.__name__, "_rebuild"):
            return getattr(errors, global_name)
        if module_name.startswith("bigpicture.") and "." not in global_name:
            found = getattr(importlib.import_module(module_name), global_name)
            if isinstance(found, type) and _is_noun(found):
                return found
        raise SandboxError("a child process answered with something that is not a value.")


def _is_noun(kind: type) -> bool:
    return is_dataclass(kind) or issubclass(kind, (Enum, BigpictureError, tuple, str))


def read_value(payload: bytes) -> object:
    """Read what a child answered; raises `SandboxError` where it is no plain value."""
    try:
        return _Reader(io.BytesIO(payload)).load()
    except SandboxError:
        raise
    except Exception as error:  # whatever a forged pickle provokes has one meaning
        raise SandboxError("a child process answered nonsense.") from error
