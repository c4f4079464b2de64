"""Exif: the records that a camera writes into a photograph, in the form of a small TIFF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from bigpicture.dicom.jpeg import START, read_head
from bigpicture.dicom.picture import draw_jpeg
from bigpicture.dicom.slide import Associated
from bigpicture.dicom.tiff import Directory, is_tiff, read_tiff
from bigpicture.model.allowance import Field
from bigpicture.model.errors import BigpictureError, IntegrityError
from bigpicture.model.image import Flavour

UPRIGHT = 1
MAXIMUM_BYTES = 64 << 20
_ORIENTATION, _GPS = 274, 34853
_THUMBNAIL, _THUMBNAIL_BYTES = 513, 514
_TEXT = re.compile(rb"[\x20-\x7e]{4,}")

# Exif 2.32 (CIPA DC-008), sections 4.6.4 to 4.6.7. Other tags are told by their number.
_NAMES = {
    256: "ImageWidth", 257: "ImageLength", 259: "Compression", 270: "ImageDescription",
    271: "Make", 272: "Model", 274: "Orientation", 282: "XResolution", 283: "YResolution",
    296: "ResolutionUnit", 305: "Software", 306: "DateTime", 315: "Artist", 316: "HostComputer",
    513: "JPEGInterchangeFormat", 514: "JPEGInterchangeFormatLength", 531: "YCbCrPositioning",
    700: "XMP", 33432: "Copyright", 33434: "ExposureTime", 33437: "FNumber", 33723: "IPTC",
    34665: "ExifIFD", 34675: "InterColorProfile", 34850: "ExposureProgram", 34853: "GPSIFD",
    34855: "PhotographicSensitivity", 36864: "ExifVersion", 36867: "DateTimeOriginal",
    36868: "DateTimeDigitized", 36880: "OffsetTime", 36881: "OffsetTimeOriginal",
    36882: "OffsetTimeDigitized", 37121: "ComponentsConfiguration", 37500: "MakerNote",
    37510: "UserComment", 37520: "SubSecTime", 37521: "SubSecTimeOriginal",
    37522: "SubSecTimeDigitized", 40091: "XPTitle", 40092: "XPComment", 40093: "XPAuthor",
    40094: "XPKeywords", 40095: "XPSubject", 40960: "FlashpixVersion", 40961: "ColorSpace",
    40962: "PixelXDimension", 40963: "PixelYDimension", 40964: "RelatedSoundFile",
    40965: "InteroperabilityIFD", 42016: "ImageUniqueID", 42032: "CameraOwnerName",
    42033: "BodySerialNumber", 42034: "LensSpecification", 42035: "LensMake", 42036: "LensModel",
    42037: "LensSerialNumber",
}  # fmt: skip
_GPS_NAMES = {
    0: "VersionID", 1: "LatitudeRef", 2: "Latitude", 3: "LongitudeRef", 4: "Longitude", 5:
    "AltitudeRef", 6: "Altitude", 7: "TimeStamp", 8: "Satellites", 9: "Status", 10: "MeasureMode",
    11: "DOP", 12: "SpeedRef", 13: "Speed", 14: "TrackRef", 15: "Track", 16: "ImgDirectionRef",
    17: "ImgDirection", 18: "MapDatum", 19: "DestLatitudeRef", 20: "DestLatitude", 21:
    "DestLongitudeRef", 22: "DestLongitude", 23: "DestBearingRef", 24: "DestBearing", 25:
    "DestDistanceRef", 26: "DestDistance", 27: "ProcessingMethod", 28: "AreaInformation", 29:
    "DateStamp", 30: "Differential", 31: "HPositioningError",
}  # fmt: skip
_UTF16 = frozenset({40091, 40092, 40093, 40094, 40095})


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes in memory as a source."""

    data: bytes
    place: str

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > len(self.data):
            raise IntegrityError("it ends before its data.", place=self.place)
        return self.data[offset : offset + length]


@dataclass(frozen=True, slots=True)
class Exif:
    """All tags as fields, how the picture is turned (1 to 8, 1: upright), and its thumbnails.

    `is_readable` is off where the record is damaged: then the picture counts as upright, as it
    does to viewers, and the fields are the texts that stand in the record.
    """

    fields: tuple[Field, ...]
    orientation: int
    associated: tuple[Associated, ...]
    is_readable: bool = True


def read_exif(data: bytes, *, place: str) -> Exif:
    """Read an Exif record (from its TIFF header on)."""
    try:
        if not is_tiff(data[:4]):
            return _unreadable(data, place)
        tiff = read_tiff(Bytes(data, place), place=place)
        return Exif(
            tuple(field for each in tiff.directories for field in _fields(each, _NAMES)),
            tiff.directories[0].number(_ORIENTATION, UPRIGHT),
            tuple(found for each in tiff.all for found in _thumbnail(each, data)),
        )
    except BigpictureError:
        return _unreadable(data, place)


def _unreadable(data: bytes, place: str) -> Exif:
    texts = (part.decode("ascii") for part in _TEXT.findall(data[:MAXIMUM_BYTES]))
    return Exif(
        tuple(Field(place, "Photo.Exif.Unreadable", text) for text in texts), UPRIGHT, (), False
    )


def _fields(directory: Directory, names: dict[int, str]) -> Iterator[Field]:
    for code, tag in directory.tags.items():
        name = names.get(code, str(code))
        single = replace(directory, tags={code: tag}, children=())
        for field in single.fields():
            value = _wide(single.raw(code)) if code in _UTF16 else field.value
            kind = "GPS" if names is _GPS_NAMES else ""
            yield Field(f"{directory.place} {name}", f"Photo.Exif.{kind}{name}", value)
    for child in directory.children:
        # A directory lists what is below it in the order of its tags: GPS comes last.
        is_gps = _GPS in directory.tags and child is directory.children[-1]
        yield from _fields(child, _GPS_NAMES if is_gps else _NAMES)


def _wide(raw: bytes) -> str:
    """Windows writes its own tags in UTF-16."""
    return raw.decode("utf-16-le", "replace").rstrip("\0")


def _thumbnail(directory: Directory, data: bytes) -> Iterator[Associated]:
    """A smaller picture inside the record: it may show what was cut off from the large one."""
    if _THUMBNAIL not in directory.tags:
        return
    start = directory.number(_THUMBNAIL, 0)
    stream = data[start : start + directory.number(_THUMBNAIL_BYTES, 0)]
    columns = rows = 0
    if stream.startswith(START):
        head = read_head(stream, place=directory.place)
        columns, rows = head.columns, head.rows
    place = f"{directory.place} thumbnail"
    yield Associated(
        Flavour.THUMBNAIL, place, columns, rows, partial(draw_jpeg, stream, place=place)
    )
