"""Unpacks one tile or strip of a TIFF; never to more bytes than its image has."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable
from typing import cast

import imagecodecs
import numpy as np

from bigpicture.dicom.slide import Samples

UNCOMPRESSED, _LZW, _DEFLATE, _PACKBITS = 1, 5, 8, 32773
_OLD_DEFLATE, _LZMA, _ZSTD, _ZSTD_OLD = 32946, 34925, 50000, 34926

_LZMA_MEMORY = 256 << 20
"""Bytes; the largest preset of xz needs 65 MiB."""


def _inflate(data: bytes, size: int) -> bytes:
    return zlib.decompressobj().decompress(data, size)


def _lzma(data: bytes, size: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=_LZMA_MEMORY).decompress(data, size)


def _lzw(data: bytes, size: int) -> bytes:
    return bytes(imagecodecs.lzw_decode(data, out=size))


def _packbits(data: bytes, size: int) -> bytes:
    return bytes(imagecodecs.packbits_decode(data, out=size))


def _zstd(data: bytes, size: int) -> bytes:
    return bytes(imagecodecs.zstd_decode(data, out=size))


def _as_it_is(data: bytes, _: int) -> bytes:
    return data


_UNPACK: dict[int, Callable[[bytes, int], bytes]] = {
    UNCOMPRESSED: _as_it_is,
    _LZW: _lzw,
    _DEFLATE: _inflate,
    _OLD_DEFLATE: _inflate,
    _PACKBITS: _packbits,
    _LZMA: _lzma,
    _ZSTD: _zstd,
    _ZSTD_OLD: _zstd,
}
LOSSLESS = frozenset(_UNPACK)
PREDICTED = LOSSLESS - {UNCOMPRESSED, _PACKBITS}
"""Those whose bytes may be differences (TIFF 6.0 section 14 and libtiff's codecs)."""


def unpack(
    data: bytes,
    *,
    compression: int,
    shape: tuple[int, int, int],
    kind: np.dtype[np.generic],
    is_predicted: bool,
) -> Samples:
    """The samples, shape (rows, columns, samples), in this machine's byte order.

    `kind` is the dtype with the file's byte order; `is_predicted` undoes horizontal differencing.
    Raises `ValueError` and the codecs' errors where there are fewer bytes than samples.
    """
    count = shape[0] * shape[1] * shape[2]
    raw = _UNPACK[compression](data, count * kind.itemsize)
    samples = np.frombuffer(raw, kind, count).reshape(shape)
    native = kind.newbyteorder("=")
    if is_predicted:
        # Differences wrap around, as sums in the type itself do.
        return cast("Samples", np.cumsum(samples, axis=1, dtype=native))
    return cast("Samples", samples.astype(native, copy=False))


_RARE: dict[int, Callable[..., object]] = {
    22610: imagecodecs.jpegxr_decode,
    34934: imagecodecs.jpegxr_decode,
    34927: imagecodecs.webp_decode,
    50001: imagecodecs.webp_decode,
    50002: imagecodecs.jpegxl_decode,
    52546: imagecodecs.jpegxl_decode,
}
RARE = frozenset(_RARE)
"""JPEG XR, WebP and JPEG XL: DICOM has none of them for slides."""


def decode_rare(
    data: bytes, *, compression: int, shape: tuple[int, int, int], kind: np.dtype[np.generic]
) -> Samples:
    """The samples of a stream of these, shape (rows, columns, samples).

    Room is made for what the TIFF declares: codecs refuse a stream that claims another size.
    Raises their errors.
    """
    is_grey = shape[2] == 1
    room = np.empty(shape[:2] if is_grey else shape, kind.newbyteorder("="))
    return cast("Samples", np.asarray(_RARE[compression](data, out=room)).reshape(shape))


def is_lossless_stream(data: bytes) -> bool:
    """Whether a stream of `RARE` says that nothing was lost: WebP's lossless kind alone does."""
    return data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8L"
