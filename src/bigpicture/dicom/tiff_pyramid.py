"""Finds the pyramid among the directories of a TIFF."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bigpicture.dicom.slide import Associated
from bigpicture.dicom.tiff import Directory
from bigpicture.dicom.tiff_strips import StripedLevel
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

TiffPyramid = tuple[TiledLevel | StripedLevel, ...]

ASPECT_TOLERANCE = 0.02
"""Of a reduced level's shape against the base; plus a pixel, for rounding of small levels."""


def is_tiled(directory: Directory) -> bool:
    return 322 in directory.tags


def tiff_level(directory: Directory, *, trusts_jfif: bool = False) -> TiledLevel | StripedLevel:
    """The level in `directory`, checked; raises `SlideError`."""
    kind = TiledLevel if is_tiled(directory) else StripedLevel
    level = kind(directory, trusts_jfif)
    level.check()
    return level


def size(directory: Directory) -> tuple[int, int]:
    return directory.number(256, 0), directory.number(257, 0)


def is_reduction(directory: Directory, base: Directory) -> bool:
    """Whether `directory` shows what `base` shows, with fewer pixels."""
    columns, rows = size(directory)
    base_columns, base_rows = size(base)
    if not 0 < columns < base_columns or not 0 < rows < base_rows:
        return False
    expected = base_rows * columns / base_columns
    return abs(rows - expected) <= 1 + ASPECT_TOLERANCE * expected


def build_pyramid(directories: Sequence[Directory], *, trusts_jfif: bool = False) -> TiffPyramid:
    """The levels in `directories`, finest first, the first of them being the base.

    Raises `SlideError` where two have the same width.
    """
    found = (tiff_level(each, trusts_jfif=trusts_jfif) for each in directories)
    levels = sorted(found, key=lambda level: -level.columns)
    for finer, coarser in pairwise(levels):
        if finer.columns == coarser.columns:
            raise SlideError(
                f"two images are {finer.columns} pixels wide.",
                place=f"{finer.place}, {coarser.place}",
                rule="one image a level",
                remedy="Export one focal plane and one channel set of one slide.",
            )
    return tuple(levels)


def missing_remarks(levels: TiffPyramid) -> tuple[str, ...]:
    """A sentence for each level in which the scanner left tiles out."""
    return tuple(
        f"{level.place}: {level.missing} of {len(level.tiles)} tiles have no bytes; "
        "they became background."
        for level in levels
        if isinstance(level, TiledLevel) and level.missing
    )


def associated_image(directory: Directory, flavour: Flavour) -> Associated:
    columns, rows = size(directory)
    return Associated(flavour, directory.place, columns, rows)
