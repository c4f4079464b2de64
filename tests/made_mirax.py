"""MIRAX slides for tests, written from OpenSlide's description of the format (formats/mirax)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg

SLIDE_ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
SLIDE_NAME = "S-2021-0815 Mustermann"
SECRETS = ("Mustermann", "S-2021-0815", SLIDE_ID, "PSCAN-4711", "Studie Muster", "17/06/2021",
           "Erika")  # fmt: skip
ASSOCIATED = {
    "ScanDataLayer_SlideThumbnail": ("THUMBNAIL", 63, 41),
    "ScanDataLayer_SlideBarcode": ("BARCODE", 50, 40),
    "ScanDataLayer_SlidePreview": ("PREVIEW", 31, 62),
}


@dataclass
class Plan:
    """What a slide is made of; sides are (x, y) pixels or counts.

    `images` counts level-0 images before any concatenation, `divisions` of them lie along a
    photo. `overlap` is how much photos are meant to overlap. `positions` is where each photo is,
    (rows, columns, 2) in (x, y) pixels: None for the nominal ones. `table` says how positions are
    stored: "" (not at all), "vimslide" (raw) or "stitching" (deflated). `absent` names photos
    (x, y) that the scanner left out. `exponents` are the concatenation exponents of the levels.
    """

    image: tuple[int, int] = (64, 48)
    images: tuple[int, int] = (8, 6)
    divisions: int = 2
    overlap: tuple[int, int] = (0, 0)
    positions: np.ndarray | None = None
    table: str = ""
    absent: set[tuple[int, int]] = field(default_factory=set)
    exponents: tuple[int, ...] = (0, 1, 1, 1)
    image_format: str = "JPEG"
    subsampling: str = "420"
    associated: bool = True
    data_files: int = 2
    general: dict[str, str] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    header: str = "ascii"

    @property
    def photos(self) -> tuple[int, int]:
        return -(-self.images[0] // self.divisions), -(-self.images[1] // self.divisions)

    def nominal(self) -> np.ndarray:
        x, y = np.meshgrid(np.arange(self.photos[0]), np.arange(self.photos[1]))
        width, height = (self.image[n] * self.divisions - self.overlap[n] for n in (0, 1))
        return np.stack([x * width, y * height], axis=-1).astype(np.int32)


def jittered(plan: Plan, *, most: int = 3, seed: int = 4) -> np.ndarray:
    """Nominal positions, each off by up to `most` pixels; the first stays at the origin."""
    moved = plan.nominal() + np.random.default_rng(seed).integers(
        -most, most + 1, plan.nominal().shape
    )
    moved[0, 0] = 0
    return np.maximum(moved, 0).astype(np.int32)


@dataclass
class Made:
    """A written slide: `path` is its `.mrxs`, `streams` hold each level's images by index."""

    path: Path
    folder: Path
    glass: np.ndarray
    streams: list[dict[int, bytes]]
    index: bytes
    settings: str


def glass(columns: int, rows: int) -> np.ndarray:
    """Smooth tissue: no two regions are alike, and codecs lose little."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    light = 150 + 40 * np.sin(x / 97.0) + 20 * np.cos(y / 59.0)
    parts = (light + 12 * np.sin(y / 211.0), light - 10, light + 15 * np.cos((x + y) / 173.0))
    return np.clip(np.stack(parts, axis=-1), 0, 255).astype(np.uint8)


def write_mirax(folder: Path, plan: Plan, *, name: str = "slide") -> Made:
    """Write `name.mrxs` and its folder into `folder`."""
    positions = plan.nominal() if plan.positions is None else plan.positions
    width, height = plan.image
    side = width * plan.divisions, height * plan.divisions
    extent = positions.reshape(-1, 2).max(axis=0) + side
    picture = glass(int(extent[0]), int(extent[1]))
    images = _images(plan, positions, picture)
    streams = _levels(plan, images)
    home = folder / name
    home.mkdir(parents=True)
    pile = _Pile(plan.data_files, plan.header)
    hier = [_placed(pile, level) for level in streams]
    nonhier, layers = _nonhier(plan, positions, pile)
    index = _index(hier, nonhier)
    (home / "Index.dat").write_bytes(index)
    for number, data in enumerate(pile.files):
        (home / f"Data{number:04d}.dat").write_bytes(data)
    settings = _settings(plan, layers)
    (home / "Slidedat.ini").write_bytes(b"\xef\xbb\xbf" + settings.encode())
    preview = simplejpeg.encode_jpeg(picture[:40, :60].copy(), 80)
    (folder / f"{name}.mrxs").write_bytes(preview)
    return Made(folder / f"{name}.mrxs", home, picture, streams, index, settings)


def _images(plan: Plan, positions: np.ndarray, picture: np.ndarray) -> dict:
    """The level of full resolution, by image (x, y), before any concatenation."""
    width, height = plan.image
    found = {}
    for y in range(plan.images[1]):
        for x in range(plan.images[0]):
            photo = x // plan.divisions, y // plan.divisions
            if photo in plan.absent:
                continue
            left, top = positions[photo[1], photo[0]]
            left += (x % plan.divisions) * width
            top += (y % plan.divisions) * height
            found[x, y] = picture[top : top + height, left : left + width]
    return found


def _levels(plan: Plan, images: dict) -> list[dict[int, bytes]]:
    levels, total = [], 0
    for exponent in plan.exponents:
        total += exponent
        levels.append(_level(plan, images, 1 << total))
    return levels


def _level(plan: Plan, images: dict, concat: int) -> dict[int, bytes]:
    """Images halved and put together, four to one, whatever photos they are from."""
    width, height = plan.image
    found = {}
    for y in range(0, plan.images[1], concat):
        for x in range(0, plan.images[0], concat):
            whole = np.full((height * concat, width * concat, 3), 255, np.uint8)
            is_empty = True
            for down in range(concat):
                for across in range(concat):
                    part = images.get((x + across, y + down))
                    if part is not None:
                        is_empty = False
                        whole[
                            down * height : (down + 1) * height,
                            across * width : (across + 1) * width,
                        ] = part
            if is_empty:
                continue
            small = whole.reshape(height, concat, width, concat, 3).mean(axis=(1, 3))
            found[y * plan.images[0] + x] = _encode(np.rint(small).astype(np.uint8), plan)
    return found


def _encode(pixels: np.ndarray, plan: Plan) -> bytes:
    pixels = np.ascontiguousarray(pixels)
    if plan.image_format == "PNG":
        return bytes(imagecodecs.png_encode(pixels))
    if plan.image_format == "BMP24":
        return bmp24(pixels)
    return simplejpeg.encode_jpeg(pixels, 90, "RGB", plan.subsampling)


def bmp24(pixels: np.ndarray) -> bytes:
    rows, columns = pixels.shape[:2]
    stride = -(-columns * 3 // 4) * 4
    lines = np.zeros((rows, stride), np.uint8)
    lines[:, : columns * 3] = pixels[::-1, :, ::-1].reshape(rows, -1)
    body = lines.tobytes()
    head = struct.pack("<2sIHHI", b"BM", 54 + len(body), 0, 0, 54)
    return (
        head
        + struct.pack("<IiiHHIIiiII", 40, columns, rows, 1, 24, 0, len(body), 0, 0, 0, 0)
        + body
    )


class _Pile:
    """Data files that fill in turn."""

    def __init__(self, count: int, header: str) -> None:
        self.files = [bytearray(_data_header(number, header)) for number in range(count)]
        self.put = 0

    def add(self, data: bytes) -> tuple[int, int, int]:
        number = self.put % len(self.files)
        self.put += 1
        at = len(self.files[number])
        self.files[number] += data
        return at, len(data), number


def _data_header(number: int, header: str) -> bytes:
    """Version, slide, number; newer slides write UTF-16 into the same room."""
    encoding = "utf-16-le" if header == "utf-16" else "ascii"
    identity = SLIDE_ID.encode(encoding)[: len(SLIDE_ID)]
    return b"01.02" + identity + f"{number:03d}".encode(encoding)[:3] + bytes(256)


def _placed(pile: _Pile, level: dict[int, bytes]) -> list[tuple[int, int, int, int]]:
    return [(number, *pile.add(stream)) for number, stream in level.items()]


def _nonhier(plan: Plan, positions: np.ndarray, pile: _Pile):
    """Records, one a value, and the layers they belong to: (name, [(value, section keys)])."""
    records, layers = [], []
    if plan.associated:
        values = []
        for value, (key, columns, rows) in ASSOCIATED.items():
            picture = np.full((rows, columns, 3), 120, np.uint8)
            records.append([pile.add(simplejpeg.encode_jpeg(picture, 80))])
            values.append(
                (
                    value,
                    [f"{key}_IMAGE_TYPE = JPEG", f"{key}_IMAGE_WIDTH = {columns}",
                     f"{key}_IMAGE_HEIGHT = {rows}"],
                )
            )  # fmt: skip
        layers.append(("Scan data layer", values))
    if plan.table:
        photos = [(x, y) for y in range(plan.photos[1]) for x in range(plan.photos[0])]
        table = b"".join(
            struct.pack("<Bii", 0, 0, 0)
            if (x, y) in plan.absent
            else struct.pack(
                "<Bii", 1, *(int(each) >> plan.exponents[0] for each in positions[y, x])
            )
            for x, y in photos
        )
        if plan.table == "vimslide":
            records.append([pile.add(table)])
            layers.append(("VIMSLIDE_POSITION_BUFFER", [("default", [])]))
        else:
            # Some slides have a second item here, which nobody needs.
            records.append([pile.add(zlib.compress(table)), pile.add(zlib.compress(bytes(64)))])
            layers.append(("StitchingIntensityLayer", [("StitchingIntensityLevel", [])]))
    return records, layers


def _index(hier: list, nonhier: list) -> bytes:
    """Index.dat: two roots, tables of records, each a first empty page and the pages after it."""
    out = bytearray(b"01.02" + SLIDE_ID.encode() + bytes(8))
    root = 5 + len(SLIDE_ID)

    def pages(entries: list[bytes], per_page: int) -> int:
        chunks = [entries[n : n + per_page] for n in range(0, len(entries), per_page)] or [[]]
        head = len(out)
        out.extend(struct.pack("<ii", 0, head + 8))
        for number, chunk in enumerate(chunks):
            size = 8 + sum(map(len, chunk))
            following = len(out) + size if number + 1 < len(chunks) else 0
            out.extend(struct.pack("<ii", len(chunk), following) + b"".join(chunk))
        return head

    heads = [pages([struct.pack("<iiii", *entry) for entry in level], 7) for level in hier]
    struct.pack_into("<i", out, root, len(out))
    out.extend(struct.pack(f"<{len(heads)}i", *heads))
    heads = [
        pages([struct.pack("<iiiii", 0, 0, *entry) for entry in record], 128) for record in nonhier
    ]
    struct.pack_into("<i", out, root + 4, len(out))
    out.extend(struct.pack(f"<{len(heads)}i", *heads))
    return bytes(out)


def _settings(plan: Plan, layers: list) -> str:
    general = {
        "SLIDE_VERSION": "01.02",
        "SLIDE_NAME": SLIDE_NAME,
        "PROJECT_NAME": "Studie Muster",
        "SLIDE_ID": SLIDE_ID,
        "IMAGENUMBER_X": plan.images[0],
        "IMAGENUMBER_Y": plan.images[1],
        "SLIDE_CREATION_FINISHED": "True",
        "CURRENT_SLIDE_VERSION": "2.2" if plan.table == "stitching" else "1.9",
        "IMAGE_OVERLAP_MICROMETERS_X": 0,
        "IMAGE_OVERLAP_MICROMETERS_Y": 0,
        "SLIDE_POSITION_X": 2500,
        "SLIDE_POSITION_Y": 22780,
        "SLIDE_CONTENT": "DIGITAL_SLIDE",
        "SLIDE_CREATIONDATETIME": "17/06/2021 12:41:35",
        "CAMERA_TYPE": "Point Grey GS3-U3-51S5M-C",
        "ADAPTER_SIZE": 1,
        "OPTOVAR_SIZE": 1,
        "OBJECTIVE_MAGNIFICATION": 20,
        "OBJECTIVE_NAME": "Plan-Apochromat",
        "SLIDE_TYPE": "SLIDE_TYPE_BRIGHTFIELD",
        "CameraImageDivisionsPerSide": plan.divisions,
        **plan.general,
    }
    lines = ["[GENERAL]", *(f"{key} = {value}" for key, value in general.items())]
    lines += ["[HIERARCHICAL]", "INDEXFILE = Index.dat", "HIER_COUNT = 2"]
    lines += [f"NONHIER_COUNT = {len(layers)}", "PAGEELEMENTCOUNT = 128"]
    lines += ["HIER_0_NAME = Slide zoom level", f"HIER_0_COUNT = {len(plan.exponents)}"]
    for level in range(len(plan.exponents)):
        lines += [f"HIER_0_VAL_{level} = ZoomLevel_{level}"]
        lines += [f"HIER_0_VAL_{level}_SECTION = LAYER_0_LEVEL_{level}_SECTION"]
    lines += ["HIER_1_NAME = Slide filter level", "HIER_1_COUNT = 1"]
    lines += ["HIER_1_VAL_0 = FilterLevel_0", "HIER_1_VAL_0_SECTION = LAYER_1_LEVEL_0_SECTION"]
    sections = []
    for number, (layer, values) in enumerate(layers):
        lines += [f"NONHIER_{number}_NAME = {layer}", f"NONHIER_{number}_COUNT = {len(values)}"]
        lines += [f"NONHIER_{number}_SECTION = NONHIERLAYER_{number}_SECTION"]
        sections += [f"[NONHIERLAYER_{number}_SECTION]", "SCANNER_HARDWARE_ID = PSCAN-4711"]
        for place, (value, keys) in enumerate(values):
            section = f"NONHIERLAYER_{number}_LEVEL_{place}_SECTION"
            lines += [f"NONHIER_{number}_VAL_{place} = {value}"]
            lines += [f"NONHIER_{number}_VAL_{place}_SECTION = {section}"]
            sections += [f"[{section}]", "BARCODE_VALUE = Erika", *keys]
    lines += ["[DATAFILE]", f"FILE_COUNT = {plan.data_files}"]
    lines += [f"FILE_{number} = Data{number:04d}.dat" for number in range(plan.data_files)]
    total = 0
    for level, exponent in enumerate(plan.exponents):
        total += exponent
        scale = 1 << total
        lines += [
            f"[LAYER_0_LEVEL_{level}_SECTION]",
            f"OVERLAP_X = {plan.overlap[0] / scale}",
            f"OVERLAP_Y = {plan.overlap[1] / scale}",
            f"MICROMETER_PER_PIXEL_X = {0.2325 * scale}",
            f"MICROMETER_PER_PIXEL_Y = {0.2330 * scale}",
            "IMAGE_FORMAT = " + plan.image_format,
            "IMAGE_FILL_COLOR_BGR = 16777215",
            f"DIGITIZER_WIDTH = {plan.image[0]}",
            f"DIGITIZER_HEIGHT = {plan.image[1]}",
            f"IMAGE_CONCAT_FACTOR = {exponent}",
            "IMAGE_COMPRESSION_FACTOR = 80",
        ]
    filters = {"FILTER_NAME": "Default", "STORING_CHANNEL_NUMBER": "0", **plan.filters}
    lines += ["[LAYER_1_LEVEL_0_SECTION]", *(f"{key} = {value}" for key, value in filters.items())]
    return "\r\n".join(lines + sections) + "\r\n"
