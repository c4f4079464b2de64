"""Hostile files for tests: small ones that claim much, lead in circles, or hide another kind."""

from __future__ import annotations

import io
import re
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import simplejpeg
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

import made_dicom
from made_tiled_tiff import Page, jpegs, text, tiled, tissue, write_tiff
from seed_slides import APERIO

NAME = "Mustermann"
_TILE = 128


def _directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def _tiff(directory: bytes, tail: bytes = b"") -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + directory + tail


def many_directories(count: int = 1_000_000) -> bytes:
    """A chain of empty directories, each linked to the next."""
    parts = [struct.pack("<HI", 0, 8 + 6 * (number + 1)) for number in range(count - 1)]
    return _tiff(b"".join(parts) + struct.pack("<HI", 0, 0))


def striped(columns: int, rows: int, strips: list[bytes], *, compression: int) -> bytes:
    """RGB in strips, as a big picture would be."""
    page = Page({256: (4, [columns]), 257: (4, [rows]), 258: (3, [8, 8, 8]),
                 259: (3, [compression]), 262: (3, [2]), 277: (3, [3]),
                 278: (4, [-(-rows // len(strips))]), 284: (3, [1])}, strips=strips)  # fmt: skip
    return _written([page])


def _written(pages: list[Page], **given) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.tiff"
        write_tiff(path, pages, **given)
        return path.read_bytes()


def overlapping() -> bytes:
    """Sixty-five thousand strips, all of them the same two thousand bytes."""
    count, body = 65_536, zlib.compress(bytes(3 * 30_000))
    page = Page({256: (4, [30_000]), 257: (4, [count]), 258: (3, [8, 8, 8]), 259: (3, [8]),
                 262: (3, [2]), 273: (4, [16] * count), 277: (3, [3]), 278: (4, [1]),
                 279: (4, [len(body)] * count), 284: (3, [1])})  # fmt: skip
    return _written([page])


def larger_tile() -> bytes:
    """JPEG tiles of 128 pixels by the directory, one of which is 4096."""
    tiles = jpegs(tissue(256, 256), _TILE)
    tiles[1] = simplejpeg.encode_jpeg(np.full((4096, 4096, 3), 200, np.uint8), 80)
    return _written([tiled(256, 256, tiles, tile=_TILE, t270=text(APERIO))])


def jpeg2000_bomb() -> bytes:
    """A codestream of a few bytes that claims 60 000 x 60 000 pixels, in a tile of 256."""
    stream = bytearray(
        imagecodecs.jpeg2k_encode(tissue(256, 256), level=0, codecformat="j2k", reversible=True)
    )
    struct.pack_into(">II", stream, 8, 60_000, 60_000)
    struct.pack_into(">II", stream, 24, 60_000, 60_000)
    tiles = [bytes(stream)] * 4
    return _written([tiled(512, 512, tiles, photometric=2, compression=33005, t270=text(APERIO))])


def deflated_dicom() -> bytes:
    """A megabyte that inflates to a gigabyte (PS3.5 A.5)."""
    made = made_dicom.header(made_dicom.stack(samples=3), syntax=made_dicom.NATIVE, name="slide")
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 1 << 30)
    data = packer.compress(body)
    for _ in range(64):
        data += packer.compress(bytes(16 << 20))
    return _meta(made) + data + packer.flush()


def nested_dicom(depth: int = 2000) -> bytes:
    """Sequences inside each other."""
    made = made_dicom.header(made_dicom.stack(samples=3), syntax=made_dicom.NATIVE, name="slide")
    head = _meta(made)
    opening = struct.pack("<HH2sHI", 0x0040, 0x0555, b"SQ", 0, 0xFFFFFFFF)
    opening += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return head + opening * depth


def long_element() -> bytes:
    """An element of four gigabytes, less two, of which nothing is there."""
    made = made_dicom.header(made_dicom.stack(samples=3), syntax=made_dicom.NATIVE, name="slide")
    return _meta(made) + struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 0xFFFFFFFE) + b"x" * 64


def _meta(made: Dataset) -> bytes:
    buffer = io.BytesIO()
    alone = Dataset()
    alone.file_meta = made.file_meta
    syntax, alone.file_meta.TransferSyntaxUID = (
        made.file_meta.TransferSyntaxUID,
        made_dicom.NATIVE,
    )
    alone.SOPClassUID = made.file_meta.MediaStorageSOPClassUID
    alone.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID
    pydicom.dcmwrite(buffer, alone, enforce_file_format=True, implicit_vr=False, little_endian=True)
    data = buffer.getvalue()
    end = 144 + struct.unpack_from("<I", data, 140)[0]
    meta = data[:end]
    if syntax == made_dicom.NATIVE:
        return meta
    # The same length: the other UID is longer by nothing, or is padded.
    old = b"1.2.840.10008.1.2.1\0"
    new = str(syntax).encode()
    new += b"\0" * (len(new) % 2)
    at = meta.index(old)
    changed = meta[: at - 2] + struct.pack("<H", len(new)) + new + meta[at + len(old) :]
    return changed[:140] + struct.pack("<I", len(changed) - 144) + changed[144:]


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a directory linked to itself": (
        "slide.tiff", lambda: b"II*\0" + struct.pack("<IHI", 8, 0, 8)),
    "two directories linked to each other": (
        "slide.svs", lambda: _tiff(struct.pack("<HIHI", 0, 14, 0, 8))),
    "a directory below itself": (
        "slide.tiff", lambda: _tiff(_directory((330, 4, 1, 8), (256, 4, 1, 64)))),
    "a million directories": ("slide.tiff", many_directories),
    "a tag of four billion values": (
        "slide.svs", lambda: _tiff(_directory((256, 4, 0xFFFFFFFF, 8), (257, 4, 1, 64)))),
    "two billion pixels a side": (
        "slide.tiff",
        lambda: striped(2_000_000_000, 2_000_000_000, [b"x" * 16], compression=1)),
    "a strip that unpacks to 300 MB": (
        "slide.tiff",
        lambda: striped(10_000, 10_000, [zlib.compress(bytes(300_000_000), 9)], compression=8)),
    "strips over each other": ("slide.tiff", overlapping),
    "a tile larger than declared": ("slide.svs", larger_tile),
    "a JPEG 2000 stream larger than declared": ("slide.svs", jpeg2000_bomb),
    "a deflated instance": ("slide.dcm", deflated_dicom),
    "sequences in sequences": ("slide.dcm", nested_dicom),
    "an element of four gigabytes": ("slide.dcm", long_element),
    "a text": ("slide.svs", lambda: b"Aperio Image Library of Mustermann"),
    "nothing": ("slide.ndpi", lambda: b""),
    "a program": ("slide.dcm", lambda: b"\x7fELF" + bytes(400)),
    "a preview alone": (
        "slide.mrxs", lambda: simplejpeg.encode_jpeg(np.zeros((8, 8, 3), np.uint8), 80)),
}  # fmt: skip

_LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else NAME}">' for n in range(12))
_ROOT = re.compile(r"<[A-Za-z][^>]*[^/]>")


def laughing(xml: str) -> str:
    """Entities that would unfold to a thousand billion names."""
    return _before_root(xml, f"<!DOCTYPE x [{_LAUGHS}]>", "&a11;")


def deep(xml: str) -> str:
    """Two hundred thousand elements inside each other."""
    return _before_root(xml, "", "<a>" * 200_000 + "</a>" * 200_000)


def leading_out(xml: str) -> str:
    """An entity that stands for a file of this machine."""
    return _before_root(xml, '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;")


def _before_root(xml: str, kind: str, inside: str) -> str:
    found = _ROOT.search(xml)
    assert found, xml[:200]
    return xml[: found.start()] + kind + found.group() + inside + xml[found.end() :]


XML = {"entities": laughing, "depth": deep, "a file": leading_out}
