"""What stands beside the pixels of a photograph: its Exif, XMP, IPTC, comments and profile."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from bigpicture.dicom.exif import UPRIGHT, read_exif
from bigpicture.dicom.icc import MAXIMUM_BYTES as MAXIMUM_PROFILE
from bigpicture.dicom.icc import colour_space, is_profile, texts, without_texts
from bigpicture.dicom.markup import read_markup
from bigpicture.dicom.png import Chunk, read_chunks
from bigpicture.dicom.slide import Associated
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAXIMUM_TEXT = 4 << 20
"""Bytes to which one text of a PNG is unpacked."""
_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_ICC, _PHOTOSHOP = b"ICC_PROFILE\0", b"Photoshop 3.0\0"
_APP0, _APP1, _APP2, _APP13, _APP14, _APP15, _COM, _SOS = (
    0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF, 0xFE, 0xDA,
)  # fmt: skip
_IPTC = 0x0404
_STRUCTURE = frozenset({"IHDR", "PLTE", "IDAT", "IEND"})
_PRINTABLE = re.compile(rb"[\x20-\x7e]{4,}")


@dataclass
class Beside:
    """What was found beside the pixels; `profile` is an ICC profile without its texts, or empty.

    `orientation` is Exif's: 1 where the rows run from the top and the columns from the left.
    """

    place: str
    fields: list[Field] = field(default_factory=list[Field])
    associated: list[Associated] = field(default_factory=list[Associated])
    remarks: list[str] = field(default_factory=list[str])
    orientation: int = UPRIGHT
    profile: bytes = b""

    def add(self, where: str, name: str, value: str) -> None:
        self.fields.append(Field(f"{self.place} {where}", f"Photo.{name}", value))

    def add_exif(self, where: str, data: bytes) -> None:
        """An Exif record; the first one says how the picture is turned."""
        exif = read_exif(data, place=f"{self.place} {where}")
        self.fields += exif.fields
        self.associated += exif.associated
        if self.orientation == UPRIGHT:
            self.orientation = exif.orientation
        if not exif.is_readable:
            self.remarks.append(
                f"{self.place}: its Exif record is damaged and left out; the picture is taken to "
                "be upright."
            )

    def add_xmp(self, where: str, data: bytes) -> None:
        """An XMP packet, element by element where it is whole."""
        text = data.decode("utf-8", "replace").strip("\0")
        try:
            elements = read_markup(text, place=where)
        except SlideError:
            for part in _PRINTABLE.findall(data):
                self.add(where, "XMP.Packet", part.decode("ascii"))
            return
        for each in elements:
            for key, value in each.attributes.items():
                self.add(where, f"XMP.{each.name}@{key}", value)
            if each.text.strip():
                self.add(where, f"XMP.{each.name}", each.text.strip())

    def add_profile(self, where: str, data: bytes, *, space: str) -> None:
        """An ICC profile: its texts are fields; what is left of it explains the colours."""
        place = f"{self.place} {where}"
        if not is_profile(data):
            self.remarks.append(f"{self.place}: its colour profile is damaged and left out.")
            return
        for name, text in texts(data, place=place):
            self.add(where, f"ICC.{name}", text)
        if colour_space(data) == space:
            self.profile = without_texts(data, place=place)
            self.add(where, "Profile", "")

    def add_photoshop(self, where: str, data: bytes) -> None:
        """Photoshop's image resources, among them IPTC."""
        position = 0
        while data[position : position + 4] == b"8BIM" and position + 12 <= len(data):
            (number,) = struct.unpack_from(">H", data, position + 4)
            name = data[position + 6] | 1  # its length is padded to an even number with itself
            start = position + 7 + name
            if start + 4 > len(data):
                break
            (length,) = struct.unpack_from(">I", data, start)
            block = data[start + 4 : start + 4 + length]
            if number == _IPTC:
                self.add_iptc(where, block)
            else:
                self.add(where, f"Photoshop.{number}", _printable(block))
            position = start + 4 + length + length % 2
        if position < len(data):
            self.add(where, "Photoshop.Rest", _printable(data[position:]))

    def add_iptc(self, where: str, data: bytes) -> None:
        """IPTC-IIM: a byte 1C, record, data set, length and value, one after the other."""
        position = 0
        while position + 5 <= len(data) and data[position] == 0x1C:
            record, number, length = struct.unpack_from(">BBH", data, position + 1)
            value = data[position + 5 : position + 5 + length]
            self.add(where, f"IPTC.{record}:{number}", value.decode("utf-8", "replace"))
            position += 5 + length
        if data[position:].strip(b"\0"):
            self.add(where, "IPTC.Rest", _printable(data[position:]))


def beside_jpeg(data: bytes, *, place: str, space: str) -> Beside:
    """The segments before the scan of a JPEG, whose head has been read, and what follows it."""
    found = Beside(place)
    profile: dict[int, bytes] = {}
    for marker, body in _segments(data):
        where = "comment" if marker == _COM else f"APP{marker - _APP0}"
        if marker == _APP1 and body.startswith(_EXIF):
            found.add_exif("Exif", body[len(_EXIF) :])
        elif marker == _APP1 and body.startswith(_XMP):
            found.add_xmp("XMP", body[len(_XMP) :])
        elif marker == _APP1 and body.startswith(_XMP_MORE):
            found.add(where, "XMP.Packet", _printable(body))
        elif marker == _APP2 and body.startswith(_ICC) and len(body) > len(_ICC) + 2:
            profile[body[len(_ICC)]] = body[len(_ICC) + 2 :]
        elif marker == _APP13 and body.startswith(_PHOTOSHOP):
            found.add_photoshop("Photoshop", body[len(_PHOTOSHOP) :])
        elif marker == _APP14 and body.startswith(b"Adobe"):
            found.add(where, "JPEG.Adobe", "")
        elif marker == _APP0 and body.startswith(b"JFIF\0"):
            found.add(where, "JPEG.JFIF", _printable(body[14:]))
        else:
            name = "Comment" if marker == _COM else where
            found.add(where, f"JPEG.{name}", _text(body))
    if profile:
        joined = b"".join(part for _, part in sorted(profile.items()))
        found.add_profile("ICC", joined, space=space)
    return found


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of the application and comment segments up to the first scan."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        (length,) = struct.unpack_from(">H", data, position + 2)
        if marker == _SOS:
            return
        if _APP0 <= marker <= _APP15 or marker == _COM:
            yield marker, data[position + 4 : position + 2 + length]
        position += 2 + length


def beside_png(source: ByteSource, *, place: str, space: str) -> Beside:
    """The chunks of a PNG that are no pixels; raises `SlideError` where they are damaged."""
    found = Beside(place)
    for chunk in read_chunks(source, place=place):
        if chunk.kind not in _STRUCTURE:
            _add_chunk(found, source, chunk, space)
    return found


def _add_chunk(found: Beside, source: ByteSource, chunk: Chunk, space: str) -> None:
    data = source.read(chunk.offset, min(chunk.length, MAXIMUM_PROFILE))
    name, _, rest = data.partition(b"\0")
    key = name.decode("latin-1")
    if chunk.kind == "eXIf":
        found.add_exif("eXIf", data)
    elif chunk.kind == "iCCP":
        found.add("iCCP", "PNG.iCCP", key)
        profile = _unpacked(rest[1:], MAXIMUM_PROFILE)
        found.add_profile("iCCP", profile, space=space)
    elif chunk.kind == "tEXt":
        found.add("tEXt", f"PNG.Text.{key}", rest.decode("latin-1"))
    elif chunk.kind == "zTXt":
        found.add("zTXt", f"PNG.Text.{key}", _unpacked(rest[1:], MAXIMUM_TEXT).decode("latin-1"))
    elif chunk.kind == "iTXt":
        _add_international(found, key, rest)
    elif chunk.kind == "tIME" and len(data) == 7:
        year, *others = struct.unpack(">H5B", data)
        found.add("tIME", "PNG.tIME", f"{year:04d}-{others[0]:02d}-{others[1]:02d}")
    else:
        found.add(chunk.kind, f"PNG.{chunk.kind}", _printable(data))


def _add_international(found: Beside, key: str, rest: bytes) -> None:
    """iTXt: flag, method, language, translated keyword, text; the last one may be packed."""
    is_packed = rest[:1] == b"\1"
    language, _, more = rest[2:].partition(b"\0")
    translated, _, text = more.partition(b"\0")
    value = _unpacked(text, MAXIMUM_TEXT) if is_packed else text
    if key == "XML:com.adobe.xmp":
        found.add_xmp("iTXt XMP", value)
        return
    for part in (language, translated, value):
        if part:
            found.add("iTXt", f"PNG.Text.{key}", part.decode("utf-8", "replace"))


def _unpacked(data: bytes, most: int) -> bytes:
    """Deflated bytes, cut at `most`; what is damaged is given as it is."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return data


def _text(data: bytes) -> str:
    """A text as it stands, or the readable parts of what is none."""
    try:
        text = data.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return _printable(data)
    return text if text.isprintable() or text.replace("\n", "").isprintable() else _printable(data)


def _printable(data: bytes) -> str:
    return "\n".join(part.decode("ascii") for part in _PRINTABLE.findall(data))
