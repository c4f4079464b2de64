"""Opening: how the child process that runs an algorithm opens its slide, and what it may reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bigpicture.dicom.open import belongings
from bigpicture.dicom.reader import SlideReader, open_reader


class Opener(Protocol):
    """Called in the child, opens the slide. It travels there by pickle.

    The algorithm runs in the same process and reaches what the opener does: `readable` files, and
    `writable` ones (a pipe to ask by). A key within it opens this slide alone.
    """

    @property
    def readable(self) -> tuple[Path, ...]: ...

    @property
    def writable(self) -> tuple[Path, ...]: ...

    def __call__(self) -> SlideReader: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """`function` of a module, called with `arguments`."""

    function: Callable[..., SlideReader]
    arguments: tuple[Any, ...] = ()
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()

    def __call__(self) -> SlideReader:
        return self.function(*self.arguments)


def opening_of(slide: Path) -> Opening:
    """Of a file, or a folder of DICOM instances, on this machine."""
    slide = slide.resolve()
    return Opening(open_reader, (slide,), belongings(slide))
