"""Slides, subjects and allow-lists that the tests of `dicom` share."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg
import tifffile

from bigpicture.dicom.convert import Conversion, convert
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.code import Code


def uid(text: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"


def subject(**given) -> Subject:
    values = {
        "uid": uid,
        "image": "image-1",
        "patient": "PSEUDONYM1",
        "case": "CASE1",
        "specimen": "SPECIMEN1",
        "container": "SLIDE1",
        "block": "BLOCK1",
        "site": Code("64033007", "SCT", "Kidney"),
        "stains": (Code("12710003", "SCT", "hematoxylin stain"), Code("36879007", "SCT", "eosin")),
        "fixation": Code("434162003", "SCT", "Neutral Buffered Formalin"),
        "embedding": Code("311731000", "SCT", "Paraffin wax"),
    }
    return Subject(**{**values, **given})


def allow(path: Path, action: Action = Action.KEEP, **exceptions: Action) -> AllowList:
    """A list that names every field of the slide at `path`."""
    with open_slide(path) as slide:
        names = {field.name: action for field in slide.fields}
        return AllowList(slide.format, {**names, **exceptions})


def convert_all(path: Path, folder: Path, **given) -> Conversion:
    folder.mkdir(parents=True, exist_ok=True)
    return convert(path, folder, allowed=allow(path), subject=subject(**given))


def pattern(rows: int, columns: int) -> np.ndarray:
    """A smooth picture in which every tile looks different and no colour equals another."""
    y, x = np.mgrid[0:rows, 0:columns]
    channels = (x * 255 // max(columns - 1, 1), y * 255 // max(rows - 1, 1), (x + y) % 256)
    return np.stack(channels, axis=-1).astype(np.uint8)


def write_jpeg_tiff(
    path: Path, *, rows=300, columns=400, tile=128, photometric="ycbcr", description=None, **more
) -> np.ndarray:
    """A tiled JPEG TIFF with the given photometric interpretation; returns what was drawn."""
    picture = pattern(rows, columns)
    is_rgb = photometric == "rgb"
    tifffile.imwrite(
        path,
        iter([_encode(part, is_rgb) for part in _tiles(picture, tile)]),
        shape=picture.shape,
        dtype=np.uint8,
        tile=(tile, tile),
        photometric=photometric,
        compression="jpeg",
        resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
        description=description,
        metadata=None,
        **({} if is_rgb else {"subsampling": (2, 2)}),
        **more,
    )
    if is_rgb:
        # tifffile always says YCbCr beside JPEG.
        with tifffile.TiffFile(path, mode="r+b") as tiff:
            tiff.pages[0].tags["PhotometricInterpretation"].overwrite(2)
    return picture


def _tiles(picture: np.ndarray, side: int):
    rows, columns = picture.shape[:2]
    for top in range(0, rows, side):
        for left in range(0, columns, side):
            part = picture[top : top + side, left : left + side]
            room = ((0, side - part.shape[0]), (0, side - part.shape[1]), (0, 0))
            yield np.ascontiguousarray(np.pad(part, room, mode="edge"))


def _encode(tile: np.ndarray, is_rgb: bool) -> bytes:
    """As Aperio does it: RGB without a transform and without Adobe's segment, or YCbCr 4:2:0."""
    if not is_rgb:
        return simplejpeg.encode_jpeg(tile, 90, "RGB", "420")
    stream = imagecodecs.jpeg8_encode(tile, level=90, colorspace="RGB", outcolorspace="RGB")
    return stream[:2] + stream[18:]


def write_sparse_tiff(path: Path, *, missing: set[int], tile=64, across=4, down=3) -> None:
    """A tiled YCbCr JPEG TIFF whose `missing` tiles have no bytes, written by hand."""
    picture = pattern(down * tile, across * tile)
    streams = []
    for number in range(across * down):
        y, x = divmod(number, across)
        part = picture[y * tile : (y + 1) * tile, x * tile : (x + 1) * tile]
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(part), 90, "RGB", "444")
        streams.append(b"" if number in missing else data)
    body, offsets = b"", []
    for stream in streams:
        offsets.append(8 + len(body) if stream else 0)
        body += stream
    body += b"\0" * (len(body) % 2)
    count = len(streams)
    extra = 8 + len(body)
    arrays = struct.pack(f"<{count}I", *offsets)
    arrays += struct.pack(f"<{count}I", *(len(stream) for stream in streams))
    arrays += struct.pack("<HHH", 8, 8, 8) + b"\0\0" + struct.pack("<II", 20000, 1)
    bits = extra + 8 * count
    entries = [
        (256, 4, 1, across * tile), (257, 4, 1, down * tile), (258, 3, 3, bits), (259, 3, 1, 7),
        (262, 3, 1, 6), (277, 3, 1, 3), (282, 5, 1, bits + 8), (283, 5, 1, bits + 8),
        (296, 3, 1, 3), (322, 3, 1, tile), (323, 3, 1, tile), (324, 4, count, extra),
        (325, 4, count, extra + 4 * count),
    ]  # fmt: skip
    directory = tiff_directory(entries, 0)
    at = extra + len(arrays)
    path.write_bytes(b"II*\0" + struct.pack("<I", at) + body + arrays + directory)


def tiff_directory(entries, following: int) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)
