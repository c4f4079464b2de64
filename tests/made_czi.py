"""Writes CZI files of known pixels, by Zeiss's published description of the ZISRAW format.

Names and numbers that identify are invented; `SECRETS` lists them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg

NONE, JPEG, LZW, JPEG_XR, ZSTD, ZSTD_PACKED = 0, 1, 2, 4, 5, 6
GRAY8, GRAY16, FLOAT, BGR24, BGR48, BGRA32 = 0, 1, 2, 3, 4, 9

SECRETS = (
    "Ida Grünwald",
    "Grünwald",
    "S-2023-0815",
    "4711-BARCODE",
    "SCANPC-07",
    "2731000123",
    "20230817",
    "2023-08-17",
)

CHANNEL = """<Channel Id="Channel:{n}" Name="Kanal {n}"><ExcitationWavelength>{excitation}
</ExcitationWavelength><EmissionWavelength>{emission}</EmissionWavelength><Color>{colour}</Color>
<Fluor>{dye}</Fluor><ExposureTime>{exposure}</ExposureTime><PixelType>Gray16</PixelType></Channel>
"""

XML = """<?xml version="1.0"?>
<ImageDocument><Metadata>
<Experiment Version="1.1"><AutoSave><StorageFolder>D:\\SCANPC-07\\S-2023-0815</StorageFolder>
</AutoSave></Experiment>
<CustomAttributes><Notes>Ida Grünwald, block A</Notes></CustomAttributes>
<Information>
<User Id="u1"><DisplayName>Ida Grünwald</DisplayName></User>
<Application><Name>ZEN slidescan</Name><Version>1.0</Version></Application>
<Document><CreationDate>2023-08-17T09:30:00</CreationDate><UserName>Grünwald</UserName>
<Title>S-2023-0815</Title></Document>
<Image><SizeX>{columns}</SizeX><SizeY>{rows}</SizeY>{scenes}<PixelType>{pixels}</PixelType>
<AcquisitionDateAndTime>2023-08-17T09:30:00Z</AcquisitionDateAndTime>
<Dimensions><Channels>{channels}</Channels></Dimensions>
<ObjectiveSettings><ObjectiveRef Id="Objective:2"/></ObjectiveSettings></Image>
<Instrument><Microscopes><Microscope Id="Microscope:1" Name="Axioscan 7">
<Manufacturer><SerialNumber>2731000123</SerialNumber></Manufacturer></Microscope></Microscopes>
<Objectives><Objective Id="Objective:1"><NominalMagnification>5</NominalMagnification></Objective>
<Objective Id="Objective:2"><NominalMagnification>20</NominalMagnification></Objective></Objectives>
</Instrument></Information>
<Scaling><Items><Distance Id="X"><Value>{x}</Value></Distance>
<Distance Id="Y"><Value>{y}</Value></Distance><Distance Id="Z"><Value>{z}</Value></Distance></Items>
</Scaling>
<AttachmentInfos><Label Id="Label:1"><Barcodes><Barcode Id="Barcode:1"><Content>4711-BARCODE
</Content></Barcode></Barcodes></Label></AttachmentInfos>
{more}</Metadata></ImageDocument>
"""


def metadata(columns=1, rows=1, **given) -> str:
    values = {
        "scenes": "",
        "pixels": "Bgr24",
        "channels": '<Channel Id="Channel:0" Name="Bright"/>',
        "x": "3.4591494502960332E-07",
        "y": "3.4591494502960332E-07",
        "z": "1.5E-06",
        "more": "",
    }
    return XML.format(columns=columns, rows=rows, **{**values, **given})


@dataclass
class Tile:
    """A subblock: `pixels` of shape (rows, columns, 1 or 3) as stored, at (x, y) of level 0.

    `factor` is by how much it is reduced; `axes` hold further dimensions (C, Z, S, M ...).
    """

    x: int
    y: int
    pixels: np.ndarray
    compression: int = NONE
    factor: int = 1
    axes: dict[str, int] = field(default_factory=dict)
    data: bytes | None = None
    size: tuple[int, int] | None = None
    pixel_type: int | None = None
    axis_size: int = 1
    file_part: int = 0

    @property
    def kind(self) -> int:
        if self.pixel_type is not None:
            return self.pixel_type
        if self.pixels.shape[2] == 3:
            return BGR24
        return GRAY8 if self.pixels.dtype == np.uint8 else GRAY16

    def entry(self, position: int) -> bytes:
        rows, columns = self.pixels.shape[:2]
        width, height = self.size or (columns * self.factor, rows * self.factor)
        dimensions = [("X", self.x, width, columns), ("Y", self.y, height, rows)]
        dimensions += [(axis, start, self.axis_size, 0) for axis, start in self.axes.items()]
        head = struct.pack(
            "<2siqiib5xi", b"DV", self.kind, position, self.file_part, self.compression,
            2 if self.factor > 1 else 0, len(dimensions),
        )  # fmt: skip
        return head + b"".join(
            struct.pack("<4siifi", axis.encode(), start, size, float(start), stored)
            for axis, start, size, stored in dimensions
        )

    def stream(self) -> bytes:
        return self.data if self.data is not None else compress(self.pixels, self.compression)


def compress(pixels: np.ndarray, compression: int) -> bytes:
    """As the format has it: colour in the order blue, green, red, but in codecs of their own."""
    is_colour = pixels.shape[2] == 3
    plain = np.ascontiguousarray(pixels[:, :, ::-1])
    raw = plain.astype(f"<u{plain.itemsize}").tobytes()
    if compression == NONE:
        return raw
    if compression == JPEG:
        space = "RGB" if is_colour else "GRAY"
        return simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), 90, space, "422")
    if compression == JPEG_XR:
        return jpegxr(pixels)
    if compression == ZSTD:
        return imagecodecs.zstd_encode(raw)
    if pixels.itemsize == 1:
        return b"\x01" + imagecodecs.zstd_encode(raw)
    packed = np.frombuffer(raw, np.uint8).reshape(-1, 2).T.tobytes()
    return b"\x03\x01\x01" + imagecodecs.zstd_encode(packed)


_RGB24 = bytes.fromhex("24c3dd6f034efe4bb1853d77768dc90d")
_BGR24 = _RGB24[:-1] + b"\x0c"


def jpegxr(pixels: np.ndarray, *, level=1.0) -> bytes:
    """JPEG XR; colour is called 24bppBGR, as ZEN calls it."""
    image = pixels if pixels.shape[2] == 3 else pixels[:, :, 0]
    stream = bytes(imagecodecs.jpegxr_encode(np.ascontiguousarray(image), level=level))
    return stream.replace(_RGB24, _BGR24)


def segment(name: bytes, content: bytes) -> bytes:
    room = -len(content) % 32
    return struct.pack("<16sqq", name, len(content) + room, len(content)) + content + bytes(room)


def subblock(tile: Tile, position: int, about: bytes = b"<METADATA/>") -> bytes:
    entry, data = tile.entry(position), tile.stream()
    fixed = struct.pack("<iiq", len(about), 0, len(data)) + entry
    return segment(b"ZISRAWSUBBLOCK", fixed.ljust(256, b"\0") + about + data)


def attachment(name: str, kind: str, content: bytes, position: int) -> tuple[bytes, bytes]:
    """The entry of the list, and the segment."""
    entry = struct.pack(
        "<2s10xqi16s8s80s", b"A1", position, 0, bytes(16), kind.encode(), name.encode()
    )
    head = struct.pack("<i12x", len(content)) + entry + bytes(112)
    return entry, segment(b"ZISRAWATTACH", head + content)


def czi(tiles, xml="", attachments=(), *, pending=0, part=0, major=1) -> bytes:
    """A whole file, as bytes."""
    header_bytes = 32 + 512
    body, entries, listed = b"", [], []
    for tile in tiles:
        position = header_bytes + len(body)
        entries.append(tile.entry(position))
        body += subblock(tile, position)
    for name, kind, content in attachments:
        entry, made = attachment(name, kind, content, header_bytes + len(body))
        listed.append(entry)
        body += made
    metadata_at = header_bytes + len(body) if xml else 0
    if xml:
        data = xml.encode()
        body += segment(b"ZISRAWMETADATA", struct.pack("<ii248x", len(data), 0) + data)
    attachments_at = header_bytes + len(body)
    body += segment(b"ZISRAWATTDIR", struct.pack("<i252x", len(listed)) + b"".join(listed))
    directory_at = header_bytes + len(body)
    body += segment(b"ZISRAWDIRECTORY", struct.pack("<i124x", len(entries)) + b"".join(entries))
    guid = bytes(range(16))
    header = struct.pack(
        "<iiii16s16siqqiq", major, 0, 0, 0, guid, guid, part, directory_at, metadata_at, pending,
        attachments_at,
    )  # fmt: skip
    return segment(b"ZISRAWFILE", header.ljust(512, b"\0")) + body


def write_czi(path: Path, tiles, xml="", attachments=(), **given) -> Path:
    path.write_bytes(czi(tiles, xml, attachments, **given))
    return path


def cut(picture: np.ndarray, side: int, compression=NONE, *, x=0, y=0, factor=1, **axes):
    """Cut a picture into equal tiles without overlap; those at the edges are smaller."""
    for number, (top, left) in enumerate(
        (top, left)
        for top in range(0, picture.shape[0], side)
        for left in range(0, picture.shape[1], side)
    ):
        part = picture[top : top + side, left : left + side]
        place = x + left * factor, y + top * factor
        yield Tile(*place, part, compression, factor, {"S": 0, "C": 0, "M": number, **axes})


def tissue(rows: int, columns: int, *, seed=1) -> np.ndarray:
    """Noise over a slope, RGB: every tile and every channel is another."""
    noise = np.random.default_rng(seed).integers(0, 60, (rows, columns, 3))
    y, x = np.mgrid[0:rows, 0:columns]
    slope = np.stack([x * 120 // columns + 60, y * 120 // rows + 40, (x + y) // 8 % 100 + 90], -1)
    return (slope + noise).clip(0, 255).astype(np.uint8)


def intensities(rows: int, columns: int, *, seed=1, bits=16) -> np.ndarray:
    kind, most = (np.uint16, 60000) if bits == 16 else (np.uint8, 255)
    return np.random.default_rng(seed).integers(0, most, (rows, columns, 1)).astype(kind)


def halved(picture: np.ndarray) -> np.ndarray:
    """Every second pixel: what a pyramid shows is not asked here, where it lies is."""
    return np.ascontiguousarray(picture[::2, ::2])


def draw(tiles, rows: int, columns: int, *, x=0, y=0) -> np.ndarray:
    """The truth: later tiles (by M) over earlier ones, on glass."""
    first = tiles[0].pixels
    shade = 255 if first.shape[2] == 3 else 0
    canvas = np.full((rows, columns, first.shape[2]), shade, first.dtype)
    for tile in sorted(tiles, key=lambda each: each.axes.get("M", 0)):
        top, left = tile.y - y, tile.x - x
        canvas[top : top + tile.pixels.shape[0], left : left + tile.pixels.shape[1]] = tile.pixels
    return canvas
