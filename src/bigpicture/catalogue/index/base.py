"""The base: most of the index as a file, which all processes of a machine map."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from bigpicture.catalogue.index.container import open_mapped, write
from bigpicture.catalogue.index.merge import merged
from bigpicture.catalogue.index.segment import VERSION, Segment
from bigpicture.catalogue.index.store import Store
from bigpicture.model.errors import IntegrityError

LAYOUT = 2
"""Of the file, beside that of segments."""

_PATTERN = f"images-{LAYOUT}.{VERSION}-*.cols"


class Base:
    """Files of one folder: the newest that is whole counts, all others are leftovers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "images.lock")

    def newest(self) -> tuple[str, Store] | None:
        """The newest whole file's name and what it holds. What is not whole is removed."""
        for path in self._files():
            try:
                return path.name, Store(*open_mapped(path))
            except (IntegrityError, OSError, LookupError, ValueError):
                with contextlib.suppress(OSError):
                    path.unlink()
        return None

    @contextlib.contextmanager
    def held(self) -> Generator[None]:
        """Be the one process that makes a file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            yield

    def make(self, segments: Iterable[Segment]) -> tuple[str, Store]:
        """Write a file of these segments, under the lock, and map it. Raises `OSError`."""
        for left in self._folder.glob("images-*.part"):
            with contextlib.suppress(OSError):
                left.unlink()
        number = max((_number(path) for path in self._files()), default=0) + 1
        path = self._folder / f"images-{LAYOUT}.{VERSION}-{number:08}.cols"
        part = path.with_name(f"images-{uuid4().hex}.part")
        with merged(segments, self._folder) as (header, arrays):
            write(part, header, arrays)
        part.replace(path)
        return path.name, Store(*open_mapped(path))

    def forget_others(self, name: str) -> None:
        """Remove all but one file; processes that still map another keep what they map."""
        for path in self._folder.glob("images-*.cols"):
            if path.name != name:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(_PATTERN), key=_number, reverse=True)


def _number(path: Path) -> int:
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
