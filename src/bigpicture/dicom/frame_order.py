"""Which stored frame shows which tile, focal plane and optical path of a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from bigpicture.dicom.read import Instance
from bigpicture.model.errors import SlideError

Z_DECIMALS = 3
"""Of micrometres: planes nearer to each other than a nanometre are one."""
MAXIMUM_SLOTS = 1 << 26
"""Half a gigabyte of frame numbers."""


@dataclass(frozen=True)
class FrameOrder:
    """The frames of one instance, or of the parts of a concatenation, by what they show.

    `slots` has the shape (paths, planes, tiles) and holds frame numbers, -1 where there is none;
    None where frames follow each other in that order. `heights` are micrometres of each plane
    above the glass, `paths` the identifiers of the optical paths.
    """

    paths: tuple[str, ...]
    heights: tuple[float, ...]
    tiles: int
    slots: NDArray[np.int64] | None

    def array(self) -> NDArray[np.int64]:
        if self.slots is not None:
            return self.slots
        shape = len(self.paths), len(self.heights), self.tiles
        return np.arange(self.tiles * shape[0] * shape[1]).reshape(shape)


def order_frames(parts: tuple[Instance, ...]) -> FrameOrder:
    """Find the order of the frames of `parts`; raises `SlideError` where they contradict it."""
    first = parts[0]
    count = sum(part.frame_count for part in parts)
    if not first.is_tiled_full:
        return _sparse(parts, count)
    level = first.level
    if count != level.frame_count:
        raise SlideError(
            f"{level.frame_count} frames make its total pixel matrix, {count} are there.",
            place=first.place,
            rule="PS3.3 C.7.6.17.3",
            remedy="It is damaged, or a part of it is missing: export it again.",
        )
    heights = _heights(first)
    return FrameOrder(_path_names(first), heights, level.tile_count, None)


def _path_names(instance: Instance) -> tuple[str, ...]:
    """Identifiers in the order of Optical Path Sequence (PS3.3 C.7.6.17.3), or numbers."""
    wanted = instance.level.optical_paths
    shared = instance.header.get("SharedFunctionalGroupsSequence", None)
    own = _path_of(shared[0]) if shared else None
    if wanted == 1 and own is not None:
        return (own,)
    items = instance.header.get("OpticalPathSequence", None) or ()
    names = tuple(str(item.get("OpticalPathIdentifier", "")) for item in items)
    if wanted == 1 and len(names) > 1:
        # It counts the paths of the slide; which one it holds, nothing tells.
        return ("",)
    is_told = len(names) == wanted and len(set(names)) == wanted
    return names if is_told else tuple(str(number) for number in range(wanted))


def _path_of(group: Dataset) -> str | None:
    items = group.get("OpticalPathIdentificationSequence", None)
    name = items[0].get("OpticalPathIdentifier", None) if items else None
    return None if name is None else str(name)


def _heights(instance: Instance) -> tuple[float, ...]:
    """Of a TILED_FULL instance: from its lowest plane on, by the spacing it states."""
    lowest = 0.0
    origins = instance.header.get("TotalPixelMatrixOriginSequence", None)
    shared = instance.header.get("SharedFunctionalGroupsSequence", None)
    positions = shared[0].get("PlanePositionSlideSequence", None) if shared else None
    for items in (origins, positions):
        height = items[0].get("ZOffsetInSlideCoordinateSystem", None) if items else None
        if height is not None:
            lowest = float(height)
            break
    step = plane_spacing(instance) or 1.0
    planes = range(instance.level.focal_planes)
    return tuple(round(lowest + step * plane, Z_DECIMALS) for plane in planes)


def plane_spacing(instance: Instance) -> float:
    """Micrometres between focal planes as the header states it (in millimetres), else 0."""
    try:
        shared = instance.header.SharedFunctionalGroupsSequence[0]
        spacing = float(shared.PixelMeasuresSequence[0].SpacingBetweenSlices) * 1000
    except (AttributeError, IndexError, TypeError, ValueError):
        return 0.0
    return spacing if 0 < spacing < 10_000 else 0.0


def _sparse(parts: tuple[Instance, ...], count: int) -> FrameOrder:
    """PS3.3 C.8.12.6.1.1: positions count from 1, in pixels of the total matrix; Z in µm."""
    first = parts[0]
    tiles = np.empty(count, np.int64)
    heights = np.empty(count, np.float64)
    names: list[str] = []
    at = 0
    for part in parts:
        groups = part.header.get("PerFrameFunctionalGroupsSequence", None) or ()
        if len(groups) != part.frame_count:
            raise SlideError(
                f"{part.frame_count} frames are declared, {len(groups)} have a position.",
                place=part.place,
                rule="PS3.3 C.8.12.6.1",
                remedy="It is damaged: export it again.",
            )
        usual = _path_names(part)[0]
        for number, group in enumerate(groups):
            tiles[at], heights[at] = _position(group, part, number)
            names.append(_path_of(group) or usual)
            at += 1
    return _by_slots(first, tiles, np.round(heights, Z_DECIMALS), names)


def _position(group: Dataset, part: Instance, number: int) -> tuple[int, float]:
    level = part.level
    try:
        position = group.PlanePositionSlideSequence[0]
        left = int(position.ColumnPositionInTotalImagePixelMatrix) - 1
        top = int(position.RowPositionInTotalImagePixelMatrix) - 1
        height = float(position.get("ZOffsetInSlideCoordinateSystem", None) or 0.0)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise SlideError(
            f"frame {number} has no position.", place=part.place, rule="PS3.3 C.8.12.6.1"
        ) from error
    is_on_grid = left % level.tile_columns == 0 and top % level.tile_rows == 0
    if not is_on_grid or not (0 <= left < level.columns and 0 <= top < level.rows):
        raise SlideError(
            f"frame {number} does not lie on the grid of tiles.",
            place=part.place,
            remedy="Export the slide with tiles side by side.",
        )
    tile = top // level.tile_rows * level.tiles_across + left // level.tile_columns
    return tile, height


def _by_slots(
    instance: Instance, tiles: NDArray[np.int64], heights: NDArray[np.float64], names: list[str]
) -> FrameOrder:
    declared = _path_names(instance)
    present = dict.fromkeys(names)
    paths = tuple(name for name in declared if name in present)
    paths += tuple(name for name in present if name not in paths)
    path_of = {name: number for number, name in enumerate(paths)}
    rows = np.fromiter((path_of[name] for name in names), np.int64, len(names))
    level = instance.level
    place = rows * level.tile_count + tiles
    if len(np.unique(place)) == len(place):
        # One frame a tile: heights that differ are those at which each was in focus.
        planes, layer = np.array([0.0]), np.zeros(len(place), np.int64)
    else:
        planes, layer = np.unique(heights, return_inverse=True)
    slots = empty_slots(instance, len(paths), len(planes))
    slots[rows, layer, tiles] = np.arange(len(tiles))
    if np.count_nonzero(slots >= 0) != len(tiles):
        raise _untidy(instance)
    return FrameOrder(paths, tuple(planes.tolist()), level.tile_count, slots)


def empty_slots(instance: Instance, paths: int, planes: int) -> NDArray[np.int64]:
    """Slots of a level without a frame; raises `SlideError` where they would be too many."""
    tiles = instance.level.tile_count
    if paths * planes * tiles > MAXIMUM_SLOTS:
        raise SlideError(
            f"{tiles} tiles, {planes} focal planes and {paths} optical paths are too many for "
            "frames that are not in order.",
            place=instance.place,
            remedy="It is damaged, or export it as TILED_FULL.",
        )
    return np.full((paths, planes, tiles), -1, np.int64)


def _untidy(instance: Instance) -> SlideError:
    return SlideError(
        "two frames have the same position, focal plane and optical path.",
        place=instance.place,
        rule="PS3.3 C.8.12.6.1",
        remedy="It is damaged: export it again.",
    )
