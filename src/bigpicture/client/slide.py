"""A slide: on this machine or at a node, the same object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.level_pixels import TileMemory
from bigpicture.dicom.reader import SlideReader, open_reader
from bigpicture.dicom.slide import Pixels
from bigpicture.metaflex.outlines.read import read_outlines
from bigpicture.model.errors import InputError
from bigpicture.model.image import Level
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.outline import Outline

THUMBNAIL_SIDE = 512


@dataclass(frozen=True, slots=True)
class Statement:
    """What was stated of a slide, or of what it shows a part of.

    `on` names the entity that it was stated on and `kind` what it is (Diagnosis, Finding …).
    It is `confirmed` where it is true of this very slide, else a candidate: true of the entity
    as a whole, perhaps of other slides of it. `codes` are (tag, code, scheme, meaning).
    """

    kind: str
    on: str
    text: str
    codes: tuple[tuple[str, str, str, str], ...]
    qualifier: Qualifier

    @property
    def is_confirmed(self) -> bool:
        return self.qualifier is Qualifier.CONFIRMED

    @property
    def labels(self) -> tuple[str, ...]:
        """The meaning of each code, or the code where it has none."""
        return tuple(meaning or code for _, code, _, meaning in self.codes)

    def names(self, label: str) -> bool:
        """Whether a label is one of its codes or of their meanings, whatever their case."""
        asked = label.casefold()
        return any(asked in (code.casefold(), word.casefold()) for _, code, _, word in self.codes)


class About(Protocol):
    """What is known of a slide beside its pixels; found out when it is asked for."""

    @property
    def properties(self) -> Mapping[str, Any]: ...
    @property
    def annotations(self) -> tuple[Outline, ...]: ...
    @property
    def observations(self) -> tuple[Statement, ...]: ...


@dataclass(frozen=True)
class LocalAbout:
    """A file says nothing of observations; annotations lie in files of their own."""

    files: tuple[Path, ...]
    properties: Mapping[str, Any]
    observations: tuple[Statement, ...] = ()

    @property
    def annotations(self) -> tuple[Outline, ...]:
        return self._drawn

    @cached_property
    def _drawn(self) -> tuple[Outline, ...]:
        return tuple(
            outline
            for path in self.files
            for outline in read_outlines(path.read_bytes(), name=path.name)
        )


class Slide:
    """A slide to read, with what is known of it. Threads may share one; close it, or use `with`.

    Places are in level-0 pixels, origin top left; `mpp` is micrometres per level-0 pixel (x, y),
    None where the slide states none. Pictures are RGB, uint8, shape (height, width, 3). What is
    damaged raises `SlideError`, what a node does not let you see `ForbiddenError`.
    """

    def __init__(
        self, name: str, reader: SlideReader, about: About, *, is_borrowed: bool = False
    ) -> None:
        """One that is borrowed stays open when it is closed: its lender closes it."""
        self.name = name
        self.reader = reader
        self.about = about
        self._is_borrowed = is_borrowed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if not self._is_borrowed:
            self.reader.close()

    @property
    def width(self) -> int:
        return self.reader.width

    @property
    def height(self) -> int:
        return self.reader.height

    @property
    def mpp(self) -> tuple[float, float] | None:
        return self.reader.mpp

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.reader.levels

    def region(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        size: tuple[int, int] | None = None,
    ) -> Pixels:
        """A box in level-0 pixels, at `size` (width, height) where it is given."""
        return self.reader.region(x, y, width, height, size=size)

    def at_mpp(self, x: float, y: float, *, mpp: float, size: tuple[int, int]) -> Pixels:
        """`size` (width, height) pixels of `mpp` micrometres, from the upper left (x, y) on."""
        return self.reader.at_mpp(x, y, mpp=mpp, size=size)

    def tile(self, level: int, column: int, row: int) -> Pixels:
        """One tile as it is stored; raises `InputError` where there is none."""
        if not 0 <= level < len(self.levels):
            raise InputError("there is no such level.", place=f"{self.name} level {level}")
        of = self.levels[level]
        if not (0 <= column < of.tiles_across and 0 <= row < of.tiles_down):
            raise InputError(
                "there is no such tile.",
                place=f"{self.name} level {level}, column {column}, row {row}",
                rule=f"{of.tiles_across} columns, {of.tiles_down} rows",
            )
        across, down = of.tile_columns, of.tile_rows
        return self.reader.pixels_of(level).read(column * across, row * down, across, down)

    def overview(self, mpp: float = 10.0) -> Pixels:
        """The whole slide at `mpp`."""
        return self.reader.overview(mpp)

    def thumbnail(self, side: int = THUMBNAIL_SIDE) -> Pixels:
        """The whole slide, its longer side `side` pixels, or fewer where the slide is smaller."""
        scale = max(1.0, max(self.width, self.height) / side)
        size = max(1, round(self.width / scale)), max(1, round(self.height / scale))
        return self.region(0, 0, self.width, self.height, size=size)

    def tiles(
        self,
        *,
        mpp: float,
        size: int | tuple[int, int],
        step: int | None = None,
        mask: NDArray[np.generic] | None = None,
        cover: float = 0.5,
    ) -> Iterator[tuple[int, int, Pixels]]:
        """Every tile at a scale, row by row, with its upper left corner."""
        return self.reader.tiles(mpp=mpp, size=size, step=step, mask=mask, cover=cover)

    @property
    def properties(self) -> Mapping[str, Any]:
        """What is known of it: its size and scale, and of one at a node stain, organ and more."""
        own = {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "mpp": self.mpp,
            "levels": len(self.levels),
        }
        return {**own, **self.about.properties}

    @property
    def annotations(self) -> tuple[Outline, ...]:
        """What was drawn on it, in level-0 pixels."""
        return self.about.annotations

    @property
    def observations(self) -> tuple[Statement, ...]:
        """What was stated of it; a candidate says so."""
        return self.about.observations

    def _repr_png_(self) -> bytes:
        """Its thumbnail, as notebooks show it."""
        return _png(self.thumbnail())

    def __repr__(self) -> str:
        scale = f"{self.mpp[0]:.4g} µm/px" if self.mpp else "no scale"
        return f"<Slide {self.name}: {self.width} × {self.height} pixels, {scale}>"


def slide(
    path: Path | str,
    *,
    annotations: Sequence[Path | str] | Path | str = (),
    kept: TileMemory | None = None,
) -> Slide:
    """Open a slide of this machine: a vendor's file, a DICOM file, or a folder of DICOM instances.

    `annotations` are files of what was drawn on it: GeoJSON of Bigpicture or QuPath, XML of ASAP.
    Raises `SlideError` where it cannot be read.
    """
    place = Path(path)
    listed = [annotations] if isinstance(annotations, (str, Path)) else annotations
    reader = open_reader(place, kept=kept)
    return Slide(place.name, reader, LocalAbout(tuple(map(Path, listed)), {}))


def _png(pixels: Pixels) -> bytes:
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return data.tobytes()
