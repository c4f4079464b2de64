"""Picture files: pixels as a JPEG, PNG or WebP, in colour, grey or black and white."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

from bigpicture.dicom.codecs import encode_jpeg
from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import LimitError

QUALITY = 90
LONGEST_WEBP = 16_383
"""Pixels of a side that the format can hold."""


class PictureFormat(StrEnum):
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"

    @property
    def media_type(self) -> str:
        return "image/jpeg" if self is PictureFormat.JPEG else f"image/{self.value}"


class Quality(StrEnum):
    """As IIIF names them (Image API 3.0, 4.4); `default` is colour."""

    DEFAULT = "default"
    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


def encode_picture(
    pixels: Pixels, picture: PictureFormat, quality: Quality, compression: int = QUALITY
) -> bytes:
    """A file of the pixels; raises `LimitError` where the format cannot hold them."""
    if picture is PictureFormat.WEBP and max(pixels.shape[:2]) > LONGEST_WEBP:
        raise LimitError("WebP cannot hold so long a side.", rule=f"at most {LONGEST_WEBP} pixels")
    if quality in (Quality.GRAY, Quality.BITONAL):
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        if quality is Quality.BITONAL:
            grey = np.asarray(cv2.threshold(grey, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
        pixels = np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
    if picture is PictureFormat.JPEG:
        return encode_jpeg(pixels, quality=compression, is_subsampled=True)
    how = [cv2.IMWRITE_WEBP_QUALITY, compression] if picture is PictureFormat.WEBP else []
    return cv2.imencode(f".{picture.value}", pixels[..., ::-1], how)[1].tobytes()
