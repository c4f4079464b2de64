"""Ventana slides, after OpenSlide's page on the format and Roche's white paper on BIF (2020)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import simplejpeg
import tifffile

PATIENT, BARCODE, UNIT, USER = "Erika Mustermann", "S19-4711-A1", "BI19N0815", "Klara Kittel"
FILE, BASE = "D:/Bilder/Mustermann_4711.bif", "3f0f0c0e-1111-4222-8333-123456789abc"
DATE, LABEL = "December, 13 2011", "Mustermann Niere links"
SECRETS = (PATIENT, BARCODE, UNIT, USER, BASE, "Mustermann_4711", DATE, LABEL)

_STAND_IN = 32996

Overlap = Callable[[int, int], tuple[float, float, int]]
"""Column and row of a joint's right or lower tile, to overlap in x, in y, and confidence."""


@dataclass(frozen=True)
class Aoi:
    """An area: its first tile, its size in tiles, and its lower left corner in pixels."""

    column: int = 0
    row: int = 0
    across: int = 4
    down: int = 3
    x: float = 0
    y: float = 0
    is_scanned: bool = True


def _no_overlap(column: int, row: int) -> tuple[float, float, int]:
    return 0, 0, 100


def write_bif(
    path: Path,
    *,
    aois: tuple[Aoi, ...] = (Aoi(),),
    tile: tuple[int, int] = (64, 64),
    grid: tuple[int, int] | None = None,
    levels: int = 3,
    overlap: Overlap = _no_overlap,
    right: str = "RIGHT",
    missing: Collection[int] = (),
    depth: int = 1,
    is_big: bool = True,
    has_label: bool = True,
    has_shared_tables: bool = True,
    encode_info: Callable[[str], str] = str,
    i_scan: Callable[[str], str] = str,
    extra: str = "",
    ver: int = 2,
) -> list[np.ndarray]:
    """Write a BIF of `levels`; returns what the tiles of each level show, side by side."""
    grid = grid or (
        max(aoi.column + aoi.across for aoi in aois),
        max(aoi.row + aoi.down for aoi in aois),
    )
    mosaics = [_mosaic(grid, tile)]
    for _ in range(levels - 1):
        mosaics.append(_padded(_halved(mosaics[-1]), tile))
    with tifffile.TiffWriter(path, bigtiff=is_big) as tiff:
        xmp = i_scan(_i_scan(extra, len(aois))).encode()
        if has_label:
            _associated(tiff, "Label_Image", (30, 90), xmp)
            _associated(tiff, "Probability_Image", (10, 30))
            _associated(tiff, "Thumbnail", (24, 80))
        for number, mosaic in enumerate(mosaics):
            info = encode_info(_encode_info(aois, tile, overlap, right, ver)) if number == 0 else ""
            _level(
                tiff,
                mosaic,
                tile,
                description=f"level={number} mag={40 / 2**number:g} quality=90",
                xmp=info.encode() if has_label else xmp,
                missing=missing if number == 0 else (),
                depth=depth,
            )
    if depth > 1:
        _name_depth(path)
    return mosaics


def _name_depth(path: Path) -> None:
    """Turn the stand-in into ImageDepth, a tag that tifffile writes for volumes only."""
    with tifffile.TiffFile(path) as tiff:
        places = [page.tags[_STAND_IN].offset for page in tiff.pages if _STAND_IN in page.tags]
    with path.open("r+b") as file:
        for place in places:
            file.seek(place)
            file.write((32997).to_bytes(2, "little"))


def write_ventana_tiff(path: Path, *, levels: int = 3, tile=(64, 64), grid=(4, 3)):
    """The flavour without areas: an iScan label image, then ordinary levels of any size."""
    picture = _mosaic(grid, tile)[:-10, :-20]
    pictures = [picture]
    for _ in range(levels - 1):
        pictures.append(_halved(pictures[-1]))
    with tifffile.TiffWriter(path) as tiff:
        _associated(tiff, "Label Image", (30, 90), _i_scan("", 1).encode())
        for number, each in enumerate(pictures):
            _level(
                tiff, each, tile, description=f"level={number} mag={20 / 2**number:g} quality=80"
            )
    return pictures


def _mosaic(grid: tuple[int, int], tile: tuple[int, int]) -> np.ndarray:
    """Every tile of another colour, with waves in it, so that a shift of a pixel is seen."""
    columns, rows = grid[0] * tile[0], grid[1] * tile[1]
    y, x = np.mgrid[0:rows, 0:columns]
    waves = 30 * np.sin(x / 5.0) + 30 * np.cos(y / 7.0)
    ground = 150 + 40 * ((x // tile[0] * 7 + y // tile[1] * 3) % 5) / 4
    channels = (ground + waves, ground - 40 + waves / 2, ground - 20 + 20 * np.sin((x + y) / 11.0))
    return np.clip(np.stack(channels, axis=-1), 0, 255).astype(np.uint8)


def _halved(picture: np.ndarray) -> np.ndarray:
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    quads = picture[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2, 3)
    return np.rint(quads.mean(axis=(1, 3))).astype(np.uint8)


def _padded(picture: np.ndarray, tile: tuple[int, int]) -> np.ndarray:
    """To whole tiles, as the scanner stores them."""
    down, right = -picture.shape[0] % tile[1], -picture.shape[1] % tile[0]
    return np.pad(picture, ((0, down), (0, right), (0, 0)), constant_values=255)


def _level(tiff, picture, tile, *, description, xmp=b"", missing=(), depth=1) -> None:
    columns, rows = tile
    padded = _padded(picture, tile)
    streams: list[bytes] = []
    for top in range(0, padded.shape[0], rows):
        for left in range(0, padded.shape[1], columns):
            part = np.ascontiguousarray(padded[top : top + rows, left : left + columns])
            stream = simplejpeg.encode_jpeg(part, 90, "RGB", "420")
            streams.append(b"" if len(streams) in missing else stream)
    extratags = [(700, 7, len(xmp), xmp, True)] if xmp else []
    if depth > 1:
        extratags.append((_STAND_IN, 4, 1, depth, True))
    tiff.write(
        iter(streams),
        shape=picture.shape,
        dtype=np.uint8,
        tile=(rows, columns),
        photometric="ycbcr",
        subsampling=(2, 2),
        compression="jpeg",
        description=description,
        metadata=None,
        extratags=extratags,
    )


def _associated(tiff, description: str, shape: tuple[int, int], xmp: bytes = b"") -> None:
    picture = np.full((*shape, 3), 200, np.uint8)
    tiff.write(
        picture,
        photometric="rgb",
        description=description,
        metadata=None,
        extratags=[(700, 7, len(xmp), xmp, True)] if xmp else [],
    )


def _i_scan(extra: str, aois: int) -> str:
    areas = "".join(f'<AOI{n} Left="97" Top="471" Right="941" Bottom="1431"/>' for n in range(aois))
    return (
        f'<iScan Magnification="40" ScanRes="0.232500" UnitNumber="{UNIT}" '
        f'UserName="{USER}" BuildVersion="3.3.1.1" BuildDate="{DATE}" '
        f'SlideAnnotation={quoteattr(PATIENT)} LabelText={quoteattr(LABEL)} ShowLabel="1" '
        f'LabelBoundary="1000" Barcode1D="{BARCODE}" Barcode2D="{BARCODE}|{PATIENT}" '
        f'Z-layers="1" Z-spacing="1" FocusMode="0" FocusQuality="1" ScanMode="1"{extra}>'
        f"{areas}</iScan>"
    )


def _encode_info(aois, tile, overlap: Overlap, right: str, ver: int) -> str:
    infos = "".join(_image_info(n, aoi, tile, overlap, right) for n, aoi in enumerate(aois))
    origins = "".join(
        f'<AOI{n} OriginX="{aoi.column * tile[0]}" OriginY="{aoi.row * tile[1]}"/>'
        for n, aoi in enumerate(aois)
    )
    return (
        f'<?xml version="1.0"?>\n<EncodeInfo Ver="{ver}"><SlideInfo Rack="0" Slot="2" '
        f'BaseName="{BASE}" JP2FileName="{FILE}"><ServerDirectory Path=" " Copy="false"/>'
        f'<LabelImage Path="C:\\thumb_{BASE}.jpg"/>{_i_scan("", len(aois))}'
        f'<AoiInfo XIMAGESIZE="{tile[0]}" YIMAGESIZE="{tile[1]}" NumRows="3" NumCols="4" '
        f'Pos-X="0" Pos-Y="10602" DirPath="C:/DirTemp/{BASE}/AOI0"/></SlideInfo>'
        f'<SlideStitchInfo Left="-1" Top="-1" Right="-1" Bottom="-1">{infos}</SlideStitchInfo>'
        f"<AoiOrigin>{origins}</AoiOrigin></EncodeInfo>"
    )


def _image_info(number: int, aoi: Aoi, tile, overlap: Overlap, right: str) -> str:
    def tile_number(column: int, row: int) -> int:
        """From one, row after row from the bottom, every second row from right to left."""
        up = aoi.down - 1 - row
        along = aoi.across - 1 - column if up % 2 else column
        return up * aoi.across + along + 1

    def joint(direction: str, one: int, two: int, x: float, y: float, confidence: int) -> str:
        return (
            f'<TileJointInfo FlagJoined="{int(confidence > 0)}" Confidence="{confidence}" '
            f'Direction="{direction}" Tile1="{one}" Tile2="{two}" OverlapX="{x:g}" '
            f'OverlapY="{y:g}"/>'
        )

    joints: list[str] = []
    for row in range(aoi.down):
        for column in range(aoi.across):
            x, y, confidence = overlap(column, row)
            here = tile_number(column, row)
            if column:
                joints.append(joint(right, tile_number(column - 1, row), here, x, 1, confidence))
            if row:
                joints.append(joint("UP", here, tile_number(column, row - 1), 1, y, confidence))
    frames = "".join(
        f'<Frame XY="{column},{row}" Z="0" FocusZ="0"/>'
        for row in range(aoi.down)
        for column in range(aoi.across)
    )
    return (
        f'<ImageInfo AOIScanned="{int(aoi.is_scanned)}" AOIIndex="{number}" '
        f'Width="{tile[0]}" Height="{tile[1]}" NumRows="{aoi.down}" NumCols="{aoi.across}" '
        f'Pos-X="{aoi.x:g}" Pos-Y="{aoi.y:g}" MaxJTPFileSize="0">{"".join(joints)}'
        f'<FrameInfo AOIScanned="1" AOIIndex="{number}">{frames}</FrameInfo></ImageInfo>'
    )
