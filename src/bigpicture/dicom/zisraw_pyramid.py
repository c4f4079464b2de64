"""Sorts the subblocks of a CZI file into levels, and says which of these can be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.dicom.slide import SourceLevel, Stack
from bigpicture.dicom.zisraw import Subblocks, Zisraw, damaged, no_slide
from bigpicture.dicom.zisraw_block import MAXIMUM_BLOCK_BYTES, Compression, Form
from bigpicture.dicom.zisraw_level import CziLevel, make_level
from bigpicture.model.errors import SlideError

_FORMS = {0: Form(1, 8), 1: Form(1, 16), 3: Form(3, 8)}
_PIXEL_TYPES = {
    2: "32-bit floating point",
    4: "colour of 16 bits",
    8: "colour in floating point",
    9: "colour with transparency",
    10: "complex numbers",
    11: "complex numbers",
    12: "32-bit integers",
    13: "64-bit integers",
}
_COMPRESSIONS = {2: "LZW"}
MAXIMUM_PATHS = 256
MAXIMUM_LAYERS = 4096
_CELLS = 256
"""Squares along a side of the map on which levels are compared."""


@dataclass(frozen=True, slots=True)
class Pyramid:
    """The levels, finest first; `channels` are the file's numbers of the optical paths."""

    levels: tuple[SourceLevel, ...]
    stack: Stack
    channels: tuple[int, ...]
    scenes: int
    remarks: tuple[str, ...]


def read_pyramid(container: Zisraw) -> Pyramid:
    """Sort the subblocks of `container`; raises `SlideError` where they are no slide."""
    blocks = container.subblocks()
    place = container.place
    form = _form(blocks, place)
    _check_compressions(blocks, place)
    if int(blocks.stored.prod(axis=1).max()) * form.pixel_bytes > MAXIMUM_BLOCK_BYTES:
        raise SlideError(
            "one of its subblocks is too large to decode.",
            place=place,
            rule=f"at most {MAXIMUM_BLOCK_BYTES >> 20} MiB of pixels in one piece",
            remedy="Save the slide as tiles with ZEN.",
        )
    factors = _factors(blocks)
    finest = blocks.take(factors == 1)
    if not len(finest) or bool((finest.stored != finest.size).any()):
        raise no_slide(place, "its finest level is not stored as it was scanned")
    canvas = _Canvas.around(finest)
    canvas.check(place)
    channels, planes = np.unique(finest.channel), np.unique(finest.plane)
    stack = _stack(form, channels, planes, place)
    remarks: list[str] = []
    levels: list[SourceLevel] = []
    for factor in np.unique(factors):
        drawn = _drawn(blocks.take(factors == factor))
        level = _Level(container, canvas, int(factor), drawn, channels, planes)
        wrong = level.wrong(finest) if factor != 1 else ""
        if wrong:
            remarks.append(f"{place}: a level reduced {factor} times {wrong}; it was left out.")
            continue
        levels.append(make_level(level.build(len(levels), stack, form)))
    remarks.extend(_layer_remarks(finest, stack, place))
    scenes = len(np.unique(finest.scene))
    return Pyramid(tuple(levels), stack, tuple(map(int, channels)), scenes, tuple(remarks))


def _form(blocks: Subblocks, place: str) -> Form:
    kinds = [int(kind) for kind in np.unique(blocks.pixel_type)]
    if len(kinds) > 1:
        raise _unread(place, "its channels or levels have different types of pixels")
    if kinds[0] not in _FORMS:
        raise _unread(place, f"its pixels are {_PIXEL_TYPES.get(kinds[0], 'of an unknown type')}")
    return _FORMS[kinds[0]]


def _check_compressions(blocks: Subblocks, place: str) -> None:
    known = {int(each) for each in Compression}
    for kind in np.unique(blocks.compression):
        if int(kind) not in known:
            name = _COMPRESSIONS.get(int(kind), f"number {int(kind)} of the format")
            raise _unread(place, f"its compression is {name}")


def _unread(place: str, what: str) -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        rule="Gray8, Gray16 or Bgr24, the same everywhere; uncompressed, JPEG, JPEG XR or "
        "Zstandard",
        remedy="Export the slide with ZEN as 8-bit colour, or as channels of 8 or 16 bits.",
    )


def _factors(blocks: Subblocks) -> NDArray[np.int64]:
    """By how much each subblock is reduced: along its longer side, where rounding tells least."""
    size, stored = blocks.size, blocks.stored
    longer = size.argmax(axis=1)[:, None]
    ratio = np.take_along_axis(size, longer, 1) / np.take_along_axis(stored, longer, 1)
    return np.rint(ratio[:, 0]).astype(np.int64)


def _stack(form: Form, channels: NDArray[np.int64], planes: NDArray[np.int64], place: str) -> Stack:
    if form.samples == 3 and len(channels) > 1:
        raise no_slide(place, "it has several channels in colour")
    if len(channels) > MAXIMUM_PATHS or len(channels) * len(planes) > MAXIMUM_LAYERS:
        raise no_slide(place, f"it has {len(channels)} channels and {len(planes)} focal planes")
    return Stack(form.samples, form.bits, planes=len(planes), paths=len(channels))


def _layer_remarks(finest: Subblocks, stack: Stack, place: str) -> Iterator[str]:
    present = len(np.unique(np.column_stack([finest.channel, finest.plane]), axis=0))
    if present < stack.depth:
        yield (
            f"{place}: {stack.depth - present} of {stack.depth} focal planes of channels were "
            "not scanned; they became background."
        )


def _drawn(blocks: Subblocks) -> Subblocks:
    """In the order in which they are drawn: a higher mosaic index lies over a lower one."""
    return blocks.take(np.argsort(blocks.mosaic, kind="stable"))


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What the finest subblocks cover, in the file's own coordinates."""

    left: int
    top: int
    columns: int
    rows: int

    @classmethod
    def around(cls, finest: Subblocks) -> _Canvas:
        left, top = int(finest.left.min()), int(finest.top.min())
        right = int((finest.left + finest.size[:, 0]).max())
        bottom = int((finest.top + finest.size[:, 1]).max())
        return cls(left, top, right - left, bottom - top)

    def check(self, place: str) -> None:
        if max(self.columns, self.rows) > MAXIMUM_SIDE:
            raise damaged(place, f"an image of {self.columns} × {self.rows} pixels is impossible")

    def cells(self, blocks: Subblocks, room: int) -> NDArray[np.bool_]:
        """A coarse map of what is covered, by the middle of each cell; `room` pixels around."""
        down, across = min(_CELLS, self.rows), min(_CELLS, self.columns)
        starts = np.column_stack([blocks.top - self.top, blocks.left - self.left]) - room
        ends = starts + blocks.size[:, ::-1] + 2 * room
        cells = np.array([down / self.rows, across / self.columns])
        (y0, x0), (y1, x1) = (
            np.ceil(edges * cells - 0.5).astype(np.int64).clip(0, (down, across)).T
            for edges in (starts, ends)
        )
        # Each box is told by its corners; sums over both directions count what lies over a cell.
        counts = np.zeros((down + 1, across + 1), np.int64)
        for y, x, step in ((y0, x0, 1), (y0, x1, -1), (y1, x0, -1), (y1, x1, 1)):
            np.add.at(counts, (y, x), step)
        return counts.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0


@dataclass(frozen=True, slots=True)
class _Level:
    """The subblocks of one level, and what becomes of them."""

    container: Zisraw
    canvas: _Canvas
    factor: int
    blocks: Subblocks
    channels: NDArray[np.int64]
    planes: NDArray[np.int64]

    def wrong(self, finest: Subblocks) -> str:
        """Why this reduced level cannot stand for the finest one; empty where it can."""
        factor, canvas = self.factor, self.canvas
        if factor < 1:
            return "is stored with more pixels than it has"
        if min(canvas.columns, canvas.rows) < factor:
            return "has no whole pixel"
        if bool((abs(self.blocks.size - factor * self.blocks.stored) > factor).any()):
            return "is reduced differently along its sides"
        if bool((self._offsets() % factor).any()):
            return "begins between two pixels"
        layers = {tuple(each) for each in self._layers(self.blocks)}
        if layers != {tuple(each) for each in self._layers(finest)}:
            return "lacks some channels or focal planes"
        for layer in layers:
            covered = canvas.cells(self._of(self.blocks, layer), factor)
            if bool((canvas.cells(self._of(finest, layer), 0) & ~covered).any()):
                return "does not show all of the slide"
        return ""

    @staticmethod
    def _layers(blocks: Subblocks) -> list[list[int]]:
        return np.unique(np.column_stack([blocks.channel, blocks.plane]), axis=0).tolist()

    @staticmethod
    def _of(blocks: Subblocks, layer: tuple[int, ...]) -> Subblocks:
        return blocks.take((blocks.channel == layer[0]) & (blocks.plane == layer[1]))

    def _offsets(self) -> NDArray[np.int64]:
        """Where each subblock begins in pixels of the finest level, shape (count, 2)."""
        left = self.blocks.left - self.canvas.left
        return np.column_stack([left, self.blocks.top - self.canvas.top])

    def build(self, number: int, stack: Stack, form: Form) -> CziLevel:
        paths = np.searchsorted(self.channels, self.blocks.channel)
        layers = paths * stack.planes + np.searchsorted(self.planes, self.blocks.plane)
        return CziLevel(
            source=self.container.source,
            place=f"{self.container.place} level {number}",
            columns=self.canvas.columns // self.factor,
            rows=self.canvas.rows // self.factor,
            stack=stack,
            form=form,
            blocks=self.blocks,
            corners=self._offsets() // self.factor,
            layers=layers.astype(np.int64),
        )
