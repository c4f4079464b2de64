"""Slides: an invented tissue written as an Aperio-style SVS or a plain pyramidal TIFF."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.identity import Identity, identity
from bigpicture.phantom.jpeg import Colour, abbreviate, encode
from bigpicture.phantom.label import label_picture, macro_picture
from bigpicture.phantom.place import BLOCK
from bigpicture.phantom.pyramid import Pyramid
from bigpicture.phantom.tiff import BigTiff, Page, Tag, Value
from bigpicture.phantom.tissue import Tissue

Picture = npt.NDArray[np.uint8]
Progress = Callable[[int, int], None]

_LIBRARY = "Aperio Image Library v12.0.15"
_JPEG = 7


@dataclass(frozen=True)
class Written:
    """What was written: the file, its levels, the identity planted in it, a small picture."""

    path: Path
    sizes: tuple[tuple[int, int], ...]
    who: Identity | None
    thumbnail: Picture = field(repr=False)


@dataclass
class _Tiles:
    """Offsets, lengths and tables of the tiles of one level."""

    offsets: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    tables: bytes = b""


def write_svs(
    path: Path,
    tissue: Tissue,
    *,
    who: Identity | None = None,
    tile: int = 256,
    quality: int = 80,
    colour: Colour = Colour.RGB,
    threads: int = 2,
    progress: Progress | None = None,
) -> Written:
    """Write an Aperio-style SVS: levels, thumbnail, label and macro, with planted identifiers.

    Memory is one row of blocks, whatever the slide's height. `progress` is told (rows of blocks
    done, rows of blocks in all). The same arguments give the same bytes.
    """
    who = who or identity(tissue.seed, organ=tissue.organ.upper())
    with _part(path) as part, part.open("wb") as stream:
        file = BigTiff(stream)
        levels, thumbnail, sizes = _stream_levels(
            file,
            tissue,
            tile=tile,
            quality=quality,
            colour=colour,
            threads=threads,
            progress=progress,
        )
        facts = _facts(tissue, who, sizes[0])
        pages: list[Page] = [
            {
                **_tiled(level, size, tile, colour),
                Tag.DEPTH: 1,
                Tag.DESCRIPTION: _describe(sizes[0], size, tile, quality, facts, colour),
            }
            for level, size in zip(levels, sizes, strict=True)
        ]
        first, rest = pages[0], pages[1:]
        small = _stripped(file, thumbnail, subfile=0)
        small[Tag.DESCRIPTION] = (
            f"{_LIBRARY} \r\n{sizes[0][0]}x{sizes[0][1]} -> "
            f"{thumbnail.shape[1]}x{thumbnail.shape[0]} - |{facts}"
        )
        file.finish([first, small, *rest, *_glass(file, who, thumbnail)])
    return Written(path, tuple(sizes), who, thumbnail)


def write_tiff(
    path: Path,
    tissue: Tissue,
    *,
    tile: int = 256,
    quality: int = 80,
    threads: int = 2,
    progress: Progress | None = None,
) -> Written:
    """Write a plain pyramidal TIFF: tiled YCbCr JPEG levels, resolution in pixels a centimetre."""
    with _part(path) as part, part.open("wb") as stream:
        file = BigTiff(stream)
        levels, thumbnail, sizes = _stream_levels(
            file,
            tissue,
            tile=tile,
            quality=quality,
            colour=Colour.YCBCR,
            threads=threads,
            progress=progress,
        )
        pages: list[Page] = []
        for index, (level, size) in enumerate(zip(levels, sizes, strict=True)):
            density = round(1e7 / (tissue.mpp * sizes[0][0] / size[0])), 1000
            pages.append(
                {
                    **_tiled(level, size, tile, Colour.YCBCR),
                    Tag.SUBFILE: 1 if index else 0,
                    Tag.X_RESOLUTION: density,
                    Tag.Y_RESOLUTION: density,
                    Tag.RESOLUTION_UNIT: 3,
                }
            )
        file.finish(pages)
    return Written(path, tuple(sizes), None, thumbnail)


@contextmanager
def _part(path: Path) -> Generator[Path]:
    """A temporary name that becomes `path` only when all is written."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _stream_levels(
    file: BigTiff,
    tissue: Tissue,
    *,
    tile: int,
    quality: int,
    colour: Colour,
    threads: int,
    progress: Progress | None,
) -> tuple[list[_Tiles], Picture, list[tuple[int, int]]]:
    """Render row by row and append the tiles of every level as they come."""
    levels: list[_Tiles] = []

    def sink(level: int, data: bytes) -> None:
        tables, tile_data = abbreviate(data)
        levels[level].tables = tables
        levels[level].offsets.append(file.add(tile_data))
        levels[level].counts.append(len(tile_data))

    columns, rows = tissue.blocks
    with ThreadPoolExecutor(threads) as pool:
        pyramid = Pyramid(
            tissue.width,
            tissue.height,
            tile=tile,
            sink=sink,
            pool=pool,
            encode=partial(encode, quality=quality, colour=colour),
        )
        levels.extend(_Tiles() for _ in pyramid.sizes)
        for row in range(rows):
            blocks = list(pool.map(tissue.block, range(columns), [row] * columns))
            band = np.concatenate(blocks, axis=1)[: tissue.height - row * BLOCK, : tissue.width]
            pyramid.feed(band)
            if progress:
                progress(row + 1, rows)
        thumbnail = pyramid.finish()
    return levels, thumbnail, list(pyramid.sizes)


def _tiled(level: _Tiles, size: tuple[int, int], tile: int, colour: Colour) -> dict[Tag, Value]:
    return {
        Tag.SUBFILE: 0,
        Tag.WIDTH: size[0],
        Tag.LENGTH: size[1],
        Tag.BITS: (8, 8, 8),
        Tag.COMPRESSION: _JPEG,
        Tag.PHOTOMETRIC: colour.photometric,
        Tag.SAMPLES: 3,
        Tag.PLANAR: 1,
        Tag.TILE_WIDTH: tile,
        Tag.TILE_LENGTH: tile,
        Tag.TILE_OFFSETS: level.offsets,
        Tag.TILE_COUNTS: level.counts,
        Tag.JPEG_TABLES: level.tables,
        Tag.SUBSAMPLING: colour.subsampling,
    }


def _stripped(file: BigTiff, picture: Picture, *, subfile: int) -> dict[Tag, Value]:
    """A page of one JPEG strip."""
    tables, data = abbreviate(encode(picture, quality=85, colour=Colour.RGB))
    return {
        Tag.SUBFILE: subfile,
        Tag.WIDTH: picture.shape[1],
        Tag.LENGTH: picture.shape[0],
        Tag.BITS: (8, 8, 8),
        Tag.COMPRESSION: _JPEG,
        Tag.PHOTOMETRIC: 2,
        Tag.SAMPLES: 3,
        Tag.ROWS_PER_STRIP: picture.shape[0],
        Tag.PLANAR: 1,
        Tag.JPEG_TABLES: tables,
        Tag.STRIP_OFFSETS: file.add(data),
        Tag.STRIP_COUNTS: len(data),
    }


def _glass(file: BigTiff, who: Identity, thumbnail: Picture) -> list[dict[Tag, Value]]:
    """The label page (LZW with horizontal differencing) and the macro page (JPEG)."""
    label, macro = label_picture(who), macro_picture(who, thumbnail)
    data = bytes(
        imagecodecs.lzw_encode(np.asarray(imagecodecs.delta_encode(label, axis=1)).tobytes())
    )
    height, width = label.shape[:2]
    label_page: dict[Tag, Value] = {
        Tag.SUBFILE: 1,
        Tag.WIDTH: width,
        Tag.LENGTH: height,
        Tag.BITS: (8, 8, 8),
        Tag.COMPRESSION: 5,
        Tag.PHOTOMETRIC: 2,
        Tag.SAMPLES: 3,
        Tag.ROWS_PER_STRIP: height,
        Tag.PLANAR: 1,
        Tag.PREDICTOR: 2,
        Tag.STRIP_OFFSETS: file.add(data),
        Tag.STRIP_COUNTS: len(data),
        Tag.DESCRIPTION: f"{_LIBRARY} \r\nlabel {width}x{height}",
    }
    macro_page = _stripped(file, macro, subfile=9)
    macro_page[Tag.DESCRIPTION] = f"{_LIBRARY} \r\nmacro {macro.shape[1]}x{macro.shape[0]}"
    return [label_page, macro_page]


def _facts(tissue: Tissue, who: Identity, size: tuple[int, int]) -> str:
    """The key = value list of an Aperio description, identifiers included."""
    facts = {
        "AppMag": round(10 / tissue.mpp),
        "StripeWidth": 2032,
        "ScanScope ID": who.scanner_serial,
        "Filename": who.file_name,
        "Title": who.title,
        "Date": who.scan_date,
        "Time": who.scan_time,
        "Time Zone": "GMT+01:00",
        "User": who.operator,
        "Barcode": who.barcode,
        "Parmset": "INVENTED TISSUE",
        "MPP": f"{tissue.mpp:.4f}",
        "Left": "25.691574",
        "Top": "23.449873",
        "LineCameraSkew": "-0.000424",
        "LineAreaXOffset": "0.019265",
        "LineAreaYOffset": "-0.000313",
        "Focus Offset": "0.000000",
        "ImageID": 1000000 + tissue.seed % 900000,
        "Exposure Time": 45,
        "Exposure Scale": "0.000001",
        "DisplayColor": 0,
        "OriginalWidth": size[0],
        "OriginalHeight": size[1],
        "ICC Profile": "ScanScope v1",
    }
    return "|".join(f"{key} = {value}" for key, value in facts.items())


def _describe(
    base: tuple[int, int],
    size: tuple[int, int],
    tile: int,
    quality: int,
    facts: str,
    colour: Colour,
) -> str:
    words = f"{base[0]}x{base[1]} [0,0 {base[0]}x{base[1]}] ({tile}x{tile})"
    if size != base:
        words += f" -> {size[0]}x{size[1]}"
    name = "RGB" if colour is Colour.RGB else "YCC"
    return f"{_LIBRARY} \r\n{words} JPEG/{name} Q={quality}|{facts}"
