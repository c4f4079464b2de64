"""A mark: where in a picture there is text, a code or a label, told without showing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, shape (rows, columns, 3)."""
Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the picture."""


class MarkKind(StrEnum):
    """What was found: writing in any script, a code of bars or modules, paper that was pasted."""

    TEXT = "text"
    BARCODE = "barcode"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that may name a person; `score` is how sure the detector is, 0 to 1."""

    kind: MarkKind
    box: Box
    score: float


_COLOURS = {
    MarkKind.TEXT: (214, 40, 57),
    MarkKind.BARCODE: (28, 110, 164),
    MarkKind.LABEL: (240, 162, 2),
}
_FILL = 0.25
"""Share of its outline's colour in a filled box; the rest is grey."""
_AROUND = 0.35
"""By what share of its shorter side a box is widened, so that no edge of a letter looks out."""
_LEAST = 8


def masked(picture: Picture, marks: Sequence[Mark]) -> Picture:
    """A copy of the picture in which every mark is covered, for people who must not read it.

    Boxes are filled with one colour of their kind and outlined; a label lies under what is on it.
    """
    out = picture.copy()
    order = sorted(marks, key=lambda mark: (mark.kind is not MarkKind.LABEL, mark.box))
    for mark in order:
        left, top, right, bottom = _widened(mark.box, out.shape[1], out.shape[0])
        colour = _COLOURS[mark.kind]
        fill = tuple(round(_FILL * part + (1 - _FILL) * 200) for part in colour)
        cv2.rectangle(out, (left, top), (right - 1, bottom - 1), fill, cv2.FILLED)
        cv2.rectangle(out, (left, top), (right - 1, bottom - 1), colour, 2)
    return out


def _widened(box: Box, columns: int, rows: int) -> Box:
    """Left, top, right and bottom of a box with room around it, inside the picture."""
    left, top, width, height = box
    room = max(_LEAST, round(_AROUND * min(width, height)))
    return (
        max(0, left - room),
        max(0, top - room),
        min(columns, left + width + room),
        min(rows, top + height + room),
    )
