"""The ICC profile of slides whose scanner gave none: sRGB (IEC 61966-2-1)."""

from __future__ import annotations

import struct
from functools import cache

# sRGB primaries and white adapted to D50 (Bradford), as ICC.1:2010 annex E asks, in XYZ.
_RED = (0.43607, 0.22249, 0.01392)
_GREEN = (0.38515, 0.71687, 0.09708)
_BLUE = (0.14307, 0.06061, 0.71410)
_D50 = (0.9642, 1.0, 0.8249)
# IEC 61966-2-1 transfer curve as ICC parametric type 3: gamma, a, b, c, d.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@cache
def srgb_profile() -> bytes:
    """A display profile (ICC.1:2010, version 4), the same bytes every time.

    It is built here because libraries stamp the time of day into theirs.
    """
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + b"".join(map(_fixed, _CURVE))
    tags = [
        (b"desc", _text("sRGB")),
        (b"cprt", _text("CC0-1.0")),
        (b"wtpt", _xyz(_D50)),
        (b"rXYZ", _xyz(_RED)),
        (b"gXYZ", _xyz(_GREEN)),
        (b"bXYZ", _xyz(_BLUE)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    table, data = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags:
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value + b"\0" * (-len(value) % 4)
    return _header(start + len(data)) + struct.pack(">I", len(tags)) + table + data


def _header(size: int) -> bytes:
    """ICC.1:2010 7.2; the creation time is left at its smallest legal value."""
    fields = struct.pack(">I4xI", size, 0x04200000) + b"mntrRGB XYZ "
    fields += struct.pack(">6H", 1970, 1, 1, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8 + 4)
    fields += b"".join(map(_fixed, _D50))
    return fields.ljust(128, b"\0")


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded
