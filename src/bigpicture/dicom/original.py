"""The frames of a source, read a second time: what the copies must be equal to.

Tiles of a TIFF are found by tifffile, so that neither our reading of directories nor our splicing
of tables vouches for itself. Where no such reader is at hand, the slide is opened once more.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import tifffile

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.frame_digest import FrameDigest
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import SourceLevel, VendorSlide
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.dicom.witness import kind_of
from bigpicture.model.errors import IntegrityError

MISSING = bytes(32)
"""Stands for the digest of a frame that the source does not have."""
_READ_AHEAD = 1 << 20
_DIRECTORY = re.compile(r" IFD (\d+)((?:\.\d+)*)$")


class Original:
    """A slide opened by a second reader."""

    def __init__(self, path: Path, again: VendorSlide) -> None:
        self._path = path
        self._again = again

    def digests(self, number: int) -> Iterator[bytes]:
        """The digest of each frame of level `number`, `MISSING` where it has no bytes.

        Only of a level whose frames are copied. Raises `IntegrityError`, `SlideError`.
        """
        level = self._again.levels[number]
        digest = FrameDigest(kind_of(level.encoding.transfer_syntax))
        if type(level) is TiledLevel:
            yield from self._tiff(level)
            return
        for index in range(_frame_count(level)):
            frame = level.frame(index)
            yield digest.digest(frame.head + frame.body) if frame else MISSING

    def _tiff(self, level: TiledLevel) -> Iterator[bytes]:
        with tifffile.TiffFile(self._path) as tiff, FileSource(self._path) as source:
            page = _page(tiff, level.place)
            kind = kind_of(level.encoding.transfer_syntax)
            digest = FrameDigest(kind, page.jpegtables or b"")
            across = -(-page.imagewidth // page.tilewidth)
            down = -(-page.imagelength // page.tilelength)
            pairs = zip(page.dataoffsets, page.databytecounts, strict=True)
            read = _ahead(source)
            for _, (offset, length) in zip(range(across * down), pairs, strict=False):
                yield digest.digest(read(offset, length)) if length else MISSING


def _frame_count(level: SourceLevel) -> int:
    across = -(-level.columns // level.tile_columns)
    return across * -(-level.rows // level.tile_rows) * level.stack.depth


def _page(tiff: tifffile.TiffFile, place: str) -> tifffile.TiffPage:
    """The page that our reader calls `name IFD 3.1`: the second one below the fourth."""
    found = _DIRECTORY.search(place)
    if found is None:
        raise IntegrityError("a level does not say which directory it is.", place=place)
    page = tiff.pages[int(found[1])]
    for part in found[2].split(".")[1:]:
        assert page.pages is not None
        page = page.pages[int(part)]
    assert isinstance(page, tifffile.TiffPage)
    return page


def _ahead(source: FileSource):  # noqa: ANN202 - a plain reading function
    """Reads neighbours in one go."""
    start, held = 0, b""

    def read(offset: int, length: int) -> memoryview:
        nonlocal start, held
        if not start <= offset <= offset + length <= start + len(held):
            held = source.read(offset, min(max(_READ_AHEAD, length), source.size - offset))
            start = offset
        return memoryview(held)[offset - start : offset - start + length]

    return read


@contextmanager
def open_original(path: Path) -> Generator[Original]:
    """Open a slide for its second reading."""
    with open_slide(path) as again:
        yield Original(path, again)
