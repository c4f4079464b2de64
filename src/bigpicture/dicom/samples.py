"""Decodes a stored frame to the samples it holds, whatever DICOM syntax compresses it."""

from __future__ import annotations

import struct
from typing import Any

import imagecodecs
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from bigpicture.dicom.jpeg import as_rgb, read_head
from bigpicture.dicom.jpeg2000 import read_codestream
from bigpicture.dicom.jpegls import read_jpegls
from bigpicture.dicom.slide import Samples
from bigpicture.dicom.syntax import (
    HIGH_THROUGHPUT,
    JPEG_2000_PART_1,
    JPEG_DCT,
    JPEG_LOSSLESS,
    JPEG_LS,
    NATIVE,
    RLE,
    FrameForm,
)
from bigpicture.model.errors import SlideError

_Decoded = NDArray[Any]
"""Whatever a codec gives; its kind and shape are checked at the end."""
_RLE_HEADER = struct.Struct("<16I")


def decode_samples(frame: bytes, form: FrameForm, *, place: str = "frame") -> Samples:
    """The samples of a frame, shape (rows, columns, samples), uint8 or uint16 by `form.bits`.

    Colour becomes RGB, MONOCHROME1 is turned over to MONOCHROME2 (0 is black). The size, the
    components and the depth that a stream declares are compared with `form` before anything is
    decoded, so that a small stream cannot claim much memory. Raises `SlideError`.
    """
    _check_photometric(form, place)
    try:
        decoded: _Decoded = np.asarray(_decode(frame, form, place))
    except SlideError:
        raise
    except Exception as error:  # codecs raise a dozen kinds on damaged input
        raise SlideError(
            f"the frame cannot be decoded ({type(error).__name__}).",
            place=place,
            remedy="It is damaged: copy the file again from its origin, or rescan the slide.",
        ) from error
    pixels = decoded[:, :, None] if decoded.ndim == 2 else decoded
    wanted: np.dtype[Any] = np.dtype(np.uint8 if form.bits == 8 else np.uint16)
    fits = pixels.dtype == np.uint8 or pixels.dtype == wanted
    if not fits or pixels.shape != (form.rows, form.columns, form.samples):
        raise SlideError(
            "the frame decodes to other pixels than declared.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    pixels = pixels.astype(wanted, copy=False)
    if form.photometric == "MONOCHROME1":
        pixels = np.subtract((1 << form.stored) - 1, pixels, dtype=wanted)
    return np.ascontiguousarray(pixels)


def _check_photometric(form: FrameForm, place: str) -> None:
    grey = form.samples == 1 and form.photometric in {"MONOCHROME1", "MONOCHROME2", ""}
    colour = form.samples == 3 and form.photometric in {
        "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "",
    }  # fmt: skip
    if form.bits not in {8, 16} or not 1 <= form.stored <= form.bits:
        raise _unreadable(f"its samples have {form.bits} bits, {form.stored} of them used", place)
    if not grey and not colour:
        known = form.photometric if form.photometric.replace("_", "").isalnum() else "unknown"
        raise _unreadable(f"its pixels are {known[:16]} of {form.samples} samples", place)


def _unreadable(what: str, place: str) -> SlideError:
    return SlideError(
        f"{what}, which cannot be decoded here.",
        place=place,
        rule="RGB, YBR_FULL, YBR_RCT, YBR_ICT or MONOCHROME, of 8 or 16 bits",
        remedy="Write the slide as RGB or MONOCHROME2.",
    )


def _decode(frame: bytes, form: FrameForm, place: str) -> object:
    syntax = form.transfer_syntax
    if syntax in NATIVE:
        return _native(frame, form, place)
    if syntax in JPEG_DCT:
        return _jpeg(frame, form, place)
    if syntax in JPEG_LOSSLESS:
        return _coloured(_jpeg_lossless(frame, form, place), form)
    if syntax in JPEG_2000_PART_1 | HIGH_THROUGHPUT:
        return _jpeg2000(frame, form, place)
    if syntax in JPEG_LS:
        return _coloured(_jpegls(frame, form, place), form)
    if syntax == RLE:
        return _coloured(_run_lengths(frame, form, place), form)
    raise SlideError(
        f"frames in transfer syntax {syntax} cannot be decoded here.",
        place=place,
        remedy="Write the slide as JPEG, JPEG 2000 or uncompressed.",
    )


def _check_size(
    form: FrameForm, size: tuple[int, int], *, components: int, bits: int, place: str
) -> None:
    if size != (form.columns, form.rows):
        raise SlideError(
            f"the stream is {size[0]} × {size[1]} pixels, its frame {form.columns} × {form.rows}.",
            place=place,
            remedy="The file is damaged: export it again.",
        )
    if components != form.samples or bits > form.bits:
        raise SlideError(
            f"the stream has {components} samples of {bits} bits, its frame {form.samples} of "
            f"{form.bits}.",
            place=place,
            remedy="The file is damaged: export it again.",
        )


def _native(frame: bytes, form: FrameForm, place: str) -> _Decoded:
    if form.photometric == "YBR_FULL_422":
        raise _unreadable("its chroma is stored at half width without compression", place)
    kind = np.dtype(np.uint8 if form.bits == 8 else "<u2")
    count = form.columns * form.rows * form.samples
    if len(frame) < count * kind.itemsize:
        raise SlideError(
            "the frame is shorter than its pixels.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    flat = np.frombuffer(frame, kind, count)
    if form.is_planar and form.samples > 1:
        pixels = flat.reshape(form.samples, form.rows, form.columns).transpose(1, 2, 0)
    else:
        pixels = flat.reshape(form.rows, form.columns, form.samples)
    if form.stored < form.bits:
        # PS3.5 8.1.1: what stands above the stored bits is no part of the pixel.
        pixels = pixels & kind.type((1 << form.stored) - 1)
    return _coloured(pixels, form)


def _coloured(pixels: _Decoded, form: FrameForm) -> _Decoded:
    """RGB of full-range YCbCr (PS3.3 C.7.6.3.1.2); anything else as it is."""
    if form.photometric not in {"YBR_FULL", "YBR_FULL_422"}:
        return pixels
    middle, highest = 1 << (form.stored - 1), (1 << form.stored) - 1
    luma = pixels[:, :, 0].astype(np.float64)
    blue, red = (pixels[:, :, n].astype(np.float64) - middle for n in (1, 2))
    green = luma - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red
    rgb = np.stack([luma + 1.402 * red, green, luma + 1.772 * blue], axis=-1)
    return np.clip(np.floor(rgb + 0.5), 0, highest).astype(pixels.dtype)


def _jpeg(frame: bytes, form: FrameForm, place: str) -> object:
    head = read_head(frame, place=place)
    _check_size(
        form, (head.columns, head.rows), components=len(head.components), bits=head.bits,
        place=place,
    )  # fmt: skip
    if head.bits > 8:
        return _jpeg_deep(frame, form)
    if form.samples == 1:
        return simplejpeg.decode_jpeg(frame, colorspace="GRAY")
    is_marked = head.adobe_transform == 0 and not head.is_jfif
    if form.photometric == "RGB" and not is_marked:
        frame = as_rgb(frame, place=place)
    return simplejpeg.decode_jpeg(frame, colorspace="RGB")


def _jpeg_deep(frame: bytes, form: FrameForm) -> object:
    """12-bit samples (process 4)."""
    if form.samples == 1:
        return imagecodecs.jpeg8_decode(frame)
    inside = "RGB" if form.photometric == "RGB" else "YCBCR"
    return imagecodecs.jpeg8_decode(frame, colorspace=inside, outcolorspace="RGB")


def _jpeg_lossless(frame: bytes, form: FrameForm, place: str) -> _Decoded:
    head = read_head(frame, place=place)
    _check_size(
        form, (head.columns, head.rows), components=len(head.components), bits=head.bits,
        place=place,
    )  # fmt: skip
    if head.process != 0xC3:
        raise SlideError(
            "the stream is not lossless JPEG (process 14).",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    if form.samples == 1:
        return np.asarray(imagecodecs.jpeg8_decode(frame))
    # Named alike on both sides: the samples come out as they are, whatever segments say.
    return np.asarray(imagecodecs.jpeg8_decode(frame, colorspace="RGB", outcolorspace="RGB"))


def _jpeg2000(frame: bytes, form: FrameForm, place: str) -> object:
    stream = read_codestream(frame, place=place)
    _check_size(
        form, (stream.columns, stream.rows), components=stream.components, bits=stream.bits,
        place=place,
    )  # fmt: skip
    if any(steps != (1, 1) for steps in stream.sampling):
        raise _unreadable("its components differ in size", place)
    # High throughput too: OpenJPH dies of some damaged streams, and imagecodecs swallows errors.
    pixels: _Decoded = np.asarray(imagecodecs.jpeg2k_decode(frame))
    return pixels if stream.has_colour_transform else _coloured(pixels, form)


def _jpegls(frame: bytes, form: FrameForm, place: str) -> _Decoded:
    head = read_jpegls(frame, place=place)
    _check_size(
        form, (head.columns, head.rows), components=head.components, bits=head.bits, place=place
    )
    return np.asarray(imagecodecs.jpegls_decode(frame))


def _run_lengths(frame: bytes, form: FrameForm, place: str) -> _Decoded:
    """PS3.5 annex G: one segment for each byte of a sample, highest first, sample by sample."""
    depth = form.bits // 8
    if len(frame) < _RLE_HEADER.size:
        raise SlideError(
            "the frame is shorter than its header.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    count, *offsets = _RLE_HEADER.unpack_from(frame)
    ends = [*offsets[1:count], len(frame)]
    starts = offsets[:count]
    is_ordered = all(64 <= start < end for start, end in zip(starts, ends, strict=False))
    if count != form.samples * depth or not is_ordered or max(ends) > len(frame):
        raise SlideError(
            "its run-length segments do not fit its pixels.",
            place=place,
            rule="PS3.5 G.2",
            remedy="The file is damaged: export it again.",
        )
    size = form.rows * form.columns
    planes = [
        _segment(frame[start:end], size, place) for start, end in zip(starts, ends, strict=True)
    ]
    stacked = np.stack(planes).reshape(form.samples, depth, form.rows, form.columns)
    if depth == 1:
        return stacked[:, 0].transpose(1, 2, 0)
    high, low = stacked[:, 0].astype(np.uint16), stacked[:, 1]
    return (high << 8 | low).transpose(1, 2, 0)


def _segment(packed: bytes, size: int, place: str) -> _Decoded:
    """One segment unpacked: `size` bytes, or the file is damaged; no more is ever unpacked."""
    room = bytearray(size + 256)
    unpacked = imagecodecs.packbits_decode(packed, out=room)
    if not size <= len(unpacked) <= size + 2:
        raise SlideError(
            "a run-length segment holds other than its pixels.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    return np.frombuffer(unpacked, np.uint8, size)
