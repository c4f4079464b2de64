"""The pixels of a level at a node, read as those of a level on this machine."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import simplejpeg

from bigpicture.client.node import Node
from bigpicture.client.tile_door import TilePlace, fetch_tiles
from bigpicture.dicom.level_pixels import TiledPixels, TileMemory
from bigpicture.dicom.patches import put
from bigpicture.dicom.region import Box, tiles_under
from bigpicture.dicom.slide import Pixels
from bigpicture.model.bounded import Bounded
from bigpicture.model.errors import BigpictureError, SlideError
from bigpicture.model.image import Level

Bodies = Bounded[tuple[str, int, int, int], bytes]
"""JPEG streams by image, level, column and row; weighed in bytes."""


class RemotePixels:
    """A level of an image at a node. Whatever lies under a rectangle comes in one request."""

    def __init__(
        self, node: Node, image: str, level: Level, *, kept: TileMemory, bodies: Bodies
    ) -> None:
        self.level = level
        self._node = node
        self._image = image
        self._kept = kept
        self._bodies = bodies

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        return self.bring([Box(x, y, width, height)]).read(x, y, width, height, out=out)

    def bring(self, boxes: Iterable[Box]) -> TiledPixels:
        """The level with every tile at hand that lies under these boxes of it.

        Raises what the node refuses with. A tile that is damaged is an error only once it is read.
        """
        level, at_hand, missing = (
            self.level,
            dict[TilePlace, bytes | BigpictureError](),
            list[TilePlace](),
        )
        for place in dict.fromkeys(place for box in boxes for place in tiles_under(level, box)):
            body = self._bodies.get((self._image, level.index, *place))
            if body is not None:
                at_hand[place] = body
            elif (self._image, level.index, *place) not in self._kept:
                missing.append(place)
        if missing:
            fetched = fetch_tiles(self._node, self._image, level.index, missing)
            at_hand |= fetched
            for place, body in fetched.items():
                if isinstance(body, bytes):
                    self._bodies.put((self._image, level.index, *place), body, len(body))

        def decode(column: int, row: int, out: Pixels | None) -> Pixels:
            body = at_hand.get((column, row))
            if body is None:  # it was kept decoded when this began, and is no more
                body = fetch_tiles(self._node, self._image, level.index, [(column, row)])[
                    column, row
                ]
            if not isinstance(body, bytes):
                raise body
            return put(self._decoded(body, column, row), out)

        return TiledPixels(level, decode, self._kept, of=self._image)

    def _decoded(self, body: bytes, column: int, row: int) -> Pixels:
        level = self.level
        try:
            pixels = simplejpeg.decode_jpeg(body, "RGB")
        except ValueError as error:
            raise self._damaged(column, row) from error
        if pixels.shape != (level.tile_rows, level.tile_columns, 3):
            raise self._damaged(column, row)
        return np.asarray(pixels, np.uint8)

    def _damaged(self, column: int, row: int) -> SlideError:
        return SlideError(
            "a tile is damaged.",
            place=f"{self._image} level {self.level.index} tile {column}_{row}",
            remedy="Tell the node's stewards.",
        )
