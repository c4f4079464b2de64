"""An image (one digitised slide) and its levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil


class Flavour(StrEnum):
    """DICOM image flavours (PS3.3 C.8.12.4.1.1, value 3 of Image Type)."""

    VOLUME = "VOLUME"
    LABEL = "LABEL"
    OVERVIEW = "OVERVIEW"
    THUMBNAIL = "THUMBNAIL"


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of a pyramid.

    `columns` and `rows` are pixels of the total pixel matrix, `tile_columns` and `tile_rows`
    pixels of one frame, `mpp_x` and `mpp_y` micrometres per pixel of this level. Level 0 is the
    finest. `focal_planes` and `optical_paths` tell how many frames lie over each tile.
    """

    index: int
    columns: int
    rows: int
    tile_columns: int
    tile_rows: int
    mpp_x: float
    mpp_y: float
    focal_planes: int = 1
    optical_paths: int = 1

    @property
    def tiles_across(self) -> int:
        return ceil(self.columns / self.tile_columns)

    @property
    def tiles_down(self) -> int:
        return ceil(self.rows / self.tile_rows)

    @property
    def tile_count(self) -> int:
        return self.tiles_across * self.tiles_down

    @property
    def frame_count(self) -> int:
        return self.tile_count * self.focal_planes * self.optical_paths
