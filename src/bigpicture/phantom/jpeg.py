"""JPEG tiles as TIFF holds them: abbreviated streams whose tables lie once in the page."""

from __future__ import annotations

from enum import StrEnum

import imagecodecs
import numpy as np
import numpy.typing as npt

_TABLES = frozenset({0xDB, 0xC4})
_APPLICATION = frozenset(range(0xE0, 0xF0))
_SCAN = 0xDA


class Colour(StrEnum):
    """What the JPEG samples are: Aperio writes both."""

    RGB = "rgb"
    YCBCR = "ycbcr"

    @property
    def photometric(self) -> int:
        """TIFF PhotometricInterpretation."""
        return 2 if self is Colour.RGB else 6

    @property
    def subsampling(self) -> tuple[int, int]:
        return (1, 1) if self is Colour.RGB else (2, 2)


def encode(picture: npt.NDArray[np.uint8], *, quality: int, colour: Colour) -> bytes:
    """A complete JPEG of RGB pixels (h, w, 3), baseline, with the standard's own tables."""
    return bytes(
        imagecodecs.jpeg8_encode(
            picture,
            level=quality,
            colorspace="RGB",
            outcolorspace="RGB" if colour is Colour.RGB else "YCbCr",
            subsampling="444" if colour is Colour.RGB else "420",
            optimize=False,
        )
    )


def abbreviate(stream: bytes) -> tuple[bytes, bytes]:
    """Split a JPEG into (tables, tile without tables), both from SOI on.

    ITU-T T.81 B.4 and B.5; application segments are left out, as Aperio does.
    """
    tables, rest, at = [b"\xff\xd8"], [b"\xff\xd8"], 2
    while stream[at + 1] != _SCAN:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        marker = stream[at + 1]
        if marker in _TABLES:
            tables.append(stream[at:end])
        elif marker not in _APPLICATION:
            rest.append(stream[at:end])
        at = end
    return b"".join([*tables, b"\xff\xd9"]), b"".join([*rest, stream[at:]])
