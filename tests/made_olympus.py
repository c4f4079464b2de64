"""Olympus VSI slides, written from what Bio-Formats (CellSensReader), slideio and fastslide publish
of the format, with known pixels and invented names.

`write_slide` writes `name.vsi` (a small TIFF with the tree of properties after its header) and
`_name_/stackN/frame_t.ets`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg

from slide_making import pattern, tiff_directory

RAW, JPEG, JPEG_2000, LOSSLESS_JPEG, PNG, BMP = 0, 2, 3, 5, 8, 9
SECRETS = ("Klara Mustermann", "S-2024-0815", "B4711BARCODE", "Sankt-Elsewhere-Klinik", "Dr. Roe")
SCALE = 0.3456
TILE = 64

# Types of values and flags of a field.
INT, INT64, DOUBLE, BOOL, TCHAR, RECT, DOUBLES, BGR, TEXT, INDEX = (
    5, 7, 10, 12, 13, 259, 260, 270, 8192, 8199,
)  # fmt: skip
SECOND, EXTENDED, INLINE = 1 << 27, 1 << 28, 1 << 30
PROPERTIES, RECORD = 1, 2


@dataclass
class Node:
    """A field: its bytes after the head, or the fields of the volume that it holds."""

    tag: int
    kind: int
    value: bytes = b""
    inline: int | None = None
    second: int | None = None
    children: list[Node] | None = None

    def head(self, following: int, end: int) -> bytes:
        """`following` and `end` count from the volume around it."""
        kind = self.kind | (SECOND if self.second is not None else 0)
        size = len(self.value)
        if self.inline is not None:
            kind, size = kind | INLINE, self.inline & 0xFFFFFFFF
        if self.children is not None:
            # As cellSens writes it: of a structure where it ends, less its head; else nothing.
            is_structure = self.kind == 0
            kind, size = kind | EXTENDED | 1 << 31, end - 20 if is_structure else 0
        head = struct.pack("<IIII", kind, self.tag, following, size)
        return head + (struct.pack("<I", self.second) if self.second is not None else b"")


def volume(fields: list[Node]) -> bytes:
    """A header of 24 bytes and the fields, each telling where the next one begins."""
    data = struct.pack("<H2sIqII", 24, b"IS", 402, 24 if fields else 0, len(fields), 0)
    for number, each in enumerate(fields):
        body = each.value if each.children is None else volume(each.children)
        end = len(data) + len(each.head(0, 20)) + len(body)
        is_last = number == len(fields) - 1
        data += each.head(0 if is_last else end, end) + body
    return data


def wide(tag: int, text: str, kind: int = TEXT) -> Node:
    return Node(tag, kind, (text + "\0").encode("utf-16-le"))


def whole(tag: int, number: int) -> Node:
    return Node(tag, INT, inline=number)


def doubles(tag: int, *numbers: float) -> Node:
    kind = DOUBLE if len(numbers) == 1 else DOUBLES
    return Node(tag, kind, struct.pack(f"<{len(numbers)}d", *numbers))


def rect(tag: int, *numbers: int) -> Node:
    return Node(tag, RECT, struct.pack("<4i", *numbers))


def properties(tag: int, children: list[Node], second: int | None = None) -> Node:
    return Node(tag, PROPERTIES, second=second, children=children)


def structure(tag: int, second: int, children: list[Node]) -> Node:
    return Node(tag, 0, second=second, children=children)


def record(tag: int, value: float, unit: str) -> Node:
    return Node(tag, RECORD, children=[
        wide(268435456, unit, TCHAR), whole(268435459, 268435466),
        Node(268435457, 8195), doubles(268435458, value),
    ])  # fmt: skip


@dataclass
class Channel:
    """One channel as the tree tells it; wavelengths in nm, exposure in µs."""

    name: str = "DAPI"
    emission: float = 455
    excitation: float = 345
    exposure: int = 50_002
    colour: tuple[int, int, int] = (0, 0, 255)

    def node(self, number: int) -> Node:
        table = b"".join(bytes(part * n // 255 for part in self.colour[::-1]) for n in range(256))
        colours = Node(2004, RECORD, children=[
            whole(268435459, 536871182), Node(268435457, 8195, struct.pack("<i", 256)),
            Node(268435458, BGR, table),
        ])  # fmt: skip
        return properties(2008, [
            whole(2023, 4), colours, wide(2021, self.name), device(1, exposure=self.exposure),
            wide(2419, self.name), record(2417, self.emission, "10^-9m^1"),
            record(2474, self.excitation, "10^-9m^1"),
        ], number)  # fmt: skip


def device(number: int, *, exposure=None, subtype=None, model="", objective=None) -> Node:
    settings = []
    if exposure is not None:
        settings.append(whole(100002, exposure))
    if objective is not None:
        settings += [wide(120063, objective[0]), doubles(120060, objective[1])]
    inside = [properties(120114, settings)]
    if subtype is not None:
        inside += [
            whole(120129, 0x0131_0002), whole(120130, subtype),
            wide(120116, f"{SECRETS[3]} {model}"), wide(120132, model), wide(120133, "Olympus"),
        ]  # fmt: skip
    return Node(2043, RECORD, children=[
        whole(268435459, 671096836), Node(268435457, 8195, struct.pack("<i", 1)),
        properties(number, inside),
    ])  # fmt: skip


@dataclass
class Stack:
    """One image: `pictures` has the shape (planes, paths, rows, columns, samples).

    `order` names what the coordinates between row and level count (`Z`, `C`, `T`, or `-` for one
    that nothing explains), `missing` the coordinates of tiles that are left out.
    """

    pictures: np.ndarray
    number: int = 10001
    name: str = "40x_01"
    kind: int | None = 0
    compression: int = JPEG
    levels: int = 3
    tile: tuple[int, int] = (TILE, TILE)
    order: str = "-"
    missing: set[tuple[int, ...]] = field(default_factory=set)
    channels: tuple[Channel, ...] = ()
    scale: tuple[float, float] | None = (SCALE, -SCALE)
    unit: str = "10^-6m^1"
    spacing: float = 0.8
    boundary: tuple[int, int, int, int] | None = None
    origin: tuple[int, int] = (0, 0)
    is_external: bool = True
    is_pyramid: bool = True
    space: int = 3
    component_order: int = 0
    background: int = 255
    encode: object = None
    frame: str = "frame_t.ets"

    @property
    def size(self) -> tuple[int, int]:
        return self.pictures.shape[3], self.pictures.shape[2]

    def reduced(self, level: int) -> np.ndarray:
        step = 1 << level
        return self.pictures[:, :, ::step, ::step]

    def tiles(self):
        """Coordinates and pixels of each tile, in no particular order."""
        across, down = self.tile
        for level in reversed(range(self.levels)):
            picture = self.reduced(level)
            planes, paths, rows, columns, _ = picture.shape
            for path in range(paths):
                for plane in range(planes):
                    for top in range(0, rows, down):
                        for left in range(0, columns, across):
                            counts = {"Z": plane, "C": path}
                            between = [counts.get(letter, 0) for letter in self.order]
                            at = (left // across, top // down, *between, level)
                            part = picture[plane, path, top : top + down, left : left + across]
                            yield at, self.padded(part)

    def padded(self, part: np.ndarray) -> np.ndarray:
        room = ((0, self.tile[1] - part.shape[0]), (0, self.tile[0] - part.shape[1]), (0, 0))
        return np.ascontiguousarray(np.pad(part, room, constant_values=self.background))

    def image(self) -> Node:
        """MULTIDIM_IMAGE_VOLUME of the tree."""
        columns, rows = self.size
        file = properties(2018, [
            rect(2053, *(self.boundary or (0, 0, columns, rows))),
            Node(2410, INDEX, struct.pack("<5i", *self.origin, 0, 0, 0)),
            whole(20004, 13), Node(20005, BOOL, inline=int(self.is_external)),
        ])  # fmt: skip
        times = properties(2006, [record(2017, 29559.4, "10^-3s^1")])
        told = [wide(2030, self.name), Node(2015, INT64, struct.pack("<q", 1_735_689_600)),
                doubles(2018, 0.0, 0.0)]  # fmt: skip
        if self.scale:
            told += [doubles(2019, *self.scale), wide(2020, self.unit, TCHAR)]
        if self.kind is not None:
            told.append(whole(2074, self.kind))
        told.append(device(1, subtype=40500, model="VS200", objective=("UPLXAPO 20X", 20.0)))
        dimensions = [self.dimension(n, letter) for n, letter in enumerate(self.order)]
        return structure(2001, self.number, [
            Node(2003, 8195, struct.pack("<3i", 1, 1, 1)),
            structure(2002, 0, [file, times]),
            properties(2029, []),
            properties(2005, told),
            *[each for each in dimensions if each],
            structure(2007, len(self.order), []),
        ])  # fmt: skip

    def dimension(self, number: int, letter: str) -> Node | None:
        if letter == "-":
            return None
        if letter == "C":
            channels = self.channels or (Channel("BF"),)
            return structure(2007, number, [each.node(n) for n, each in enumerate(channels)])
        told = [whole(2023, {"Z": 1, "T": 2, "L": 3}[letter])]
        if letter == "Z":
            told.insert(0, record(2013, self.spacing, "10^-6m^1"))
            told.append(record(2012, 5074.9, "10^-6m^1"))
        return structure(2007, number, [properties(2008, told, 0)])

    def ets(self) -> tuple[bytes, dict[tuple[int, ...], bytes]]:
        """The file, and the stored bytes of each tile by its coordinates."""
        samples = self.pictures.shape[-1]
        is_deep = self.pictures.dtype == np.uint16
        dimensions = 3 + len(self.order)
        encode = self.encode or ENCODERS[self.compression]
        data, table, stored = bytearray(292), bytearray(), {}
        for number, (at, pixels) in enumerate(self.tiles()):
            if at in self.missing:
                continue
            stored[at] = encode(pixels)
            table += struct.pack("<I", dimensions) + struct.pack(f"<{dimensions}i", *at)
            table += struct.pack("<QII", len(data), len(stored[at]), number)
            data += stored[at]
        struct.pack_into(
            "<4sIIIQIIQIIQII", data, 0, b"SIS\0", 64, 3, dimensions, 64, 228, 0,
            len(data), len(stored), 0, len(data) + len(table), 0, 0,
        )  # fmt: skip
        struct.pack_into(
            "<4s9I", data, 64, b"ETS\0", 0x30003, 4 if is_deep else 2, samples, self.space,
            self.compression, 90, *self.tile, 1,
        )  # fmt: skip
        shade = struct.pack("<H" if is_deep else "<B", self.background) * samples
        data[172 : 172 + len(shade)] = shade
        struct.pack_into("<II", data, 212, self.component_order, int(self.is_pyramid))
        return bytes(data + table), stored


def encode_bmp(pixels: np.ndarray) -> bytes:
    rows, columns = pixels.shape[:2]
    stride = -(-columns * 3 // 4) * 4
    body = b"".join(row[:, ::-1].tobytes().ljust(stride, b"\0") for row in pixels[::-1])
    head = struct.pack("<2sIHHI", b"BM", 54 + len(body), 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, columns, rows, 1, 24, 0, 0, 0, 0, 0, 0) + body


def encode_jpeg(pixels: np.ndarray) -> bytes:
    if pixels.shape[2] == 1:
        return simplejpeg.encode_jpeg(pixels, 90, "GRAY")
    stream = simplejpeg.encode_jpeg(pixels, 90, "RGB", "420")
    comment = f"{SECRETS[0]}".encode()
    return stream[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + stream[2:]


def encode_jpeg2000(pixels: np.ndarray) -> bytes:
    plain = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    return bytes(imagecodecs.jpeg2k_encode(plain, level=0, codecformat="j2k", reversible=True))


def encode_jp2(pixels: np.ndarray) -> bytes:
    plain = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    return bytes(imagecodecs.jpeg2k_encode(plain, level=0, codecformat="jp2", reversible=True))


def encode_png(pixels: np.ndarray) -> bytes:
    return bytes(imagecodecs.png_encode(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def encode_lossless_jpeg(pixels: np.ndarray) -> bytes:
    if pixels.shape[2] == 1:
        return bytes(imagecodecs.jpeg8_encode(pixels[:, :, 0], lossless=True))
    return bytes(
        imagecodecs.jpeg8_encode(pixels, lossless=True, colorspace="RGB", outcolorspace="RGB")
    )


ENCODERS = {
    RAW: lambda pixels: pixels.tobytes(),
    JPEG: encode_jpeg,
    JPEG_2000: encode_jpeg2000,
    LOSSLESS_JPEG: encode_lossless_jpeg,
    PNG: encode_png,
    BMP: encode_bmp,
}


def brightfield(columns: int = 300, rows: int = 200, planes: int = 1) -> np.ndarray:
    picture = pattern(rows, columns)
    return np.stack([np.roll(picture, 3 * n, axis=1) for n in range(planes)])[:, None]


def fluorescence(columns: int = 150, rows: int = 130, planes: int = 1, paths: int = 3, kind="u2"):
    most = np.iinfo(kind).max
    picture = pattern(rows, columns)[..., :1].astype(np.uint32) * (most // 255)
    layers = [[(picture + 97 * z + 1009 * c) % (most + 1) for c in range(paths)]
              for z in range(planes)]  # fmt: skip
    return np.array(layers).astype(kind)


def document() -> list[Node]:
    return [
        whole(20, 0), wide(34, "OLYMPUS cellSens Dimension"), wide(35, "3.1"),
        wide(11, f"{SECRETS[1]}.vsi"), wide(15, SECRETS[0]), wide(16, SECRETS[3]),
        wide(12, f"D:\\Slides\\{SECRETS[1]}.vsi"), wide(13, f"seen by {SECRETS[4]}"),
        Node(14, INT64, struct.pack("<q", 1_735_689_600)),
    ]  # fmt: skip


def slide_properties() -> list[Node]:
    return [wide(2055, SECRETS[1]), wide(2057, "Kidney"), wide(2061, SECRETS[2])]


def vsi(images: list[Node], *, extra: list[Node] = ()) -> bytes:
    """The TIFF: header, tree, one picture of the glass in strips."""
    tree = volume([
        properties(2, document()),
        structure(2000, 0, [
            Node(2035, 14, struct.pack("<II", 196630, 21199)),
            *images,
            properties(2004, [
                whole(2075, 0), properties(2109, document()), properties(2062, slide_properties()),
                Node(2038, 1, f"<vector>{SECRETS[4]}</vector>".encode()),
            ]),
            *extra,
        ]),
    ])  # fmt: skip
    label = np.full((40, 60, 3), 200, np.uint8).tobytes()
    artist = f"{SECRETS[0]}\0".encode()
    at = 8 + len(tree) + len(label)
    texts = at + len(artist) + 6
    entries = [
        (256, 4, 1, 60), (257, 4, 1, 40), (258, 3, 3, at + len(artist)), (259, 3, 1, 1),
        (262, 3, 1, 2), (273, 4, 1, 8 + len(tree)), (277, 3, 1, 3), (278, 4, 1, 40),
        (279, 4, 1, len(label)), (315, 2, len(artist), at), (33560, 4, 1, 0),
    ]  # fmt: skip
    texts += texts % 2
    body = tree + label + artist + struct.pack("<HHH", 8, 8, 8)
    body = body.ljust(texts - 8, b"\0")
    return b"II*\0" + struct.pack("<I", texts) + body + tiff_directory(entries, 0)


def overview(**given) -> Stack:
    told = {"number": 1, "name": "Overview", "kind": 1, "levels": 1, **given}
    return Stack(brightfield(100, 70), **told)


def write_slide(path: Path, *stacks: Stack, extra: list[Node] = ()) -> dict[int, dict]:
    """Write the slide; returns the stored tiles of each stack by number and coordinates."""
    path.write_bytes(vsi([stack.image() for stack in stacks], extra=extra))
    stored = {}
    for stack in stacks:
        folder = path.with_name(f"_{path.stem}_") / f"stack{stack.number}"
        folder.mkdir(parents=True, exist_ok=True)
        data, stored[stack.number] = stack.ets()
        (folder / stack.frame).write_bytes(data)
    return stored
