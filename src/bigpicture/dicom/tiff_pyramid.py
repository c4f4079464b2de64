"""Finds the pyramid among the directories of a TIFF."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bigpicture.dicom.layered_level import LayeredLevel, layered
from bigpicture.dicom.picture import draw_level
from bigpicture.dicom.slide import Associated, SourceLevel
from bigpicture.dicom.tiff import Directory
from bigpicture.dicom.tiff_strips import StripedLevel
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

TiffImage = TiledLevel | StripedLevel
TiffPyramid = tuple[TiffImage, ...]
StackPyramid = tuple[SourceLevel, ...]

ASPECT_TOLERANCE = 0.02
"""Of a reduced level's shape against the base; plus a pixel, for rounding of small levels."""


def is_tiled(directory: Directory) -> bool:
    return 322 in directory.tags


def tiff_level(
    directory: Directory, *, trusts_jfif: bool = False, is_channel: bool = False
) -> TiffImage:
    """The level in `directory`, checked; with `is_channel` its one sample stays as it is.

    Raises `SlideError`.
    """
    kind = TiledLevel if is_tiled(directory) else StripedLevel
    level = kind(directory, trusts_jfif, is_channel)
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


def build_pyramid(
    directories: Sequence[Directory], *, trusts_jfif: bool = False, is_channel: bool = False
) -> TiffPyramid:
    """The levels in `directories`, finest first, the first of them being the base.

    Raises `SlideError` where two have the same width.
    """
    found = (
        tiff_level(each, trusts_jfif=trusts_jfif, is_channel=is_channel) for each in directories
    )
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


def build_stacks(
    images: Sequence[Sequence[Directory]],
    *,
    planes: int,
    paths: int,
    is_channel: bool,
    trusts_jfif: bool = False,
) -> StackPyramid:
    """The levels of a slide of several `planes` and `paths` (channels), finest first.

    `images` holds the directories of each of them, all resolutions of one focal plane of one path
    together, in the order of TILED_FULL: the planes of the first path (the nearest to the glass
    first), of the next one. With `is_channel` the one sample of each image stays what it is, else
    it is brightfield. Raises `SlideError` where they differ in number, size, tiles or samples.
    """
    assert len(images) == planes * paths
    pyramids = [
        build_pyramid(each, trusts_jfif=trusts_jfif, is_channel=is_channel) for each in images
    ]
    if len({len(pyramid) for pyramid in pyramids}) != 1:
        raise SlideError(
            "its planes or channels have different numbers of levels.",
            place=pyramids[0][0].place,
            rule="all images of a level are alike",
            remedy="The file is damaged, or no slide: export it again.",
        )
    return tuple(layered(level, paths=paths) for level in zip(*pyramids, strict=True))


def missing_remarks(levels: Sequence[SourceLevel]) -> tuple[str, ...]:
    """A sentence for each image in which the scanner left tiles out."""
    return tuple(
        f"{image.place}: {image.missing} of {_number(image)} have no bytes; they became background."
        for level in levels
        for image in (level.layers if isinstance(level, LayeredLevel) else (level,))
        if isinstance(image, TiffImage) and image.missing
    )


def _number(image: TiffImage) -> str:
    if isinstance(image, TiledLevel):
        return f"{image.count} tiles"
    return f"{image.strip_count} strips"


def associated_image(directory: Directory, flavour: Flavour) -> Associated:
    columns, rows = size(directory)
    return Associated(
        flavour, directory.place, columns, rows, lambda: draw_level(tiff_level(directory))
    )
