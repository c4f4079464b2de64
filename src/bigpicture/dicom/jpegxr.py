"""JPEG XR streams: how large an image they declare, read before anything is decoded."""

from __future__ import annotations

import struct

from bigpicture.model.errors import SlideError

MAGIC = b"II\xbc"
_SIGNATURE = b"WMPHOTO\0"
_IMAGE_OFFSET = 0xBCC0
_SHORT_HEADER = 0x80


def jpegxr_size(stream: bytes, *, place: str) -> tuple[int, int]:
    """Columns and rows by the image header of the codestream (ITU-T T.832 8.3).

    The container (annex A) is TIFF-like; the decoder follows its offset to the codestream, whose
    own size is what it takes memory for. Raises `SlideError` where it is no JPEG XR.
    """
    start = _image_offset(stream, place)
    header = stream[start : start + 20]
    if len(header) < 20 or header[:8] != _SIGNATURE:
        raise _damaged(place)
    layout = ">HH" if header[10] & _SHORT_HEADER else ">II"
    columns, rows = struct.unpack_from(layout, header, 12)
    return columns + 1, rows + 1


def _image_offset(stream: bytes, place: str) -> int:
    if len(stream) < 8 or stream[:3] != MAGIC:
        raise _damaged(place)
    (at,) = struct.unpack_from("<I", stream, 4)
    if at + 2 > len(stream):
        raise _damaged(place)
    (count,) = struct.unpack_from("<H", stream, at)
    if at + 2 + 12 * count > len(stream):
        raise _damaged(place)
    found = -1
    for number in range(count):
        code, _, _, value = struct.unpack_from("<HHII", stream, at + 2 + 12 * number)
        if code == _IMAGE_OFFSET:
            if found >= 0:
                # Readers may disagree which of two counts, so that neither is checked.
                raise _damaged(place)
            found = value
    if found < 0:
        raise _damaged(place)
    return found


def _damaged(place: str) -> SlideError:
    return SlideError(
        "the JPEG XR stream is damaged.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )
