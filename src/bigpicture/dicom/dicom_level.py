"""One resolution of a DICOM slide, as a level to convert."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from pydicom.multival import MultiValue

from bigpicture.dicom.codecs import JPEG_2000, JPEG_BASELINE
from bigpicture.dicom.dicom_parts import Parts
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.fragments import StoredFrames, find_frames
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer, read_head
from bigpicture.dicom.jpeg2000 import read_codestream, without_comments
from bigpicture.dicom.jpegls import read_jpegls, without_applications
from bigpicture.dicom.read import Instance
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Samples, Stack
from bigpicture.dicom.syntax import (
    HIGH_THROUGHPUT,
    JPEG_2000_PART_1,
    JPEG_DCT,
    JPEG_LS,
    NATIVE,
)
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

_JPEG, _JPEG_2000, _JPEG_LS, _HIGH = "ISO_10918_1", "ISO_15444_1", "ISO_14495_1", "ISO_15444_15"
_JPEG_XR = "ISO_29199_2"
_UNKNOWN = "UNKNOWN"
"""Of a loss that a source states without saying how: these terms may be extended (C.7.6.1.1.5)."""
_METHODS = frozenset({_JPEG, _JPEG_2000, _JPEG_LS, _HIGH, _JPEG_XR})
"""PS3.3 C.7.6.1.1.5.1."""


def _texts(value: object) -> list[str]:
    """What may be several values, as texts."""
    if isinstance(value, MultiValue):
        return [str(each) for each in value]
    return [] if value is None else [str(value)]


def _positive(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0


def _even(data: bytes) -> bytes:
    """As PS3.5 A.4 has fragments stored, so that what is read again is what was given."""
    return data + b"\0" * (len(data) % 2)


@dataclass(frozen=True)
class DicomLevel:
    """A level; its frames are copied where OpenSlide reads them, or where all else would lose.

    `sources` are those of `parts.instances`, in the same order.
    """

    parts: Parts
    sources: tuple[ByteSource, ...]

    def __post_init__(self) -> None:
        check_pixels(self.instance)

    @property
    def instance(self) -> Instance:
        """The first of its instances: they are alike in how frames are stored."""
        return self.parts.first

    @property
    def place(self) -> str:
        return self.instance.place

    @property
    def columns(self) -> int:
        return self.instance.level.columns

    @property
    def rows(self) -> int:
        return self.instance.level.rows

    @property
    def tile_columns(self) -> int:
        return self.instance.level.tile_columns

    @property
    def tile_rows(self) -> int:
        return self.instance.level.tile_rows

    @property
    def stack(self) -> Stack:
        order, form = self.parts.order, self.instance.form
        used = form.stored if form.stored < form.bits else 0
        return Stack(form.samples, form.bits, len(order.heights), len(order.paths), used)

    @cached_property
    def frames(self) -> tuple[StoredFrames, ...]:
        """The frames of each instance; found when the first is asked for."""
        pairs = zip(self.sources, self.parts.instances, strict=True)
        return tuple(find_frames(source, instance) for source, instance in pairs)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(each.frame_count for each in self.parts.instances)]

    @cached_property
    def _slots(self) -> NDArray[np.int64] | None:
        slots = self.parts.order.slots
        return None if slots is None else slots.ravel()

    @property
    def missing(self) -> int:
        """How many tiles have no frame."""
        return 0 if self._slots is None else int(np.count_nonzero(self._slots < 0))

    @property
    def remarks(self) -> Iterator[str]:
        """What a reader of the report should know of this level."""
        if self.missing and self._slots is not None:
            yield (
                f"{self.place}: {self.missing} of {len(self._slots)} tiles are absent: "
                "background now."
            )

    @property
    def contradicts_itself(self) -> bool:
        """Whether the header says RGB and its JPEG streams, by a JFIF segment, YCbCr."""
        is_jpeg = self.instance.transfer_syntax == JPEG_BASELINE
        return is_jpeg and self.instance.photometric == "RGB" and self._first_head.is_jfif

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        """What the header says of earlier lossy compression wins: the first one cost the pixels."""
        header, stack = self.instance.header, self.stack
        stored = sum(frames.stored for frames in self.frames)
        count = sum(len(frames) for frames in self.frames)
        whole = self.tile_columns * self.tile_rows * stack.samples * stack.bits // 8 * count
        ratios = list(map(_positive, _texts(header.get("LossyImageCompressionRatio", None))))
        methods = _texts(header.get("LossyImageCompressionMethod", None))
        told = [(a, b) for a, b in zip(methods, ratios, strict=False) if a in _METHODS and b]
        found = self._of_frames()
        untold = _UNKNOWN if found.is_lossy else ""
        return replace(
            found,
            ratio=(ratios[0] if ratios else 0.0) or whole / max(1, stored),
            method=methods[0] if methods and methods[0] in _METHODS else found.method or untold,
            later=tuple(told[1:]) if len(told) == len(methods) else (),
        )

    def _of_frames(self) -> Encoding:
        syntax = self.instance.transfer_syntax
        if syntax in JPEG_DCT:
            return self._of_jpeg()
        if syntax in JPEG_2000_PART_1 | HIGH_THROUGHPUT:
            return self._of_jpeg2000()
        if syntax in JPEG_LS:
            return self._of_jpegls()
        if syntax in NATIVE:
            return self._of_native()
        return self._again(f"transfer syntax {syntax} is not widely read")

    @property
    def _plain(self) -> str:
        """What the samples of `pixels` are."""
        return "RGB" if self.instance.samples == 3 else "MONOCHROME2"

    @property
    def _was_lossy(self) -> bool:
        return str(self.instance.header.get("LossyImageCompression", "")) == "01"

    def _again(self, reason: str, *, is_lossy: bool = False, method: str = "") -> Encoding:
        """`is_lossy` tells of these frames; that pixels lost something earlier is told apart."""
        return Encoding(
            "",
            self._plain,
            is_lossy=is_lossy or self._was_lossy,
            method=method,
            reason=reason,
            is_stored_exactly=not is_lossy,
        )

    def _of_native(self) -> Encoding:
        form = self.instance.form
        if form.stored < form.bits:
            return self._again(f"{form.stored} of {form.bits} bits are used")
        if form.photometric != self._plain:
            return self._again(f"uncompressed pixels are {form.photometric}")
        if form.samples == 3 and form.is_planar:
            return self._again("colours are stored plane by plane")
        return Encoding(EXPLICIT_LITTLE, self._plain, is_lossy=self._was_lossy)

    def _of_jpeg(self) -> Encoding:
        head = self._first_head
        samples = self.instance.samples
        is_turned = self.instance.photometric == "MONOCHROME1"
        if not head.is_baseline or len(head.components) != samples or is_turned:
            what = "turned over (MONOCHROME1)" if is_turned else "not JPEG Baseline of its samples"
            return self._again(f"frames are {what}", is_lossy=True, method=_JPEG)
        colour = "RGB" if self._is_rgb else YCBCR
        name = colour if samples == 3 else "MONOCHROME2"
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method=_JPEG)

    def _of_jpeg2000(self) -> Encoding:
        """The stream knows better than the header whether its colours are transformed."""
        syntax, form = self.instance.transfer_syntax, self.instance.form
        stream = read_codestream(self._present, place=f"{self.place} first frame")
        is_high = syntax in HIGH_THROUGHPUT
        method = _HIGH if is_high else _JPEG_2000
        is_told = str(self.instance.header.get("LossyImageCompression", "")) == "00"
        is_open = syntax == JPEG_2000 or (is_high and not syntax.endswith(("201", "202")))
        is_lossy = not stream.is_reversible or (is_open and not is_told)
        is_ycc = form.photometric.startswith("YBR_FULL") and not stream.has_colour_transform
        wrong = ""
        if stream.bits != form.stored:
            wrong = f"its streams have {stream.bits} bits, its header says {form.stored}"
        elif form.photometric == "MONOCHROME1" or is_ycc:
            wrong = f"its frames are {form.photometric}"
        elif is_high and (not (is_lossy or self._was_lossy) or self.missing):
            wrong = "few programs read high-throughput JPEG 2000 yet"
        if wrong:
            return self._again(wrong, is_lossy=is_lossy, method=method if is_lossy else "")
        return Encoding(
            syntax,
            stream.photometric,
            is_lossy=is_lossy or self._was_lossy,
            method=method if is_lossy else "",
        )

    def _of_jpegls(self) -> Encoding:
        form = self.instance.form
        stream = read_jpegls(self._present, place=f"{self.place} first frame")
        is_near = stream.near > 0
        is_lossy = self._was_lossy or is_near
        is_plain = form.photometric == self._plain and not stream.is_transformed
        method = _JPEG_LS if is_near else ""
        if not is_lossy or not is_plain or stream.bits != form.bits or self.missing:
            return self._again("few programs read JPEG-LS", is_lossy=is_near, method=method)
        return Encoding(form.transfer_syntax, self._plain, is_lossy=True, method=method)

    @cached_property
    def _present(self) -> bytes:
        """The first frame that is there."""
        at = 0 if self._slots is None else int(np.argmax(self._slots >= 0))
        data = self._bytes(at)
        if not data:
            raise SlideError(
                "it has no frames.",
                place=self.place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        return data

    @cached_property
    def _first_head(self) -> JpegHead:
        return read_head(self._present, place=f"{self.place} first frame")

    @cached_property
    def _is_rgb(self) -> bool:
        return self._first_head.is_rgb(declared=self.instance.photometric == "RGB")

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(
            b"",
            is_rgb=self._is_rgb,
            columns=self.tile_columns,
            rows=self.tile_rows,
        )

    def _bytes(self, index: int) -> bytes:
        number = index if self._slots is None else int(self._slots[index])
        if number < 0:
            return b""
        part = bisect_right(self._starts, number) - 1
        return self.frames[part].frame(number - self._starts[part])

    def frame(self, index: int) -> Frame | None:
        data = self._bytes(index)
        if not data:
            return None
        place = f"{self.place} frame {index}"
        syntax = self.instance.transfer_syntax
        if syntax in JPEG_DCT:
            return self._splicer.splice(data, place=place)
        if syntax in JPEG_2000_PART_1:
            return Frame(b"", without_comments(data))
        if syntax in HIGH_THROUGHPUT:
            return Frame(b"", _even(without_comments(data)))
        if syntax in JPEG_LS:
            return Frame(b"", _even(without_applications(data, place=place)))
        return Frame(b"", data)

    def pixels(self, index: int) -> Samples:
        data = self._bytes(index)
        form = self.instance.form
        if not data:
            kind = np.uint8 if form.bits == 8 else np.uint16
            fill = BACKGROUND if form.samples == 3 else 0
            return np.full((form.rows, form.columns, form.samples), fill, kind)
        return decode_samples(data, form, place=f"{self.place} frame {index}")


def check_pixels(instance: Instance) -> None:
    """Raise `SlideError` where its pixels are of a kind that no slide may have (PS3.3 C.8.12.4)."""
    header, form = instance.header, instance.form
    high = header.get("HighBit", None)
    wrong = ""
    if form.photometric == "PALETTE COLOR":
        wrong = "its colours stand in a palette"
    elif form.samples not in {1, 3} or form.bits not in {8, 16}:
        wrong = f"pixels have {form.samples} samples of {form.bits} bits"
    elif form.samples == 3 and form.bits == 16:
        wrong = "its colours have 16 bits"
    elif str(header.get("PixelRepresentation", None) or 0) != "0":
        wrong = "its samples are signed"
    elif high not in (None, "") and int(str(high)) != form.stored - 1:
        wrong = "its samples do not begin at the lowest bit"
    elif form.samples == 1 and not _is_unscaled(instance):
        wrong = "its samples are to be rescaled"
    if wrong:
        raise SlideError(
            f"{wrong}.",
            place=instance.place,
            rule="PS3.3 C.8.12.4: RGB of 8 bits, or grey of 8 or 16, unsigned and not rescaled",
            remedy="Export the slide as 8-bit RGB, or its channels as grey.",
        )


def _is_unscaled(instance: Instance) -> bool:
    for keyword, neutral in (("RescaleSlope", 1.0), ("RescaleIntercept", 0.0)):
        value = instance.header.get(keyword, None)
        if value not in (None, "") and float(value) != neutral:
            return False
    return True
