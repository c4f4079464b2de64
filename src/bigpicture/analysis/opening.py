"""Opening: how the child process that runs an algorithm opens its slide, and what it may read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigpicture.dicom.open import belongings
from bigpicture.dicom.reader import SlideReader, open_reader


@dataclass(frozen=True, slots=True)
class Opening:
    """`function` of a module, called in the child with `arguments`, opens the slide.

    Both travel by pickle. Of files it needs only those named in `readable`: the algorithm runs in
    the same process and may read them too, so a key among the arguments opens this slide alone.
    """

    function: Callable[..., SlideReader]
    arguments: tuple[Any, ...] = ()
    readable: tuple[Path, ...] = ()


def opening_of(slide: Path) -> Opening:
    """Of a file, or a folder of DICOM instances, on this machine."""
    slide = slide.resolve()
    return Opening(open_reader, (slide,), belongings(slide))
