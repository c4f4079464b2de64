"""Olympus ETS files: their headers and the table of their chunks, which are the tiles of a stack.

The layout is that which Bio-Formats' CellSensReader, slideio and fastslide know: a header of 64
bytes (`SIS`), a second one (`ETS`) with what a tile is, and records of coordinates, place, length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.read import MAXIMUM_TILE_SIDE
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAGIC = b"SIS\0"
MAXIMUM_CHUNKS = 1 << 22
MAXIMUM_DIMENSIONS = 10
MAXIMUM_LEVELS = 24
MAXIMUM_COUNT = 4096
"""Of planes, channels and the like."""

RAW, JPEG, JPEG_2000, LOSSLESS_JPEG, PNG, BMP = 0, 2, 3, 5, 8, 9
COMPRESSIONS = {
    RAW: "none", JPEG: "JPEG", JPEG_2000: "JPEG 2000", LOSSLESS_JPEG: "lossless JPEG",
    PNG: "PNG", BMP: "BMP",
}  # fmt: skip
BGR_SPACE = 4
_BGR_ORDER = 1
_BITS = {2: 8, 4: 16}
"""Of the types of numbers those that a slide has: unsigned, 8 or 16 bits."""

_FIRST = struct.Struct("<4sIIIQIIQI")
_SECOND = struct.Struct("<4s9I68x40sII")


@dataclass(frozen=True)
class EtsFile:
    """One stack: what its tiles are, and where.

    `table` has a record for each chunk: `at`, its coordinates (column, row, ..., level), `offset`
    and `size` in bytes. `background` is one value for each sample.
    """

    source: ByteSource
    place: str
    bits: int
    samples: int
    colour_space: int
    compression: int
    tile_columns: int
    tile_rows: int
    background: tuple[int, ...]
    is_bgr: bool
    table: NDArray[Any]

    @property
    def tile_bytes(self) -> int:
        """Of an uncompressed tile."""
        return self.tile_columns * self.tile_rows * self.samples * self.bits // 8

    @property
    def coordinates(self) -> NDArray[np.int32]:
        """Shape (chunks, dimensions)."""
        return self.table["at"]

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of tiles on the finest level."""
        finest = self.coordinates[self.coordinates[:, -1] == 0]
        return int(finest[:, 0].max()) + 1, int(finest[:, 1].max()) + 1

    def data(self, chunk: int) -> bytes:
        return self.source.read(int(self.table["offset"][chunk]), int(self.table["size"][chunk]))


def read_ets(source: ByteSource, *, place: str) -> EtsFile:
    """Read the headers and the table; raises `SlideError` where one is damaged or not a slide's."""
    if source.size < _FIRST.size:
        raise _damaged(place, "it ends inside its header")
    magic, size, _, dimensions, at, _, _, chunks_at, count = _FIRST.unpack(
        source.read(0, _FIRST.size)
    )
    if magic != MAGIC or size != 64:
        raise _damaged(place, "it does not begin as an ETS file")
    if not 3 <= dimensions <= MAXIMUM_DIMENSIONS:
        raise _damaged(place, f"its tiles have {dimensions} coordinates")
    if at + _SECOND.size > source.size:
        raise _damaged(place, "its second header lies past its end")
    magic, _, kind, samples, space, compression, _, columns, rows, depth, shade, order, pyramid = (
        _SECOND.unpack(source.read(at, _SECOND.size))
    )
    if magic != b"ETS\0":
        raise _damaged(place, "its second header is none")
    bits = _check_kind(kind, samples, compression, depth, place)
    if not (1 <= columns <= MAXIMUM_TILE_SIDE and 1 <= rows <= MAXIMUM_TILE_SIDE):
        raise _damaged(place, f"a tile of {columns} × {rows} pixels is impossible")
    table = _read_table(source, chunks_at, count, dimensions, place)
    _check_table(table, source.size, columns * rows * samples * bits // 8, place)
    if not pyramid and int(table["at"][:, -1].max()):
        raise _refused(place, "its last coordinate counts something else than levels")
    background = struct.unpack(
        f"<{samples}{'B' if bits == 8 else 'H'}", shade[: samples * bits // 8]
    )
    return EtsFile(
        source=source,
        place=place,
        bits=bits,
        samples=samples,
        colour_space=space,
        compression=compression,
        tile_columns=columns,
        tile_rows=rows,
        background=background,
        is_bgr=samples == 3 and order == _BGR_ORDER,
        table=table,
    )


def _check_kind(kind: int, samples: int, compression: int, depth: int, place: str) -> int:
    """Bits of a sample; raises `SlideError` where tiles are none of a slide."""
    bits = _BITS.get(kind, 0)
    if not bits or (samples, bits) not in {(1, 8), (1, 16), (3, 8)}:
        raise _refused(place, f"its pixels have {samples} samples of type {kind}")
    if compression not in COMPRESSIONS:
        raise _refused(place, f"its tiles are compressed in way {compression}")
    if depth != 1:
        raise _refused(place, f"its tiles are {depth} planes deep")
    return bits


def _read_table(
    source: ByteSource, at: int, count: int, dimensions: int, place: str
) -> NDArray[Any]:
    kind = np.dtype(
        [("n", "<u4"), ("at", "<i4", (dimensions,)), ("offset", "<u8"), ("size", "<u4"),
         ("last", "<u4")]
    )  # fmt: skip
    if not count:
        raise _damaged(place, "it has no tiles")
    if count > MAXIMUM_CHUNKS:
        raise _damaged(place, f"it claims {count} tiles")
    if at + count * kind.itemsize > source.size:
        raise _damaged(place, "the table of its tiles lies past its end")
    table = np.frombuffer(source.read(at, count * kind.itemsize), kind)
    present = table[table["size"] > 0]
    if not len(present):
        raise _damaged(place, "none of its tiles has bytes")
    return present


def _check_table(table: NDArray[Any], size: int, whole: int, place: str) -> None:
    coordinates, starts, lengths = table["at"], table["offset"], table["size"].astype(np.uint64)
    room = np.uint64(size) - np.minimum(starts, np.uint64(size))
    if bool((lengths > room).any()):
        number = int(np.argmax(lengths > room))
        raise SlideError(
            f"tile {number} lies past the end of the file.",
            place=place,
            remedy="The file is truncated or damaged: copy it again from its origin.",
        )
    if bool((lengths > np.uint64(2 * whole + (1 << 16))).any()):
        raise _damaged(place, "a tile claims more bytes than its pixels can need")
    if bool((coordinates < 0).any()) or int(coordinates[:, :2].max()) >= MAXIMUM_CHUNKS:
        raise _damaged(place, "a tile lies where none can lie")
    if int(coordinates[:, -1].max()) >= MAXIMUM_LEVELS:
        raise _damaged(place, "it claims too many levels")
    between = coordinates[:, 2:-1]
    if between.size and int(between.max()) >= MAXIMUM_COUNT:
        raise _damaged(place, "it claims too many planes or channels")
    if not bool((coordinates[:, -1] == 0).any()):
        raise _damaged(place, "it has no tiles of full resolution")


def _refused(place: str, what: str) -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        rule="RGB of 8 bits, or channels of 8 or 16 bits; JPEG, JPEG 2000, lossless JPEG, PNG, "
        "BMP or uncompressed",
        remedy="Export the slide from its software as OME-TIFF or DICOM.",
    )


def _damaged(place: str, what: str) -> SlideError:
    return SlideError(
        f"the ETS file is damaged: {what}.",
        place=place,
        remedy="Copy the slide again from its origin, with its folder.",
    )
