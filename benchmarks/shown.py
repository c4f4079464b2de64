"""A controlled slide on a node, and its very frames as files that peers read."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import tifffile
from sqlalchemy import select

from benchmarks.node import free_port, new_node, prepared, publish
from bigpicture.access.grant import record_grant
from bigpicture.access.people import add_hashed_person
from bigpicture.access.tokens import TokenKind, issue_token
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.tiles import TiledInstance, open_pyramid
from bigpicture.model.person import Role
from bigpicture.phantom.datasets import Kind, write_dataset
from bigpicture.storage.records.tables import images
from bigpicture.submission.stores import Stores

SIZE = (8192, 6144)
TILE = 256


@dataclass(frozen=True)
class Shown:
    """`token` acts for somebody who was granted the dataset; `tiff` holds the frames of `levels`.

    `tiles` is a folder with every tile of the finest level as a file `{column}_{row}.jpg`.
    """

    stores: Stores
    image: str
    token: str
    levels: list[TiledInstance]
    finest: Path
    tiff: Path
    tiles: Path

    @property
    def across(self) -> int:
        return self.levels[0].level.tiles_across

    @property
    def down(self) -> int:
        return self.levels[0].level.tiles_down


@cache
def shown(kind: Kind) -> Shown:
    """Made once a run; memories of whole tiles and regions are off, so that each tile is read.

    The clinical slide is controlled, its JPEG is RGB in full; the non-clinical one's is YCbCr with
    chroma at half width and height, as most scanners write it.
    """
    folder = Path(_kept().name) / kind
    folder.mkdir()
    root = write_dataset(kind, folder, slides=1, size=SIZE, processes=2)
    files = prepared(root, folder / "work")
    stores, steward = new_node(
        folder / "node",
        tile_cache_bytes=0,
        picture_cache_bytes=0,
        pixel_cache_bytes=0,
        segment_cache_bytes=0,
        port=free_port(),
    )
    dataset = publish(stores, steward, files, alias=root.name.removeprefix("DATASET_"))
    with stores.records.read() as connection:
        image = connection.scalars(select(images.c.accession)).first()
    slides = sorted(file.place for file in files if file.path.endswith(".dcm"))
    levels = open_pyramid([(path.name, FileSource(path)) for path in slides])
    return Shown(
        stores=stores,
        image=image,
        token=_granted(stores, dataset),
        levels=levels,
        finest=max(slides, key=lambda path: path.stat().st_size),
        tiff=_write_tiff(levels, folder / "frames.tiff"),
        tiles=_write_tiles(levels[0], folder / "static"),
    )


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="viewing-")


def _granted(stores: Stores, dataset: str) -> str:
    with stores.records.write() as connection:
        person = add_hashed_person(
            connection,
            name="ada",
            display_name="Ada",
            organisation="Invented hospital",
            roles=[Role.RESEARCHER],
            password_hash="none",
            by="node",
        )
        token, _ = issue_token(
            connection, person, kind=TokenKind.API, label="bench", lifetime=timedelta(days=1)
        )
        now = datetime.now(UTC)
        record_grant(
            connection,
            person=person.id,
            dataset=dataset,
            start=now - timedelta(hours=1),
            end=now + timedelta(days=1),
            reason="a benchmark",
            by="node",
        )
    return token


def _write_tiff(levels: list[TiledInstance], path: Path) -> Path:
    """A pyramid of the same JPEG streams, which OpenSlide and large_image read."""
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number, tiled in enumerate(levels):
            level = tiled.level
            writer.write(
                iter([_stream(tiled, frame) for frame in range(level.frame_count)]),
                shape=(level.rows, level.columns, 3),
                dtype=np.uint8,
                tile=(level.tile_rows, level.tile_columns),
                photometric="rgb" if tiled.instance.photometric == "RGB" else "ycbcr",
                subsampling=None if tiled.instance.photometric == "RGB" else (2, 2),
                compression="jpeg",
                subfiletype=1 if number else 0,
                resolution=(1e4 / level.mpp_x, 1e4 / level.mpp_y),
                resolutionunit="CENTIMETER",
                metadata=None,
            )
    return path


def _write_tiles(tiled: TiledInstance, folder: Path) -> Path:
    folder.mkdir()
    for frame in range(tiled.level.frame_count):
        row, column = divmod(frame, tiled.level.tiles_across)
        (folder / f"{column}_{row}.jpg").write_bytes(tiled.stored(frame))
    return folder


def _stream(tiled: TiledInstance, frame: int) -> bytes:
    return tiled.stored(frame).rstrip(b"\0")  # DICOM's padding to an even length
