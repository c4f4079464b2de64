"""PNG images: their chunks and header, and decoding them within the declared size."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import BACKGROUND, Samples
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAXIMUM_CHUNKS = 1 << 20
_HEAD = len(SIGNATURE) + 8 + 13

# PNG 3rd edition, table 9: the bit depths that each colour type allows.
_DEPTHS = {
    0: {1, 2, 4, 8, 16},
    2: {8, 16},
    3: {1, 2, 4, 8},
    4: {8, 16},
    6: {8, 16},
}
_GREY = frozenset({0, 4})


@dataclass(frozen=True, slots=True)
class PngHead:
    """What IHDR says: sides in pixels, bits a sample, colour type."""

    columns: int
    rows: int
    bits: int
    colour: int

    @property
    def is_grey(self) -> bool:
        return self.colour in _GREY


class Chunk(NamedTuple):
    """One chunk: its four letters, where its data begin, how many bytes they are."""

    kind: str
    offset: int
    length: int


def read_png_head(data: bytes, *, place: str) -> PngHead:
    """Read signature and IHDR from the first bytes; raises `SlideError` where they are no PNG's."""
    if not data.startswith(SIGNATURE) or len(data) < _HEAD or data[12:16] != b"IHDR":
        raise _damaged(place, "it does not begin as a PNG")
    columns, rows, bits, colour, method, filtering, interlace = struct.unpack_from(
        ">IIBBBBB", data, 16
    )
    is_known = bits in _DEPTHS.get(colour, ()) and interlace in {0, 1}
    if not is_known or method or filtering or not columns or not rows:
        raise _damaged(place, "its header declares what no PNG has")
    return PngHead(columns, rows, bits, colour)


def read_chunks(source: ByteSource, *, place: str) -> Iterator[Chunk]:
    """Every chunk up to IEND; raises `SlideError` where one lies past the end of the file."""
    position = len(SIGNATURE)
    for _ in range(MAXIMUM_CHUNKS):
        if position + 12 > source.size:
            raise _damaged(place, "it ends before its last chunk")
        length, kind = struct.unpack(">I4s", source.read(position, 8))
        if not kind.isalpha() or position + 12 + length > source.size:
            raise _damaged(place, "one of its chunks lies past its end")
        yield Chunk(kind.decode("ascii"), position + 8, length)
        if kind == b"IEND":
            return
        position += 12 + length
    raise _damaged(place, f"it has more than {MAXIMUM_CHUNKS} chunks")


def decode_png(data: bytes, head: PngHead, *, place: str) -> Samples:
    """Decode to RGB or grey, shape (rows, columns, 3 or 1), uint8, or uint16 of 16 bits.

    The caller has checked the sides in `head`, which bound the memory. What is transparent lies
    over white, as glass or paper would be. Raises `SlideError`.
    """
    try:
        decoded = np.asarray(imagecodecs.png_decode(data))
    except Exception as error:  # the codec raises several kinds on damaged input
        raise _damaged(place, f"it cannot be decoded ({type(error).__name__})") from error
    pixels = decoded[:, :, None] if decoded.ndim == 2 else decoded
    if pixels.shape[:2] != (head.rows, head.columns):
        raise _damaged(place, "it decodes to another size than it declares")
    shown = _over_white(pixels) if pixels.shape[2] in {2, 4} else pixels
    if head.bits == 16:
        return np.ascontiguousarray(shown, np.uint16)
    return np.ascontiguousarray(shown, np.uint8)


def _over_white(pixels: NDArray[np.generic]) -> NDArray[np.uint64]:
    """The colour over the background by its alpha, rounded."""
    most = 65535 if pixels.dtype == np.uint16 else BACKGROUND
    alpha = pixels[:, :, -1:].astype(np.uint64)
    colour = pixels[:, :, :-1].astype(np.uint64)
    return (colour * alpha + most * (most - alpha) + most // 2) // most


def _damaged(place: str, what: str) -> SlideError:
    return SlideError(
        f"the PNG is damaged: {what}.", place=place, remedy="Copy the file again from its origin."
    )
