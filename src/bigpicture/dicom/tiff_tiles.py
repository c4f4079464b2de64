"""A tiled TIFF level: its tiles are copied where DICOM has their compression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from threading import Lock

from bigpicture.dicom.codecs import JPEG_2000, JPEG_BASELINE
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.jpeg import YCBCR, Splicer, read_head, read_tables
from bigpicture.dicom.jpeg2000 import Codestream, read_codestream, without_comments
from bigpicture.dicom.read import MAXIMUM_TILE_SIDE
from bigpicture.dicom.slide import Encoding, Frame, Samples
from bigpicture.dicom.syntax import MAXIMUM_NATIVE
from bigpicture.dicom.tiff_codecs import LOSSLESS, RARE, UNCOMPRESSED, is_lossless_stream
from bigpicture.dicom.tiff_level import JPEG, JPEG2000S, RGB, TiffLevel
from bigpicture.dicom.tiff_segments import Segments
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

READ_AHEAD = 512 << 10


@dataclass(frozen=True)
class TiledLevel(TiffLevel):
    """A level whose tiles can be copied where DICOM has their compression."""

    _ahead: _ReadAhead = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ahead", _ReadAhead(self.directory.source))

    @property
    def tile_columns(self) -> int:
        return self._tile_shape[0]

    @property
    def tile_rows(self) -> int:
        return self._tile_shape[1]

    @cached_property
    def _tile_shape(self) -> tuple[int, int]:
        return self._tile_side(322), self._tile_side(323)

    def _tile_side(self, code: int) -> int:
        side = self.directory.number(code, 0)
        if not 1 <= side <= MAXIMUM_TILE_SIDE:
            raise self.directory.damaged(f"a tile side of {side} pixels is impossible")
        return side

    @cached_property
    def count(self) -> int:
        """How many tiles cover the level."""
        return ceil(self.columns / self.tile_columns) * ceil(self.rows / self.tile_rows)

    @cached_property
    def tiles(self) -> Segments:
        """Where they lie; those of further colours, if these are separate, follow the first's."""
        shape = (self.tile_columns, self.tile_rows)
        return self.segments(324, 325, self.count * self.parts, shape=shape)

    @cached_property
    def missing(self) -> int:
        """How many tiles have no bytes; scanners leave glass out."""
        return self.lengths_missing(325, self.count)

    @cached_property
    def _first(self) -> bytes:
        """The first tile that has bytes."""
        number = self.tiles.first_present
        return b"" if number is None else self._bytes(number)

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        whole = self._whole * (self.count - self.missing) * self.parts
        return replace(self._frames(), ratio=whole / max(1, self.tiles.total))

    @property
    def _whole(self) -> int:
        return self.size_of(self.tile_columns, self.tile_rows)

    def _frames(self) -> Encoding:
        place = f"{self.place} first tile"
        if self.is_separate:
            return self.reencoding("its colours lie in separate planes")
        if self.is_channel and self.is_inverted:
            return self.reencoding("white is zero in the source")
        if not self._first or self.compression in LOSSLESS:
            return self._encoding_of_lossless()
        if self.compression in RARE:
            again = self.reencoding("DICOM has no transfer syntax for JPEG XR, JPEG XL and WebP")
            return replace(again, is_lossy=not is_lossless_stream(self._first))
        if self.compression == JPEG:
            return self._encoding_of_jpeg(place)
        return self._encoding_of_jpeg2000(place)

    def _encoding_of_lossless(self) -> Encoding:
        photometric = "MONOCHROME2" if self.is_channel else "RGB"
        is_same = self.is_channel or (self.samples == 3 and self.photometric == RGB)
        is_native = (
            self.compression == UNCOMPRESSED
            and is_same
            and (self.bits == 8 or self.directory.order == "<")
            and bool((self.tiles.lengths == self._whole).all())
            and self._whole * self.count < MAXIMUM_NATIVE
        )
        if is_native:
            return Encoding(EXPLICIT_LITTLE, photometric, is_lossy=False)
        if self.compression != UNCOMPRESSED:
            return self.reencoding("DICOM has no such lossless compression")
        return self.reencoding("DICOM has no such uncompressed tiles")

    def _encoding_of_jpeg(self, place: str) -> Encoding:
        head = read_head(self._first, place=place)
        wanted = 1 if self.is_channel else 3
        if not head.is_baseline or len(head.components) != wanted:
            number = "one" if self.is_channel else "three"
            return self.reencoding(f"tiles are not {number}-component JPEG Baseline")
        colours = "RGB" if self.is_rgb(head) else YCBCR
        name = "MONOCHROME2" if self.is_channel else colours
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method="ISO_10918_1")

    def _encoding_of_jpeg2000(self, place: str) -> Encoding:
        stream = read_codestream(self._first, place=place)
        wanted = self.stack.samples
        is_full = set(stream.sampling) == {(1, 1)} and stream.bits == self.stack.bits
        if stream.components != wanted or not is_full or _is_signed(self._first):
            number = "one" if self.is_channel else "three"
            size = f"full-size {self.stack.bits}-bit"
            return self.reencoding(f"tiles are not {number} {size} unsigned components")
        if self.is_ycbcr_2000 and not self.is_channel and not stream.has_colour_transform:
            return self.reencoding("tiles hold YCbCr that their JPEG 2000 streams do not declare")
        # A reversible stream may still have been truncated: only Lossless Only promises it was not.
        return Encoding(JPEG_2000, stream.photometric, is_lossy=True, method="ISO_15444_1")

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(
            read_tables(self.jpeg_tables, place=f"{self.place} JPEGTables"),
            is_rgb=self.is_rgb(read_head(self._first, place=self.place)),
            columns=self.tile_columns,
            rows=self.tile_rows,
        )

    @cached_property
    def _codestream(self) -> Codestream:
        return read_codestream(self._first, place=self.place)

    def frame(self, index: int) -> Frame | None:
        data = self._bytes(index)
        if not data:
            return None
        if self.compression == JPEG:
            return self._splicer.splice(data, place=f"{self.place} tile {index}")
        if self.compression in JPEG2000S:
            return self._checked(data, f"{self.place} tile {index}")
        return Frame(b"", data)

    def frames(self) -> Iterator[Frame | None]:
        """All frames in order, as `frame` gives them one by one, at a fifth of its cost."""
        splice = self._splicer.splice if self.compression == JPEG else None
        source, size = self.directory.source, self.directory.source.size
        start, held = 0, memoryview(b"")
        for index in range(self.count):
            offset, length = self.tiles[index]
            if not length:
                yield None
                continue
            at = offset - start
            if at < 0 or at + length > len(held):
                span = min(max(READ_AHEAD, length), size - offset)
                start, at, held = offset, 0, memoryview(source.read(offset, span))
            data = held[at : at + length]
            if splice:
                yield splice(data, place=f"{self.place} tile {index}")
            elif self.compression in JPEG2000S:
                yield self._checked(bytes(data), f"{self.place} tile {index}")
            else:
                yield Frame(b"", data)

    def _checked(self, data: bytes, place: str) -> Frame:
        """A codestream without comments, which must be coded as the level's first one is."""
        stream, first = read_codestream(data, place=place), self._codestream
        is_same = (
            (stream.columns, stream.rows) == (self.tile_columns, self.tile_rows)
            and (stream.components, stream.bits) == (first.components, first.bits)
            and stream.sampling == first.sampling
            and stream.photometric == first.photometric
            and not _is_signed(data)
        )
        if not is_same:
            raise SlideError(
                "its JPEG 2000 stream is coded in another way than the level's first one.",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            )
        return Frame(b"", without_comments(data))

    def pixels(self, index: int) -> Samples:
        columns, rows = self.tile_columns, self.tile_rows
        place = f"{self.place} tile {index}"
        numbers = [index + number * self.count for number in range(self.parts)]
        packed = sum(self.tiles[number][1] for number in numbers)
        self.check_memory(columns, rows, packed=packed, place=place)
        parts = [self._bytes(number) for number in numbers]
        if not any(parts):
            return self.empty(columns, rows)
        return self.decode(parts, columns, rows, most_rows=rows, place=place)

    def _bytes(self, index: int) -> bytes:
        offset, length = self.tiles[index]
        if self.compression == UNCOMPRESSED:
            length = min(length, self._whole)
        return self._ahead.read(offset, length) if length else b""


def _is_signed(stream: bytes) -> bool:
    """Whether the first component of a JPEG 2000 stream is signed (Ssiz, ISO/IEC 15444-1 A.5.1)."""
    return bool(stream[42] & 0x80)


class _ReadAhead:
    """Reads neighbouring tiles in one go: scanners write them one after the other.

    Threads share it: what is held is replaced as a whole, and who waits for a read finds in it
    what comes next.
    """

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._held = (0, b"")
        self._lock = Lock()

    def read(self, offset: int, length: int) -> bytes:
        found = self._part(offset, length)
        if found is None:
            with self._lock:
                found = self._part(offset, length)
                if found is None:
                    span = min(max(READ_AHEAD, length), self._source.size - offset)
                    held = self._source.read(offset, span)
                    self._held = (offset, held)
                    found = held[:length]
        return found

    def _part(self, offset: int, length: int) -> bytes | None:
        start, held = self._held
        at = offset - start
        return held[at : at + length] if at >= 0 and at + length <= len(held) else None
