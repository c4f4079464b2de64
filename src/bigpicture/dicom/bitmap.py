"""Windows bitmaps (BMP) of 24 bits: the header is checked, the pixels lie there as they are."""

from __future__ import annotations

import struct

import numpy as np

from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import SlideError

_HEAD = 54
_PLAIN = 0  # BI_RGB: no compression


def decode_bitmap(data: bytes, *, columns: int, rows: int, place: str) -> Pixels:
    """Decode to RGB, shape (rows, columns, 3).

    BITMAPFILEHEADER and BITMAPINFOHEADER: rows run upwards where the height is positive, and are
    filled up to four bytes. Raises `SlideError` where it is another image than expected.
    """
    if len(data) < _HEAD or data[:2] != b"BM":
        raise _wrong(place, "it does not begin as one")
    (start,) = struct.unpack_from("<I", data, 10)
    size, width, height, planes, bits, compression = struct.unpack_from("<IiiHHI", data, 14)
    if size < 40 or planes != 1 or bits != 24 or compression != _PLAIN:
        raise _wrong(place, "it is not uncompressed of 24 bits")
    if (width, abs(height)) != (columns, rows):
        raise _wrong(place, f"it is {width} × {abs(height)} pixels, not {columns} × {rows}")
    stride = -(-columns * 3 // 4) * 4
    if start < _HEAD or start + stride * rows > len(data):
        raise _wrong(place, "its pixels lie past its end")
    lines = np.frombuffer(data, np.uint8, stride * rows, start).reshape(rows, stride)
    if height > 0:
        lines = lines[::-1]
    pixels = lines[:, : columns * 3].reshape(rows, columns, 3)
    return np.ascontiguousarray(pixels[:, :, ::-1])


def _wrong(place: str, what: str) -> SlideError:
    return SlideError(
        f"the bitmap is damaged: {what}.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )
