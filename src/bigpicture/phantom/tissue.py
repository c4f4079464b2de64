"""Tissue: an invented slide that can be rendered anywhere, at any level, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.artefacts import Artefact, Kind, artefact, disturb, thicken
from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import one, seed_of
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.nuclei import Nuclei, join, stamp
from bigpicture.phantom.organs import ORGANS, Ground, Organ
from bigpicture.phantom.place import BLOCK, MARGIN, Block
from bigpicture.phantom.scatter import scatter
from bigpicture.phantom.section import one_piece
from bigpicture.phantom.stain import Scanner, Stain, scanner
from bigpicture.phantom.texture import sensor
from bigpicture.phantom.weave import flow, weave

Picture: TypeAlias = npt.NDArray[np.uint8]

_BLUR = 0.34
"""Deviation of the optics' blur, micrometres."""


@dataclass(frozen=True)
class Tissue:
    """An invented slide: `width` x `height` level-0 pixels at `mpp` micrometres per pixel.

    `organ` is a key of `ORGANS`, `finding` one that the organ knows, `look` the seed of the
    scanner and the laboratory's stains (that of the slide where None).
    """

    seed: int = 1
    width: int = 8192
    height: int = 8192
    mpp: float = 0.5
    organ: str = "colon"
    finding: str = "normal"
    stain: Stain = Stain.HE
    look: int | None = None
    kinds: tuple[Kind, ...] = ()
    """Artefacts, in the order in which they happened."""

    @cached_property
    def anatomy(self) -> Organ:
        section = one_piece(self.seed, self.width * self.mpp, self.height * self.mpp)
        return ORGANS[self.organ](seed_of(self.seed, self.organ), section, self.finding)

    @cached_property
    def scanner(self) -> Scanner:
        return scanner(self.seed if self.look is None else self.look, self.stain)

    @cached_property
    def artefacts(self) -> tuple[Artefact, ...]:
        size = self.width * self.mpp, self.height * self.mpp
        return tuple(artefact(kind, self.seed, *size) for kind in self.kinds)

    @property
    def blocks(self) -> tuple[int, int]:
        """Columns and rows of blocks."""
        return -(-self.width // BLOCK), -(-self.height // BLOCK)

    def region(self, x: int, y: int, width: int, height: int) -> Picture:
        """RGB (height, width, 3) of level-0 pixels; glass beyond the slide's edges too."""
        out = np.empty((height, width, 3), np.uint8)
        for row in range(y // BLOCK, -(-(y + height) // BLOCK)):
            for column in range(x // BLOCK, -(-(x + width) // BLOCK)):
                picture = self.block(column, row)
                x0, y0 = column * BLOCK, row * BLOCK
                left, top = max(x, x0), max(y, y0)
                right, bottom = min(x + width, x0 + BLOCK), min(y + height, y0 + BLOCK)
                out[top - y : bottom - y, left - x : right - x] = picture[
                    top - y0 : bottom - y0, left - x0 : right - x0
                ]
        return out

    def block(self, column: int, row: int) -> Picture:
        """RGB (1024, 1024, 3) of one block."""
        block = Block(column, row, self.mpp)
        fields = self._fields(block)
        painted = self.canvas(column, row)
        if painted is None and not fields:
            return self._glass
        if painted is None:
            stain = np.zeros((block.side, block.side, 3), np.uint8)
        else:
            planes = self._stains(*painted)
            for flaw, field in fields:
                if flaw.kind is Kind.FOLD:
                    thicken(planes, field)
            stain = cv2.merge(planes)
        return self._scan(stain, fields)

    def _fields(self, block: Block) -> list[tuple[Artefact, npt.NDArray[np.float32]]]:
        """Artefacts that touch a block, with their fields at every pixel."""
        found: list[tuple[Artefact, npt.NDArray[np.float32]]] = []
        for flaw in self.artefacts:
            field = flaw.field(block.grid())
            if field.max() > 0:
                found.append((flaw, block.widen(field)))
        return found

    def canvas(self, column: int, row: int) -> tuple[Canvas, Nuclei] | None:
        """Materials and nuclei of a block, or None where it is glass only."""
        block = Block(column, row, self.mpp)
        grid = block.grid()
        inside = self.anatomy.inside(grid)
        if inside.max() <= 0:
            return None
        canvas = Canvas(block, self.anatomy.ground(Ground(block, grid, inside)), self.stain)
        self.anatomy.paint(canvas)
        if inside.min() <= 0:
            outside = block.widen(inside) <= 0
            canvas.label[outside] = int(Material.GLASS)
            canvas.stain[outside] = 0
        course = flow(grid, seed=self.anatomy.seed, angle=self._angle)
        loose = scatter(canvas, seed=self.anatomy.seed + 7, flow=course.direction)
        own = canvas.nuclei
        own = own.keep(canvas.at(own.x, own.y) != int(Material.GLASS))
        return canvas, join([own, loose])

    @property
    def _angle(self) -> float:
        return 0.5 * (one(self.seed, 43) - 0.5)

    @cached_property
    def _glass(self) -> Picture:
        empty = np.zeros((BLOCK + 2 * MARGIN, BLOCK + 2 * MARGIN, 3), np.uint8)
        return self._scan(empty, [])

    def _stains(self, canvas: Canvas, nuclei: Nuclei) -> list[Picture]:
        block = canvas.block
        grid = block.grid()
        planes = [np.asarray(plane, np.uint8) for plane in cv2.split(canvas.stain)]
        course = flow(grid, seed=self.anatomy.seed, angle=self._angle)
        weave(planes, canvas.label, block=block, grid=grid, course=course, seed=self.anatomy.seed)
        stamp_all(planes, block, nuclei, self.stain)
        glass = canvas.label == int(Material.GLASS)
        if glass.any():
            for plane in planes:
                plane[glass] = 0
        return planes

    def _scan(
        self, stain: npt.NDArray[np.generic], fields: list[tuple[Artefact, npt.NDArray[np.float32]]]
    ) -> Picture:
        """Light through the glass, blurred by the optics and read by the sensor."""
        picture = self.scanner.record(np.asarray(stain, np.uint8))
        for flaw, field in fields:
            picture = disturb(picture, flaw, field, mpp=self.mpp)
        deviation = _BLUR / self.mpp
        if deviation > 0.3:
            picture = np.asarray(cv2.GaussianBlur(picture, (5, 5), deviation), np.uint8)
        picture = picture[MARGIN:-MARGIN, MARGIN:-MARGIN]
        noisy = cv2.add(picture, sensor(self.seed % 2**31), dtype=cv2.CV_8U)
        return np.asarray(noisy, np.uint8)


_EXPRESSED = {Nucleus.TUMOUR: 0.42, Nucleus.EPITHELIAL: 0.10, Nucleus.LYMPHOCYTE: 0.06}
"""Share of nuclei of a kind that express a nuclear marker."""


def expressed(nuclei: Nuclei, stain: Stain) -> npt.NDArray[np.bool_]:
    """Which nuclei are brown in a nuclear immunostain."""
    if stain not in {Stain.KI67, Stain.IHC}:
        return np.zeros(len(nuclei), bool)
    share = np.zeros(len(Nucleus))
    for kind, value in _EXPRESSED.items():
        share[kind] = value
    return nuclei.strength < share[nuclei.kind]


def stamp_all(planes: list[Picture], block: Block, nuclei: Nuclei, stain: Stain) -> None:
    """Put nuclei on the planes: haematoxylin, or DAB where the marker is expressed."""
    columns = (np.floor(nuclei.x / block.mpp).astype(np.int64) - block.left).tolist()
    rows = (np.floor(nuclei.y / block.mpp).astype(np.int64) - block.top).tolist()
    kinds, variants, turns = nuclei.kind.tolist(), nuclei.variant.tolist(), nuclei.turn.tolist()
    brown = (2 * expressed(nuclei, stain)).tolist()
    side = block.side
    for k, kind in enumerate(kinds):
        drawn = stamp(Nucleus(kind), variants[k], turns[k], block.mpp)
        left, top = columns[k] - drawn.anchor, rows[k] - drawn.anchor
        size = 2 * drawn.anchor + 1
        if left < 0 or top < 0 or left + size > side or top + size > side:
            continue
        view = planes[brown[k]][top : top + size, left : left + size]
        np.maximum(view, drawn.density, out=view)
