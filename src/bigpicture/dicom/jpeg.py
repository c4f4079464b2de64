"""JPEG streams: their headers, and turning a TIFF tile into a frame without touching its scan."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from bigpicture.dicom.slide import Frame
from bigpicture.dicom.standard_tables import standard_segments
from bigpicture.model.errors import SlideError

START = b"\xff\xd8"
END = b"\xff\xd9"
# ITU-T T.81 has no word on colour; libjpeg and DICOM readers follow Adobe's APP14 (transform 0:
# components are RGB).
YCBCR = "YBR_FULL_422"
"""Of YCbCr frames, whatever their chroma: PS3.3 C.8.12.4.1.5 lists no YBR_FULL for slides, and the
sampling that counts stands in the stream itself."""
ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"

_SOF_BASELINE = 0xC0
_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SOS, _DHT = 0xDA, 0xC4
_TABLES = frozenset({0xDB, 0xC4, 0xDD})  # DQT, DHT, DRI
_APP0, _ADOBE = 0xE0, 0xEE
# The first marker after the scan: anything but stuffed zeros, restarts and fill bytes.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class JpegHead:
    """What the segments before the scan say. `length` counts their bytes, SOS segment included.

    `tables` are the quantisation, Huffman and restart segments, `tail` the frame and scan
    headers; `sampling` holds (horizontal, vertical) factors, one pair a component. `rows_at` is
    where the two bytes stand that tell the rows (T.81 B.2.2).
    """

    process: int
    bits: int
    rows: int
    columns: int
    components: bytes
    sampling: tuple[tuple[int, int], ...]
    scan_components: int
    tables: bytes
    tail: bytes
    adobe_transform: int | None
    is_jfif: bool
    length: int
    rows_at: int

    @property
    def is_baseline(self) -> bool:
        """Whether JPEG Baseline (process 1) holds it: one interleaved scan of 8-bit samples."""
        return (
            self.process == _SOF_BASELINE
            and self.bits == 8
            and self.scan_components == len(self.components)
        )

    def is_rgb(self, *, declared: bool) -> bool:
        """Whether the components are RGB.

        What the container `declared` counts, as OpenSlide reads it, and not a JFIF segment, which
        would make it YCbCr; only Adobe's segment can say RGB where the container does not.
        """
        return declared or self.adobe_transform == 0


def read_tables(tables: bytes, *, place: str) -> bytes:
    """The table segments of a TIFF's JPEGTables (abbreviated stream, TIFF Technical Note 2)."""
    if not tables:
        return b""
    kept = bytearray()
    position = 2
    while position + 4 <= len(tables):
        marker, length = _segment(tables, position, place)
        if marker == 0xD9:
            break
        if marker in _TABLES:
            kept += tables[position : position + 2 + length]
        position += 2 + length
    return bytes(kept)


def read_head(stream: bytes, *, place: str) -> JpegHead:
    """Read the segments before the scan; raises `SlideError` where the stream is no JPEG."""
    if stream[:2] != START:
        raise _damaged(place, "it does not begin as a JPEG stream")
    frame: tuple[int, bytes] | None = None
    adobe: int | None = None
    is_jfif = False
    tables, tail = bytearray(), bytearray()
    position, rows_at = 2, 0
    while True:
        marker, length = _segment(stream, position, place)
        segment = stream[position : position + 2 + length]
        rows_at = position + 5 if marker in _SOF else rows_at
        position += 2 + length
        if marker in _TABLES:
            tables += segment
        elif marker in _SOF:
            frame = (marker, segment)
            tail += segment
        elif marker == _ADOBE and segment[4:9] == b"Adobe" and length >= 14:
            adobe = segment[15]
        elif marker == _APP0 and segment[4:9] == b"JFIF\0":
            is_jfif = True
        elif marker == _SOS:
            tail += segment
            break
    if frame is None:
        raise _damaged(place, "its scan comes before its frame header")
    process, described = frame
    _check_frame_header(described, segment, place)
    bits, rows, columns, count = struct.unpack_from(">BHHB", described, 4)
    parts = [described[10 + 3 * n : 13 + 3 * n] for n in range(count)]
    return JpegHead(
        process=process,
        bits=bits,
        rows=rows,
        columns=columns,
        components=bytes(part[0] for part in parts),
        sampling=tuple((part[1] >> 4, part[1] & 15) for part in parts),
        scan_components=segment[4],
        tables=bytes(tables),
        tail=bytes(tail),
        adobe_transform=adobe,
        is_jfif=is_jfif,
        length=position,
        rows_at=rows_at,
    )


def _check_frame_header(segment: bytes, scan: bytes, place: str) -> None:
    if len(segment) < 10 or len(segment) < 10 + 3 * segment[9] or len(scan) < 5:
        raise _damaged(place, "its frame header is cut short")


def _segment(stream: bytes, position: int, place: str) -> tuple[int, int]:
    """Marker and length of the segment at `position` (the length counts itself)."""
    if position + 2 > len(stream) or stream[position] != 0xFF:
        raise _damaged(place, f"no marker stands at byte {position}")
    marker = stream[position + 1]
    if marker == 0xD9:
        return marker, 0
    if position + 4 > len(stream):
        raise _damaged(place, "it ends inside a segment")
    (length,) = struct.unpack_from(">H", stream, position + 2)
    if length < 2 or position + 2 + length > len(stream):
        raise _damaged(place, "it ends inside a segment")
    return marker, length


def _damaged(place: str, what: str) -> SlideError:
    return SlideError(
        f"the JPEG stream is damaged: {what}.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )


class Splicer:
    """Turns the JPEG streams of one level into DICOM frames, copying each scan byte for byte.

    The segments before the scan are rewritten: shared tables go in, application and comment
    segments (EXIF, serial numbers) go out, and Adobe's APP14 goes in where the source says its
    components are RGB, because nothing else in a JPEG stream tells that. What stands after the
    end of the image is cut. Neighbouring tiles have equal segments, so the rewriting is done
    once and remembered: about a microsecond a tile.
    """

    def __init__(self, tables: bytes, *, is_rgb: bool, columns: int, rows: int) -> None:
        self._tables = tables
        self._is_rgb = is_rgb
        self._size = (columns, rows)
        self._source_head = b""
        self._start = 0
        self._frame_head = b""

    def splice(self, stream: bytes | memoryview, *, place: str) -> Frame:
        """One tile as a frame; raises `SlideError` where it is damaged or of another size.

        The scan is taken to last up to the end of the image at the stream's end; that no marker
        hides in it is for the witness of the copy to see, who reads it anyway.
        """
        start = self._start
        if not start or stream[:start] != self._source_head:
            start = self._learn(bytes(stream), place)
        if stream[-2:] == END:
            return Frame(self._frame_head, stream[start:])
        found = _MARKER.search(stream, start)
        if found is None or found.group() != END:
            raise _damaged(place, "its scan is not followed by the end of the image")
        return Frame(self._frame_head, stream[start : found.end()])

    def _learn(self, stream: bytes, place: str) -> int:
        head = read_head(stream, place=place)
        if (head.columns, head.rows) != self._size:
            raise SlideError(
                f"the JPEG stream is {head.columns} × {head.rows} pixels, its tile "
                f"{self._size[0]} × {self._size[1]}.",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            )
        if not head.is_baseline:
            raise SlideError(
                "this tile is not JPEG Baseline as the level's first one is.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        adobe = ADOBE_RGB if self._is_rgb and len(head.components) == 3 else b""
        self._source_head = stream[: head.length]
        self._start = head.length
        tables = self._tables + head.tables
        absent = _absent_tables(tables, head)
        self._frame_head = START + adobe + tables + standard_segments(absent) + head.tail
        return head.length


def _absent_tables(tables: bytes, head: JpegHead) -> list[int]:
    """Huffman tables (class and number, T.81 B.2.4.2) that the scan names and nobody gives."""
    scan = head.tail[10 + 3 * len(head.components) :]
    selectors = scan[6 : 5 + 2 * head.scan_components : 2]
    wanted = {each >> 4 for each in selectors} | {0x10 | each & 15 for each in selectors}
    return sorted(wanted - _given_tables(tables))


def _given_tables(tables: bytes) -> set[int]:
    found: set[int] = set()
    position = 0
    while position + 4 <= len(tables):
        marker, length = tables[position + 1], struct.unpack_from(">H", tables, position + 2)[0]
        content = tables[position + 4 : position + 2 + length]
        while marker == _DHT and len(content) >= 17:
            found.add(content[0])
            content = content[17 + sum(content[1:17]) :]
        position += 2 + length
    return found


def body_start(frame: bytes, *, place: str) -> int:
    """Where the scan of a stored frame begins: after its head."""
    return read_head(frame, place=place).length


def bare(stream: bytes, *, is_rgb: bool = False, place: str = "the encoded frame") -> bytes:
    """What an encoder wrote as `Splicer` would copy it: no application or comment segments.

    `is_rgb` marks components that are no YCbCr.
    """
    head = read_head(stream, place=place)
    adobe = ADOBE_RGB if is_rgb else b""
    return START + adobe + head.tables + head.tail + stream[head.length :]


def as_rgb(frame: bytes, *, place: str) -> bytes:
    """The stream marked as RGB and not as JFIF, for decoders that only believe segments."""
    return bare(frame, is_rgb=True, place=place)


class RgbMarker:
    """Marks the streams of one level as RGB, where the container alone says that they are.

    Neighbours begin alike, so their new head is made once. Threads may share one.
    """

    def __init__(self) -> None:
        self._heads = (b"", b"")

    def mark(self, frame: bytes, *, place: str) -> bytes:
        """The stream as a browser sees RGB in it; one that is marked already as it is."""
        stored, shown = self._heads
        if not stored or not frame.startswith(stored):
            head = read_head(frame, place=place)
            stored = frame[: head.length]
            is_marked = head.adobe_transform == 0 and not head.is_jfif
            shown = b"" if is_marked else as_rgb(stored, place=place)
            self._heads = (stored, shown)
        return shown + frame[len(stored) :] if shown else frame
