"""Writes TIFFs with the block of Olympus SIS, after what tifffile's reader of it tells."""

from __future__ import annotations

import struct

import tifffile

from slide_making import pattern

SECRETS = ("Klara Mustermann", "S-2024-0815")


def block(at: int, *, power=-6, across=0.25, down=0.25, magnification=20.0, magic=b"SIS0") -> bytes:
    """As tifffile reads it: head, one entry, the general data it leads to."""
    head = struct.pack(
        "<4s6x5h6x32sH", magic, 30, 9, 31, 11, 124, SECRETS[1].encode(), 1
    ) + struct.pack("<hhI", 1, 1, at + 68)
    return head + struct.pack(
        "<10xhdd8xd2x34s32s", power, across, down, magnification, SECRETS[0].encode(), b"Overlay"
    )


def write(path, picture=None, *, pages=1, ini="", software="analySIS", offset=None, **given):
    """A TIFF whose block stands behind it."""
    picture = pattern(200, 300) if picture is None else picture
    # tifffile follows 33560 when it reads, so it gets its number with its value below.
    extra = [(33559, 4, 1, 0, True)]
    if ini:
        extra.append((33471, 2, len(ini) + 1, ini, True))
    photometric = "rgb" if picture.ndim == 3 else "minisblack"
    with tifffile.TiffWriter(path) as tiff:
        for _ in range(pages):
            tiff.write(
                picture, photometric=photometric, extratags=extra, metadata=None, software=software
            )
    at = path.stat().st_size
    with tifffile.TiffFile(path) as tiff:
        places = [page.tags[33559].offset for page in tiff.pages]
    data = bytearray(path.read_bytes())
    for place in places:
        struct.pack_into("<H", data, place, 33560)
        struct.pack_into("<I", data, place + 8, at if offset is None else offset)
    path.write_bytes(data + block(at, **given))
    return picture
