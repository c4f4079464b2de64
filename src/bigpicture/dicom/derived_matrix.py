"""The pixel matrix of a derived object: cut into tiles that say their own place (TILED_SPARSE)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from bigpicture.dicom.code import code_sequence
from bigpicture.dicom.derived import NameUid, decimal_text, referenced
from bigpicture.model.code import Code
from bigpicture.model.errors import InputError
from bigpicture.model.slide_frame import SlideFrame

TILE = 512
"""Pixels: a multiple of 8, so that each frame of bits begins on a byte."""
THICKNESS = "0.004"
"""Millimetres of a section; Pixel Measures asks for one (as in the slide's own header)."""
PRECISION = 6
"""Decimals of a level-0 pixel that survive the way through millimetres in a decimal string."""
DERIVED_BY_ALGORITHM = Code("113076", "DCM", "Segmentation")
SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")
_COLUMN_POSITION, _ROW_POSITION = Tag(0x0048021E), Tag(0x0048021F)
_PLANE_POSITION = Tag(0x0048021A)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a matrix lies: `x`, `y` level-0 pixels of its upper left corner, `scale` of a pixel."""

    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class Tile:
    """One frame: upper left pixel in the matrix, and what else its dimensions count (from 1)."""

    column: int
    row: int
    pixels: NDArray[Any]
    segment: int | None = None


def cut(pixels: NDArray[Any], *, padding: float) -> list[Tile]:
    """Tiles row by row, edges padded."""
    tiles: list[Tile] = []
    for row in range(0, pixels.shape[0], TILE):
        for column in range(0, pixels.shape[1], TILE):
            part = pixels[row : row + TILE, column : column + TILE]
            if part.shape != (TILE, TILE):
                whole = np.full((TILE, TILE), padding, pixels.dtype)
                whole[: part.shape[0], : part.shape[1]] = part
                part = whole
            tiles.append(Tile(column, row, part))
    return tiles


def add_matrix(
    dataset: Dataset, *, frame: SlideFrame, placed: Placed, shape: tuple[int, int], uid: NameUid
) -> None:
    """Frame of reference and total pixel matrix, `shape` (rows, columns).

    PS3.3 C.8.12.14. Its upper left corner lies where `placed` says on the slide's own.
    """
    dataset.FrameOfReferenceUID = UID(frame.frame_of_reference_uid)
    dataset.PositionReferenceIndicator = "SLIDE_CORNER"
    dataset.TotalPixelMatrixRows, dataset.TotalPixelMatrixColumns = shape
    origin = Dataset()
    x, y = frame.on_glass(placed.x, placed.y)
    origin.XOffsetInSlideCoordinateSystem = decimal_text(x)
    origin.YOffsetInSlideCoordinateSystem = decimal_text(y)
    dataset.TotalPixelMatrixOriginSequence = Sequence([origin])
    dataset.ImageOrientationSlide = [*frame.along_row, *frame.along_column]
    dataset.Rows = dataset.Columns = TILE
    dataset.DimensionOrganizationType = "TILED_SPARSE"
    organisation = Dataset()
    organisation.DimensionOrganizationUID = uid("dimensions")
    dataset.DimensionOrganizationSequence = Sequence([organisation])


def add_dimensions(dataset: Dataset, uid: NameUid, *first: tuple[BaseTag, BaseTag]) -> None:
    """What the index of each frame counts: `first`, then rows and columns of tiles."""
    pointers = (*first, (_ROW_POSITION, _PLANE_POSITION), (_COLUMN_POSITION, _PLANE_POSITION))
    items: list[Dataset] = []
    for pointer, group in pointers:
        item = Dataset()
        item.DimensionOrganizationUID = uid("dimensions")
        item.DimensionIndexPointer = pointer
        item.FunctionalGroupPointer = group
        items.append(item)
    dataset.DimensionIndexSequence = Sequence(items)


def measures(frame: SlideFrame, scale: float) -> Dataset:
    """Pixel Measures (PS3.3 C.7.6.16.2.1)."""
    item = Dataset()
    across, down = frame.spacing
    item.PixelSpacing = [decimal_text(down * scale), decimal_text(across * scale)]
    item.SliceThickness = THICKNESS
    return item


def derivation(frame: SlideFrame) -> Dataset:
    """What the frames were computed from (PS3.3 C.7.6.16.2.6): the finest level of the slide."""
    source = referenced(frame)
    source.PurposeOfReferenceCodeSequence = code_sequence(SOURCE_IMAGE)
    item = Dataset()
    item.SourceImageSequence = Sequence([source])
    item.DerivationCodeSequence = code_sequence(DERIVED_BY_ALGORITHM)
    return item


def frame_item(tile: Tile, *, frame: SlideFrame, placed: Placed) -> Dataset:
    """The functional groups of one frame: its place in the matrix and on the glass."""
    position = Dataset()
    position.ColumnPositionInTotalImagePixelMatrix = tile.column + 1
    position.RowPositionInTotalImagePixelMatrix = tile.row + 1
    x, y = frame.on_glass(placed.x + tile.column * placed.scale, placed.y + tile.row * placed.scale)
    position.XOffsetInSlideCoordinateSystem = decimal_text(x)
    position.YOffsetInSlideCoordinateSystem = decimal_text(y)
    position.ZOffsetInSlideCoordinateSystem = "0"
    content = Dataset()
    where = [tile.row // TILE + 1, tile.column // TILE + 1]
    content.DimensionIndexValues = [tile.segment, *where] if tile.segment else where
    item = Dataset()
    item.PlanePositionSlideSequence = Sequence([position])
    item.FrameContentSequence = Sequence([content])
    return item


def read_placed(dataset: Dataset, frame: SlideFrame) -> Placed:
    """Where the matrix lies on the slide, to a millionth of a level-0 pixel."""
    (origin,) = dataset.TotalPixelMatrixOriginSequence
    x, y = frame.from_glass(
        float(origin.XOffsetInSlideCoordinateSystem), float(origin.YOffsetInSlideCoordinateSystem)
    )
    (shared,) = dataset.SharedFunctionalGroupsSequence
    across = float(shared.PixelMeasuresSequence[0].PixelSpacing[1])
    scale = across / frame.spacing[0]
    # 0.0 takes a negative zero away.
    return Placed(round(x, PRECISION) + 0.0, round(y, PRECISION) + 0.0, float(f"{scale:.12g}"))


def assemble(
    dataset: Dataset, frames: Iterable[NDArray[Any]], into: NDArray[Any], *, nothing: float
) -> None:
    """Lay each frame into the whole matrix; pixels that are `nothing` hide none before them."""
    rows, columns = into.shape
    groups = dataset.PerFrameFunctionalGroupsSequence
    for number, (group, pixels) in enumerate(zip(groups, frames, strict=True), 1):
        position = group.PlanePositionSlideSequence[0]
        left = int(position.ColumnPositionInTotalImagePixelMatrix) - 1
        top = int(position.RowPositionInTotalImagePixelMatrix) - 1
        if not (0 <= left < columns and 0 <= top < rows):
            raise InputError("a frame lies outside its matrix.", place=f"frame {number}")
        part = pixels[: rows - top, : columns - left]
        target = into[top : top + part.shape[0], left : left + part.shape[1]]
        np.copyto(target, part, where=part != nothing)
