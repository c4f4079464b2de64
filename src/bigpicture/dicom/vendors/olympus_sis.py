"""Olympus SIS TIFF (analySIS, cellSens): one picture, and a block that says its scale.

The block has no published specification; what is known of it is what tifffile and Bio-Formats'
SISReader read.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.scale import Mpp, credible, scale_remarks
from bigpicture.dicom.slide import Associated, Channel, OpenedSlide, Scanner, VendorSlide
from bigpicture.dicom.tiff import Directory, TiffFile
from bigpicture.dicom.tiff_pyramid import (
    associated_image,
    build_pyramid,
    is_reduction,
    missing_remarks,
    size,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

BLOCK, INI, PROFILE = 33560, 33471, 34675
MAXIMUM_ENTRIES = 1024
_HEAD = struct.Struct("<4s6x5h6x32sH")
_ENTRY = struct.Struct("<hhI")
_GENERAL = struct.Struct("<10xhdd8xd2x34s32s")
_IS_GENERAL = 1
_COUNT = re.compile(r"(?im)^\s*(Z|Band|Time)\s*=\s*(\d{1,9})\s*$")
_OWN = {"TIFF.OlympusSIS": "OlympusSIS.Block", "TIFF.OlympusINI": "OlympusSIS.Settings"}


@dataclass(frozen=True, slots=True)
class SisBlock:
    """What the block says; `scale` in micrometres per pixel, `power` of the objective."""

    date: str
    name: str
    scale: Mpp | None
    power: float | None
    camera: str
    kind: str


def recognises(candidate: Candidate) -> bool:
    return candidate.tiff is not None and BLOCK in candidate.tiff.directories[0].tags


def open_sis(candidate: Candidate) -> VendorSlide:
    """Open a SIS TIFF; raises `SlideError` where it holds several pictures, or is damaged."""
    tiff = candidate.tiff
    assert tiff is not None
    base = tiff.directories[0]
    block = read_block(base)
    _check_alone(tiff, base)
    is_channel = base.number(277, 1) == 1
    pyramid = [base, *(each for each in tiff.directories[1:] if is_reduction(each, base))]
    levels = build_pyramid(pyramid, is_channel=is_channel)
    used = {directory.place for directory in pyramid}
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(tiff, used)),
        fields=tuple(_fields(tiff, base, block)),
        mpp=block.scale,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(block.scale, candidate.place)),
        describe=lambda kept: _scanner(block, kept),
        describe_channels=lambda _: (Channel(),) if is_channel else (),
    )


def read_block(base: Directory) -> SisBlock:
    """The block that the tag leads to; raises `SlideError` where none stands there.

    The scale is read only where both readers agree on it: where a pixel is square.
    """
    head = _take(base, base.number(BLOCK, 0), _HEAD.size)
    magic, minute, hour, day, month, year, name, count = _HEAD.unpack(head)
    if magic != b"SIS0" or count > MAXIMUM_ENTRIES:
        raise base.damaged("its block of settings is none")
    date = f"{1900 + year}-{month + 1:02}-{day:02} {hour:02}:{minute:02}"
    entries = _take(base, base.number(BLOCK, 0) + _HEAD.size, count * _ENTRY.size)
    for kind, _, at in _ENTRY.iter_unpack(entries):
        if kind == _IS_GENERAL:
            general = _GENERAL.unpack(_take(base, at, _GENERAL.size))
            exponent, across, down, power, camera, picture = general
            scale = _scale(exponent, across, down)
            # Where nobody measured, a pixel is a metre and the power 1.
            is_told = scale is not None and isfinite(power) and power > 0
            return SisBlock(
                date=date,
                name=_text(name),
                scale=scale,
                power=power if is_told else None,
                camera=_text(camera),
                kind=_text(picture),
            )
    return SisBlock(date, _text(name), None, None, "", "")


def _take(base: Directory, offset: int, length: int) -> bytes:
    if offset + length > base.source.size:
        raise base.damaged("its block of settings lies past its end")
    return base.source.read(offset, length)


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("latin-1").strip()


def _scale(exponent: int, across: float, down: float) -> Mpp | None:
    """Lengths are in metres times a power of ten."""
    is_square = across > 0 and abs(across - down) <= 1e-6 * across
    if not -12 <= exponent <= 12 or not is_square:
        return None
    factor = 10.0 ** (exponent + 6)
    return credible(across * factor, down * factor)


def _check_alone(tiff: TiffFile, base: Directory) -> None:
    counts = [int(found[2]) for found in _COUNT.finditer(base.text(INI))]
    again = [each for each in tiff.directories[1:] if size(each) == size(base)]
    if again or any(count > 1 for count in counts):
        raise SlideError(
            "it holds several planes, channels or points of time.",
            place=base.place,
            rule="one picture and its reductions",
            remedy="Export it from its software as OME-TIFF.",
        )


def _associated(tiff: TiffFile, used: set[str]) -> Iterator[Associated]:
    for directory in tiff.all:
        if directory.place not in used and 256 in directory.tags:
            yield associated_image(directory, Flavour.OVERVIEW)


def _fields(tiff: TiffFile, base: Directory, block: SisBlock) -> Iterator[Field]:
    for directory in tiff.directories:
        for field in directory.fields():
            yield Field(field.place, _OWN.get(field.name, field.name), field.value)
    place = f"{base.place} OlympusSIS"
    yield Field(place, "OlympusSIS.Date", block.date)
    yield Field(place, "OlympusSIS.Name", block.name)
    yield Field(place, "OlympusSIS.Camera", block.camera)
    yield Field(place, "OlympusSIS.PictureType", block.kind)
    if block.power is not None:
        yield Field(place, "OlympusSIS.Magnification", str(block.power))


def _scanner(block: SisBlock, kept: Mapping[str, str]) -> Scanner:
    power = block.power if "OlympusSIS.Magnification" in kept else None
    return Scanner(manufacturer="Olympus", magnification=power)


VENDOR = Vendor("olympus-sis", recognises, open_sis, (".tif", ".tiff"))
