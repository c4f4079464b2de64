"""A stored image: the levels of a published image, and the objects they lie in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.model.errors import UnknownError
from bigpicture.model.image import Level
from bigpicture.storage.records import tables as t

JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """`source` is the key of its DICOM instance, `index` of its frame index."""

    level: Level
    media_type: str
    photometric: str
    instance_uid: str
    source: str
    index: str

    def frame(self, column: int, row: int) -> int:
        """The number of a tile's frame (TILED_FULL: row by row).

        Raises `UnknownError` outside the level.
        """
        is_inside = 0 <= column < self.level.tiles_across and 0 <= row < self.level.tiles_down
        if not is_inside:
            raise UnknownError(
                "there is no such tile.",
                place=f"level {self.level.index}, column {column}, row {row}",
                rule=f"{self.level.tiles_across} columns, {self.level.tiles_down} rows",
            )
        return row * self.level.tiles_across + column


@dataclass(frozen=True, slots=True)
class StoredImage:
    """Never changes under its accession: may be kept as long as anybody likes."""

    accession: str
    dataset: str
    levels: tuple[StoredLevel, ...]

    def at(self, level: int) -> StoredLevel:
        """One level, 0 the finest; raises `UnknownError`."""
        if not 0 <= level < len(self.levels):
            raise UnknownError("there is no such level.", place=f"level {level}")
        return self.levels[level]


def read_stored(connection: Connection, image: str) -> StoredImage:
    """Read where an image lies; raises `UnknownError` when none is published."""
    dataset = connection.execute(
        select(t.images.c.dataset).where(t.images.c.accession == image)
    ).scalar()
    if dataset is None:
        raise UnknownError("there is no such image.", place=image)
    rows = connection.execute(
        select(t.levels).where(t.levels.c.image == image).order_by(t.levels.c.level)
    ).mappings()
    sides = (
        "columns", "rows", "tile_columns", "tile_rows", "mpp_x", "mpp_y", "focal_planes",
        "optical_paths",
    )  # fmt: skip
    levels = tuple(
        StoredLevel(
            level=Level(row["level"], **{side: row[side] for side in sides}),
            media_type=row["media_type"],
            photometric=row["photometric"],
            instance_uid=row["sop_instance_uid"],
            source=row["object"],
            index=row["index_object"],
        )
        for row in rows
    )
    return StoredImage(image, dataset, levels)
