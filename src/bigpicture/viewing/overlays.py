"""Overlays: a stored result opened once, then drawn tile by tile or looked at view by view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Any

from bigpicture.dicom.bulk_annotations import read_annotations
from bigpicture.dicom.parametric_map import read_parametric_map
from bigpicture.dicom.segmentation import read_segmentation
from bigpicture.dicom.slide_frame import read_frame
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.bounded import Bounded, Use
from bigpicture.model.errors import UnknownError
from bigpicture.model.slide_frame import SlideFrame
from bigpicture.viewing.colour_maps import (
    MAPS,
    STEPS,
    USUAL_MAP,
    Table,
    hex_of,
    table_of_classes,
    table_of_map,
)
from bigpicture.viewing.raster import (
    Raster,
    coarser,
    draw_overlay,
    raster_of_map,
    raster_of_mask,
)
from bigpicture.viewing.sealed import OpenSealed
from bigpicture.viewing.shapes import Shapes, View, look, shapes_of
from bigpicture.viewing.stored import StoredImage

DRAWN = frozenset({OutputKind.MASK, OutputKind.HEATMAP, OutputKind.GEOMETRY})
"""What can lie over a slide."""
_SHARE = 4
"""Of the memory, for drawn tiles."""
_STOPS = 16
"""Colours that a legend is told of a map."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour map of a heatmap, and the number of the colour of a mask's or shapes' class 1."""

    map: str = USUAL_MAP
    first: int = 1


USUAL = Colours()


@dataclass(frozen=True, slots=True)
class StoredResult:
    """Which result, by the key of its object, and of which image."""

    source: str
    kind: OutputKind
    image: StoredImage


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A result in memory. `names` are classes or labels, in the order of their numbers from 1."""

    kind: OutputKind
    names: tuple[str, ...] = ()
    unit: str = ""
    range: tuple[float, float] | None = None
    raster: Raster | None = None
    shapes: Shapes | None = None

    @property
    def weight(self) -> int:
        return sum(one.weight for one in (self.raster, self.shapes) if one is not None)


class Overlays:
    """Opens results and keeps the last ones, `most` bytes; takes no decision about who sees them.

    Threads may share one.
    """

    def __init__(self, open_sealed: OpenSealed, *, most: int) -> None:
        self._open_sealed = open_sealed
        self._most = most - most // _SHARE
        self._opened: Bounded[str, Overlay] = Bounded(self._most)
        self._tiles: Bounded[tuple[str, Colours, int, int, int], bytes] = Bounded(most // _SHARE)
        self._opening = Lock()
        self._forgotten = 0

    @property
    def uses(self) -> dict[str, Use]:
        return {"overlays": self._opened.use, "overlay_tiles": self._tiles.use}

    def forget(self) -> None:
        """Let go of everything: a key may have been destroyed."""
        self._forgotten += 1  # what is being opened at this moment is not kept either
        self._opened.forget()
        self._tiles.forget()

    def open(self, result: StoredResult) -> Overlay:
        """The result in memory.

        Raises `UnknownError` where nothing of its kind can be shown, `ErasedError` where it was
        erased, `InputError` or `IntegrityError` where it is damaged.
        """
        if result.kind not in DRAWN:
            raise UnknownError("this result is nothing that lies over a slide.")
        found = self._opened.get(result.source)
        if found is not None:
            return found
        # One at a time: eight tiles are asked for at once, and each would decode all of it.
        with self._opening:
            found = self._opened.get(result.source)
            if found is None:
                before = self._forgotten
                found = self._read(result)
                if before == self._forgotten:
                    self._opened.put(result.source, found, found.weight)
            return found

    def draw(
        self, result: StoredResult, *, level: int, column: int, row: int, colours: Colours
    ) -> bytes:
        """A PNG over one tile of the slide.

        Raises as `open`, and `UnknownError` outside the slide, for another map, and for shapes.
        """
        stored = result.image.at(level)
        stored.frames(column, row)
        key = (result.source, colours, level, column, row)
        kept = self._tiles.get(key)
        if kept is not None:
            return kept
        overlay = self.open(result)
        if overlay.raster is None:
            raise UnknownError("shapes have no tiles.", remedy="Ask for the shapes in view.")
        drawn = draw_overlay(
            overlay.raster,
            table_of(overlay, colours),
            base=result.image.at(0).level,
            level=stored.level,
            column=column,
            row=row,
        )
        if self._opened.get(result.source) is not None:
            self._tiles.put(key, drawn, len(drawn))
        return drawn

    def look(self, result: StoredResult, view: View) -> dict[str, Any]:
        """The shapes in view, or clusters of them; see `shapes.look`."""
        overlay = self.open(result)
        if overlay.shapes is None:
            raise UnknownError("this result has no shapes.", remedy="Ask for its tiles.")
        return look(overlay.shapes, view)

    def _read(self, result: StoredResult) -> Overlay:
        frame = read_frame(self._open_sealed(result.image.at(0).source))
        source = self._open_sealed(result.source)
        read = _READERS[result.kind](source.read(0, source.size), frame)
        if read.raster is None:
            return read
        # One that does not fit would be opened again for each tile of it.
        return replace(read, raster=coarser(read.raster, self._most // 2))


def _read_mask(data: bytes, frame: SlideFrame) -> Overlay:
    read = read_segmentation(data, frame=frame)
    return Overlay(OutputKind.MASK, read.classes, raster=raster_of_mask(read))


def _read_heatmap(data: bytes, frame: SlideFrame) -> Overlay:
    read = read_parametric_map(data, frame=frame)
    return Overlay(OutputKind.HEATMAP, unit=read.unit, range=read.range, raster=raster_of_map(read))


def _read_geometry(data: bytes, _: SlideFrame) -> Overlay:
    shapes = shapes_of(read_annotations(data))
    return Overlay(OutputKind.GEOMETRY, shapes.labels, shapes=shapes)


_READERS: dict[OutputKind, Callable[[bytes, SlideFrame], Overlay]] = {
    OutputKind.MASK: _read_mask,
    OutputKind.HEATMAP: _read_heatmap,
    OutputKind.GEOMETRY: _read_geometry,
}


def table_of(overlay: Overlay, colours: Colours = USUAL) -> Table:
    """The colours it is drawn in; raises `UnknownError` for a map that there is not."""
    is_heatmap = overlay.kind is OutputKind.HEATMAP
    return map_table(colours.map) if is_heatmap else table_of_classes(colours.first)


def map_table(name: str) -> Table:
    """The colours of a map; raises `UnknownError` where there is none of that name."""
    if name not in MAPS:
        raise UnknownError("there is no such colour map.", rule=", ".join(MAPS))
    return table_of_map(name)


def class_colours(overlay: Overlay, first: int = 1) -> list[str]:
    """`#rrggbb` for each name."""
    table = table_of_classes(first)
    # Past the table's end colours come again: a label is told by its name too.
    return [hex_of(table, 1 + at % STEPS) for at in range(len(overlay.names))]


def map_stops(name: str = USUAL_MAP) -> list[str]:
    """Colours of a map from the least to the greatest, at equal steps."""
    table = map_table(name)
    return [hex_of(table, 1 + round(at * (STEPS - 1) / (_STOPS - 1))) for at in range(_STOPS)]


def tag_overlay(result: StoredResult, *parts: object) -> str:
    """The entity tag of what is drawn of a result: it changes with nothing but these."""
    told = repr((result.source, parts)).encode()
    return f'"{sha256(told).hexdigest()[:32]}"'
