"""Marks: finds where a picture holds text, codes and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from bigpicture.deidentify.maps import STRIDE, Plane, maps
from bigpicture.deidentify.mark import Box, Mark, MarkKind, Picture
from bigpicture.model.errors import InputError

_KINDS = (MarkKind.TEXT, MarkKind.BARCODE, MarkKind.LABEL)
"""In the order of the maps."""
_LOW = 0.35
"""What belongs to a mark once a part of it is sure."""
_CELLS = (10, 20, 60)
"""Cells of a map that a mark of each kind fills at least; one of fewer scores less."""
_SURE = (0.45, 0.7, 0.85)
"""Score from which a mark of each kind is told. Chosen on invented pictures of what training may
use (`docs/detector.md`), never on what is held out."""
_LARGEST = 1_500_000
"""Pixels of the largest picture that is looked at in its own size. A glass of 75 mm x 26 mm has
28 of them to a millimetre, so that a letter of 0.3 mm is still as high as the net asks."""
_SMALL = 150_000
"""Pixels under which a picture is looked at twice as large too."""
_SCALES = 3
_LEAST = 6
"""Pixels of the shorter side under which nothing can be read."""


def detect_marks(picture: Picture) -> tuple[Mark, ...]:
    """Where an RGB picture (rows, columns, 3) holds text, a code or a label, by place.

    It is looked at in its own size (one of more than 1.5 megapixels is made smaller first), at a
    half and a quarter, and a small one twice as large. The same picture gives the same marks.
    Raises `InputError` for anything but 8-bit RGB.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise InputError(
            "a picture for the detector is not 8-bit RGB.",
            place=f"an array of shape {picture.shape}",
        )
    rows, columns = picture.shape[:2]
    if min(rows, columns) < _LEAST:
        return ()
    found: list[Mark] = []
    for view in _views(picture):
        across, down = columns / view.shape[1], rows / view.shape[0]
        for mark in _marks_of(maps(view)):
            left, top, width, height = mark.box
            x, y = int(left * across), int(top * down)
            right = min(columns, int(np.ceil((left + width) * across)))
            bottom = min(rows, int(np.ceil((top + height) * down)))
            if right > x and bottom > y:
                found.append(Mark(mark.kind, (x, y, right - x, bottom - y), mark.score))
    return _joined(found)


def _views(picture: Picture) -> Iterator[Picture]:
    """The picture at its scales, largest first."""
    rows, columns = picture.shape[:2]
    size = rows * columns
    scale = min(1.0, (_LARGEST / size) ** 0.5)
    if size < _SMALL:
        yield _resized(picture, 2.0)
    for _ in range(_SCALES):
        if min(rows, columns) * scale < _LEAST:
            return
        yield picture if scale == 1 else _resized(picture, scale)
        scale /= 2


def _resized(picture: Picture, scale: float) -> Picture:
    rows, columns = picture.shape[:2]
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _marks_of(planes: Plane) -> Iterator[Mark]:
    """Connected places of each map that are sure and large enough."""
    for kind, plane, cells, sure in zip(_KINDS, planes, _CELLS, _SURE, strict=True):
        high = (plane > _LOW).astype(np.uint8)
        number, labels, stats, _ = cv2.connectedComponentsWithStats(high, connectivity=8)
        mass = np.bincount(labels.ravel(), plane.ravel(), number)
        for index in range(1, number):
            left, top, width, height, area = (int(value) for value in stats[index])
            score = float(mass[index]) / max(area, cells)
            if score >= sure:
                box = left * STRIDE, top * STRIDE, width * STRIDE, height * STRIDE
                yield Mark(kind, box, min(1.0, round(score, 4)))


def _joined(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks of one kind that overlap become one, sorted from top left."""
    done: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.kind, mark.box, -mark.score)):
        new = mark
        while meeting := [old for old in done if old.kind is new.kind and _meet(old.box, new.box)]:
            for old in meeting:
                done.remove(old)
                new = Mark(new.kind, _around(old.box, new.box), max(old.score, new.score))
        done.append(new)
    return tuple(sorted(done, key=lambda mark: (mark.box[1], mark.box[0], mark.kind)))


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _around(a: Box, b: Box) -> Box:
    left, top = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return left, top, right - left, bottom - top
