"""The frames of a source, read a second time: what the copies must be equal to.

Tiles of a TIFF are found by tifffile, so that neither our reading of directories nor our splicing
of tables vouches for itself. Where no such reader is at hand, the slide is opened once more. It is
done in a process of its own, beside the copying: Python threads would wait for each other.
"""

from __future__ import annotations

import multiprocessing
import pickle
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import tifffile

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.frame_digest import FrameDigest
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import SourceLevel
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.dicom.witness import kind_of
from bigpicture.model.errors import BigpictureError, IntegrityError
from bigpicture.sandbox.namespaces import die_with_parent

MISSING = bytes(32)
"""Stands for the digest of a frame that the source does not have."""
_READ_AHEAD = 1 << 20
_DIRECTORY = re.compile(r" IFD (\d+)((?:\.\d+)*)$")


class Original:
    """A slide whose frames another process reads; it answers in the order of levels."""

    def __init__(self, answers: Connection) -> None:
        self._answers = answers

    def digests(self) -> bytes:
        """The digests of the next level that is copied, joined; `MISSING` where it has no bytes.

        Waits until that level is read. Raises what the reading raised.
        """
        try:
            failed = pickle.loads(self._answers.recv_bytes())  # noqa: S301 - our own child's
            if failed is not None:
                raise cast("BigpictureError", failed)
            return self._answers.recv_bytes()
        except EOFError as error:
            raise IntegrityError("the second reading of the source ended early.") from error


@contextmanager
def open_original(path: Path) -> Generator[Original]:
    """Read the frames of `path` beside what the caller does; ends with the caller."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(path, there), daemon=True)
    process.start()
    there.close()
    try:
        yield Original(here)
    finally:
        process.kill()
        process.join()
        here.close()


def _read(path: Path, answers: Connection) -> None:
    die_with_parent()
    try:
        with open_slide(path) as slide:
            for level in slide.levels:
                if level.encoding.is_copied:
                    found = bytearray()
                    for digest in read_digests(path, level):
                        found += digest
                    answers.send_bytes(pickle.dumps(None))
                    answers.send_bytes(found)
    except BigpictureError as error:
        answers.send_bytes(pickle.dumps(error))
    except Exception as error:  # noqa: BLE001 - a foreign message may quote the file
        told = IntegrityError(
            f"the second reading of the source failed ({type(error).__name__}).",
            place=path.name,
            remedy="The file is damaged, or of a kind that is not known: export it again.",
        )
        answers.send_bytes(pickle.dumps(told))


def read_digests(path: Path, level: SourceLevel) -> Iterator[bytes]:
    """The digest of each frame of a level that is copied, in order."""
    if type(level) is TiledLevel:
        yield from _tiff(path, level)
        return
    digest = FrameDigest(kind_of(level.encoding.transfer_syntax))
    for index in range(_frame_count(level)):
        frame = level.frame(index)
        yield digest.digest(frame.head + frame.body) if frame else MISSING


def _tiff(path: Path, level: TiledLevel) -> Iterator[bytes]:
    # Under its own name it might be taken for an NDPI, whose directories are of another shape.
    with path.open("rb") as file, FileSource(path) as source:
        tiff = tifffile.TiffFile(file, name="slide.tiff")
        page = _page(tiff, level.place)
        kind = kind_of(level.encoding.transfer_syntax)
        digest = FrameDigest(kind, page.jpegtables or b"").digest
        across = -(-page.imagewidth // page.tilewidth)
        down = -(-page.imagelength // page.tilelength)
        tiles = range(across * down)
        start, held = 0, memoryview(b"")
        for _, offset, length in zip(tiles, page.dataoffsets, page.databytecounts, strict=False):
            if not length:
                yield MISSING
                continue
            at = offset - start
            if at < 0 or at + length > len(held):
                span = min(max(_READ_AHEAD, length), source.size - offset)
                start, at, held = offset, 0, memoryview(source.read(offset, span))
            yield digest(held[at : at + length])


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
