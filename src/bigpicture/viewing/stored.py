"""A stored image: the levels of a published image, and the objects they lie in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.model.errors import ErasedError, UnknownError
from bigpicture.model.image import Level
from bigpicture.storage.records import tables as t
from bigpicture.viewing.layers import USUAL, Layers

JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """`source` is the key of its DICOM instance, `index` of its frame index.

    `transfer_syntax` is empty where the records do not hold it.
    """

    level: Level
    media_type: str
    photometric: str
    instance_uid: str
    source: str
    index: str
    transfer_syntax: str = ""

    @property
    def is_grey(self) -> bool:
        return is_grey(self.photometric)

    def frames(self, column: int, row: int, layers: Layers = USUAL) -> tuple[int, ...]:
        """The numbers of the frames that a tile is drawn from, in the order of TILED_FULL.

        One of a colour level, one for each channel of a fluorescence level. A level that holds
        fewer focal planes than asked for gives its last. Raises `UnknownError` outside.
        """
        level = self.level
        across = level.tiles_across
        if not (0 <= column < across and 0 <= row < level.tiles_down):
            raise UnknownError(
                "there is no such tile.",
                place=f"level {level.index}, column {column}, row {row}",
                rule=f"{across} columns, {level.tiles_down} rows",
            )
        number = row * across + column
        if level.focal_planes == level.optical_paths == 1 and layers.channels is None:
            return (number,)
        return self._layered(number, layers)

    def _layered(self, number: int, layers: Layers) -> tuple[int, ...]:
        level = self.level
        planes, tiles = level.focal_planes, level.tile_count
        plane = planes // 2 if layers.plane is None else min(layers.plane, planes - 1)
        paths = level.optical_paths if self.is_grey else 1
        chosen = range(paths) if layers.channels is None else layers.channels
        if not all(0 <= path < paths for path in chosen) or (layers.channels and not self.is_grey):
            raise UnknownError(
                "there is no such channel.",
                place=f"level {level.index}",
                rule=f"channels 0 to {paths - 1}" if self.is_grey else "a slide in colour has none",
            )
        return tuple((path * planes + plane) * tiles + number for path in chosen)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """Never changes under its accession: may be kept as long as anybody likes."""

    accession: str
    dataset: str
    levels: tuple[StoredLevel, ...]

    @property
    def focal_planes(self) -> int:
        """Of the level that has most: some scanners keep a stack of the finest alone."""
        return max((one.level.focal_planes for one in self.levels), default=1)

    def at(self, level: int) -> StoredLevel:
        """One level, 0 the finest; raises `UnknownError`."""
        if not 0 <= level < len(self.levels):
            raise UnknownError("there is no such level.", place=f"level {level}")
        return self.levels[level]


def is_grey(photometric: str) -> bool:
    """Whether frames hold the intensities of one channel, not colours (PS3.3 C.7.6.3.1.2)."""
    return photometric.startswith("MONOCHROME")


def read_stored(connection: Connection, image: str) -> StoredImage:
    """Read where an image lies.

    Raises `UnknownError` when none is published, `ErasedError` when one of its levels was erased.
    """
    dataset = connection.execute(
        select(t.images.c.dataset).where(t.images.c.accession == image)
    ).scalar()
    if dataset is None:
        raise UnknownError("there is no such image.", place=image)
    rows = (
        connection.execute(
            select(t.levels, t.objects.c.header.is_(None).label("is_erased"))
            .join(t.objects, t.objects.c.key == t.levels.c.object)
            .where(t.levels.c.image == image)
            .order_by(t.levels.c.level)
        )
        .mappings()
        .all()
    )
    if any(row["is_erased"] for row in rows):
        raise ErasedError("this image was erased: the key of its subject was destroyed.")
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
            transfer_syntax=row["transfer_syntax"] or "",
        )
        for row in rows
    )
    return StoredImage(image, dataset, levels)
