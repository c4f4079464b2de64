"""Photographs for tests, written from JPEG (T.81), Exif (CIPA DC-008), XMP, IPTC-IIM and PNG."""

from __future__ import annotations

import struct
import zlib

import imagecodecs
import numpy as np
import simplejpeg

OWNER = "Erika Mustermann"
SERIAL = "NCC-1701-SERIAL"
SECRETS = (OWNER, SERIAL, "Mustermann", "Klinikum Musterstadt", "S-2021-0815", "Musterkamera",
           "2021:06:17", "17062021", "Sektionssaal")  # fmt: skip
LATITUDE = (48, 8, 14_512)
"""48 degrees, 8 minutes, 14.512 seconds."""


def picture(rows: int = 120, columns: int = 200) -> np.ndarray:
    """Smooth, and different in every corner, so that a turned one is told apart."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    light = 40 + 120 * x / columns + 60 * y / rows
    return np.stack([light, light - 25, 200 - light / 2], axis=-1).astype(np.uint8)


def jpeg(pixels: np.ndarray, *segments: bytes, subsampling: str = "420") -> bytes:
    """A Baseline JPEG with `segments` after its first one."""
    kind = "GRAY" if pixels.shape[2] == 1 else "RGB"
    sampling = "Gray" if kind == "GRAY" else subsampling
    stream = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), 92, kind, sampling)
    head = stream[:20]
    assert head[2:4] == b"\xff\xe0"
    return head + b"".join(segments) + stream[20:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif_segment(**given) -> bytes:
    return segment(0xE1, b"Exif\0\0" + exif(**given))


def exif(*, orientation: int = 1, order: str = "<", thumbnail: bytes = b"") -> bytes:
    """An Exif record: camera, owner, place and time, and a thumbnail in a second directory."""
    writer = _Writer(order)
    gps = [
        (1, 2, b"N\0"),
        (2, 5, struct.pack(order + "6I", 48, 1, 8, 1, LATITUDE[2], 1000)),
        (29, 2, b"2021:06:17\0"),
    ]
    inner = [
        (36864, 7, b"0232"),
        (36867, 2, b"2021:06:17 12:41:35\0"),
        (37500, 7, b"Musterkamera\0\0\1\2Sektionssaal"),
        (37510, 7, b"ASCII\0\0\0S-2021-0815"),
        (40962, 4, struct.pack(order + "I", 12_345)),
        (42032, 2, OWNER.encode() + b"\0"),
        (42033, 2, SERIAL.encode() + b"\0"),
    ]
    main = [
        (271, 2, b"Musterkamera\0"),
        (274, 3, struct.pack(order + "H", orientation)),
        (282, 5, struct.pack(order + "2I", 72, 1)),
        (306, 2, b"2021:06:17 12:41:35\0"),
        (315, 2, OWNER.encode() + b"\0"),
        (34665, 4, inner),
        (34853, 4, gps),
        (40093, 1, OWNER.encode("utf-16-le") + b"\0\0"),
    ]
    return writer.write(main, thumbnail)


class _Writer:
    """Lays out directories, those below them and their values one after the other."""

    def __init__(self, order: str) -> None:
        self.order = order
        self.out = bytearray(b"II*\0" if order == "<" else b"MM\0*") + bytes(4)

    def write(self, main: list, thumbnail: bytes) -> bytes:
        at = self.directory(main)
        struct.pack_into(self.order + "I", self.out, 4, at)
        if thumbnail:
            start = len(self.out)
            self.out += thumbnail
            second = self.directory(
                [(513, 4, struct.pack(self.order + "I", start)),
                 (514, 4, struct.pack(self.order + "I", len(thumbnail)))]
            )  # fmt: skip
            struct.pack_into(self.order + "I", self.out, at + 2 + 12 * len(main), second)
        return bytes(self.out)

    def directory(self, entries: list) -> int:
        sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
        packed = b""
        for code, kind, value in entries:
            if isinstance(value, list):
                value = struct.pack(self.order + "I", self.directory(value))
            count = len(value) // sizes[kind]
            room = value.ljust(4, b"\0")
            if len(value) > 4:
                room = struct.pack(self.order + "I", len(self.out))
                self.out += value
            packed += struct.pack(self.order + "HHI", code, kind, count) + room[:4]
        at = len(self.out)
        self.out += struct.pack(self.order + "H", len(entries)) + packed + bytes(4)
        return at


XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="S-2021-0815">'
    f"<dc:creator><rdf:Seq><rdf:li>{OWNER}</rdf:li></rdf:Seq></dc:creator>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def xmp_segment(text: str = XMP) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + text.encode())


def iptc_segment() -> bytes:
    value = b"Klinikum Musterstadt"
    record = struct.pack(">BBBH", 0x1C, 2, 80, len(value)) + value
    record += b"\0" * (len(record) % 2)
    block = b"8BIM" + struct.pack(">H", 0x0404) + b"\0\0" + struct.pack(">I", len(record)) + record
    other = b"Sektionssaal"
    block += b"8BIM" + struct.pack(">H", 1028 + 1) + b"\0\0" + struct.pack(">I", 12) + other
    return segment(0xED, b"Photoshop 3.0\0" + block)


def comment_segment(text: str = "aufgenommen im Sektionssaal") -> bytes:
    return segment(0xFE, text.encode())


POINTS = {
    b"wtpt": (63_190, 65_536, 54_061),
    b"rXYZ": (31_000, 16_000, 1_000),
    b"gXYZ": (24_000, 45_000, 7_000),
    b"bXYZ": (8_190, 4_536, 46_061),
}
"""In parts of 65536: a white of D50 and three primaries that add up to it."""


def profile(*, space: bytes = b"RGB ", version: int = 2) -> bytes:
    """A matrix profile with a description, a copyright and a device's serial number."""
    gamma = b"curv" + bytes(4) + struct.pack(">IH", 1, 0x0233)
    name = b"desc" + bytes(4) + struct.pack(">I", 13) + b"Musterkamera\0" + bytes(78)
    rights = b"text" + bytes(4) + b"Klinikum Musterstadt\0"
    wide = SERIAL.encode("utf-16-be")
    serial = b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"de", b"DE", len(wide), 28) + wide
    tags = [(b"desc", name), (b"cprt", rights), (b"dmdd", serial)]
    tags += [(key, b"XYZ " + bytes(4) + struct.pack(">iii", *at)) for key, at in POINTS.items()]
    tags += [(key, gamma) for key in (b"rTRC", b"gTRC", b"bTRC")]
    table, body = b"", b""
    start = 132 + 12 * len(tags)
    for key, value in tags:
        table += key + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sBBH", start + len(body), b"appl", version, 0x20, 0)
    head += b"scnr" + space + b"XYZ " + struct.pack(">6H", 2021, 6, 17, 12, 41, 35)
    head += (
        b"acspMSFT" + bytes(4) + b"MUSTNCC1" + bytes(12) + struct.pack(">iii", 63190, 65536, 54061)
    )
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def icc_segments(data: bytes, *, parts: int = 2) -> list[bytes]:
    size = -(-len(data) // parts)
    return [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([n + 1, parts]) + data[n * size : (n + 1) * size])
        for n in range(parts)
    ]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: np.ndarray, *chunks: bytes) -> bytes:
    """A PNG with `chunks` after its header."""
    stream = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels.squeeze())))
    return stream[:33] + b"".join(chunks) + stream[33:]


def interlaced(pixels: np.ndarray) -> bytes:
    """The same in the seven passes of Adam7 (PNG 3rd edition, clause 8.2)."""
    rows, columns, samples = pixels.shape
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1)]  # fmt: skip
    raw = b""
    for top, left, down, across in passes:
        part = pixels[top::down, left::across]
        if part.size:
            raw += b"".join(b"\0" + line.tobytes() for line in part)
    head = struct.pack(">IIBBBBB", columns, rows, 8, {1: 0, 3: 2}[samples], 0, 0, 1)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


def texts() -> list[bytes]:
    """Every way in which a PNG holds text, and a date and a profile."""
    packed = zlib.compress(b"Klinikum Musterstadt")
    return [
        chunk(b"tEXt", b"Author\0" + OWNER.encode()),
        chunk(b"zTXt", b"Comment\0\0" + packed),
        chunk(b"iTXt", b"Title\0\1\0de\0Titel\0" + zlib.compress(b"S-2021-0815")),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP.encode()),
        chunk(b"eXIf", exif(order=">")),
        chunk(b"tIME", struct.pack(">H5B", 2021, 6, 17, 12, 41, 35)),
        chunk(b"pHYs", struct.pack(">IIB", 11_811, 11_811, 1)),
        chunk(b"iCCP", b"Musterkamera\0\0" + zlib.compress(profile())),
    ]
