"""The frames of a source, read a second time: what the copies must be equal to.

Tiles of a TIFF are found by tifffile, so that neither our reading of directories nor our splicing
of tables vouches for itself. Where no such reader is at hand, the slide is opened once more. It is
done in a process of its own, beside the copying: Python threads would wait for each other. That
process hashes the copies as well, beside those who look into them.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import pickle
import re
import signal
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, cast

import tifffile

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.frame_digest import FrameDigest
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import SourceLevel
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.dicom.witness import kind_of
from bigpicture.model.errors import BigpictureError, IntegrityError
from bigpicture.model.merkle import merkle_root, split_digests
from bigpicture.sandbox.namespaces import die_with_parent

MISSING = bytes(32)
"""Stands for the digest of a frame that the source does not have."""
_READ_AHEAD = 1 << 20
_MANY = 100_000
"""Tiles: of fewer, what tifffile holds is not worth the tenth of a second that finding it takes."""
_DIRECTORY = re.compile(r" IFD (\d+)((?:\.\d+)*)$")


class Original:
    """A slide whose frames another process reads; it answers in the order of levels.

    For each level that is copied: first `digests`, then `hash_copy`.
    """

    def __init__(self, other: Connection) -> None:
        self._other = other

    def digests(self) -> tuple[bytes, str]:
        """The digests of the next level that is copied, joined; `MISSING` where it has no bytes.

        With them comes their Merkle root in hexadecimal. Waits until that level is read. Raises
        what the reading raised.
        """
        found = self._answer()
        return found, self._answer().hex()

    def hash_copy(self, path: Path) -> Callable[[], str]:
        """Have the other process hash what was written; what is returned waits for the SHA-256."""
        self._other.send_bytes(os.fsencode(path))
        return lambda: self._answer().hex()

    def _answer(self) -> bytes:
        try:
            failed = pickle.loads(self._other.recv_bytes())  # noqa: S301 - our own child's
            if failed is not None:
                raise cast("BigpictureError", failed)
            return self._other.recv_bytes()
        except EOFError as error:
            raise IntegrityError("the second reading of the source ended early.") from error


@contextmanager
def open_original(path: Path) -> Generator[Original]:
    """Read the frames of `path` beside what the caller does; ends with the caller."""
    # A fork has the libraries already; a new interpreter takes a second to load them.
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    context = (
        multiprocessing.get_context("fork") if can_fork else multiprocessing.get_context("spawn")
    )
    here, there = context.Pipe()
    process = context.Process(target=_read, args=(path, there), daemon=True)
    process.start()
    there.close()
    try:
        yield Original(here)
    finally:
        process.kill()
        process.join()
        here.close()


def _read(path: Path, caller: Connection) -> None:
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a console: who started us ends us

    def answer(found: bytes | bytearray) -> None:
        caller.send_bytes(pickle.dumps(None))
        caller.send_bytes(found)

    try:
        with open_slide(path) as slide:
            copied = [level for level in slide.levels if level.encoding.is_copied]
            for digests in read_digests(path, copied):
                found = bytearray()
                for digest in digests:
                    found += digest
                root = merkle_root(split_digests(found))
                answer(found)
                del found
                answer(root)
                with Path(os.fsdecode(caller.recv_bytes())).open("rb") as copy:
                    hashed = hashlib.file_digest(copy, "sha256").digest()
                answer(hashed)  # closed before: whoever hears it renames the file
    except BigpictureError as error:
        caller.send_bytes(pickle.dumps(error))
    except FileNotFoundError:
        told = IntegrityError(
            "a file of the source went, or its name changed while it was read.",
            place=path.name,
            remedy="Convert it when nothing else writes there.",
        )
        caller.send_bytes(pickle.dumps(told))
    except Exception as error:  # noqa: BLE001 - a foreign message may quote the file
        told = IntegrityError(
            f"the second reading of the source failed ({type(error).__name__}).",
            place=path.name,
            remedy="The file is damaged, or of a kind that is not known: export it again.",
        )
        caller.send_bytes(pickle.dumps(told))


def read_digests(path: Path, levels: Sequence[SourceLevel]) -> Iterator[Iterator[bytes]]:
    """For each of the levels, which are copied ones: the digest of each frame, in order."""
    tiled: list[str] = [level.place for level in levels if type(level) is TiledLevel]
    found = iter(_tiles(path, tiled) if tiled else ())
    for level in levels:
        if type(level) is TiledLevel:
            yield _of_tiles(path, next(found), level.encoding.transfer_syntax)
        else:
            yield _of_frames(level)


def _of_frames(level: SourceLevel) -> Iterator[bytes]:
    digest = FrameDigest(kind_of(level.encoding.transfer_syntax))
    for index in range(_frame_count(level)):
        frame = level.frame(index)
        yield digest.digest(frame.head + frame.body) if frame else MISSING


class _Tiles(NamedTuple):
    """What tifffile says of an image: shared tables, and where its tiles lie."""

    tables: bytes
    offsets: array[int]
    lengths: array[int]


def _of_tiles(path: Path, tiles: _Tiles, syntax: str) -> Iterator[bytes]:
    digest = FrameDigest(kind_of(syntax), tiles.tables).digest
    with FileSource(path) as source:
        start, held = 0, memoryview(b"")
        for offset, length in zip(tiles.offsets, tiles.lengths, strict=True):
            if not length:
                yield MISSING
                continue
            at = offset - start
            if at < 0 or at + length > len(held):
                span = min(max(_READ_AHEAD, length), source.size - offset)
                start, at, held = offset, 0, memoryview(source.read(offset, span))
            yield digest(held[at : at + length])


def _tiles(path: Path, places: list[str]) -> list[_Tiles]:
    """Those of several images at once: tifffile holds each integer as an object meanwhile."""
    # Under its own name it might be taken for an NDPI, whose directories are of another shape.
    with path.open("rb") as file:
        tiff = tifffile.TiffFile(file, name="slide.tiff")
        found = [_tiles_of(_page(tiff, place)) for place in places]
    del tiff
    if max(len(each.offsets) for each in found) > _MANY:
        gc.collect()  # its pages hold each other, and 80 bytes for each tile
    return found


def _tiles_of(page: tifffile.TiffPage) -> _Tiles:
    count = -(-page.imagewidth // page.tilewidth) * -(-page.imagelength // page.tilelength)
    offsets, lengths = (
        array("Q", islice(each, count)) for each in (page.dataoffsets, page.databytecounts)
    )
    return _Tiles(page.jpegtables or b"", offsets, lengths)


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
