"""Parquet: a table of columns written out as CSV, by a child process that nothing depends on."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bigpicture.model.errors import BigpictureError, MetadataError, SandboxError
from bigpicture.sandbox.run import Limits, Reach, run
from bigpicture.standard.companions.parquet_rows import unpack_rows, without_rows

_MEMORY_BYTES = 2 << 30
_SECONDS = 300.0
_FILE_BYTES = 4 << 30


@contextmanager
def as_csv(place: Path, *, name: str) -> Generator[Path]:
    """A CSV file for `place`: itself, or what is written out of a Parquet file meanwhile.

    What reads Parquet is native code, so a child with limits does it.
    Raises `MetadataError` where the file is damaged, hostile, or holds what is no table.
    """
    if not name.endswith(".parquet"):
        yield place
        return
    with TemporaryDirectory(prefix="companion-") as folder:
        out = Path(folder) / "rows.csv"
        _unpack(place, out, name)
        yield out


def drop_rows(place: Path, out: Path, *, key: str, aliases: frozenset[str]) -> None:
    """Write the table at `place` to `out` without the rows whose `key` is one of `aliases`."""
    if place.suffix == ".parquet":
        _in_child(without_rows, place, out, key, aliases)
        return
    with (
        place.open(encoding="utf-8-sig", newline="") as stream,
        out.open("w", encoding="utf-8", newline="") as written,
    ):
        heading = stream.readline()
        delimiter = max(",;\t", key=heading.count)
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
        headings = [each.strip() for each in next(reader)]
        writer.writerow(headings)
        column = headings.index(key)
        writer.writerows(
            cells for cells in reader if cells and cells[column].strip() not in aliases
        )


def _unpack(place: Path, out: Path, name: str) -> None:
    if find_spec("pyarrow") is None:
        raise MetadataError(
            "Parquet cannot be read by this installation.",
            place=name,
            rule="BP-companion-form",
            remedy="pip install 'bigpicture[slides]', or save the table as CSV.",
        )
    try:
        _in_child(unpack_rows, place, out)
    except SandboxError as error:
        raise _damaged(name, "reading it ended a child process.") from error
    except BigpictureError as error:
        raise _damaged(name, error.what) from error


def _in_child(function: Callable[..., None], place: Path, out: Path, *more: object) -> None:
    limits = Limits(memory_bytes=_MEMORY_BYTES, seconds=_SECONDS, file_bytes=_FILE_BYTES)
    run(function, place, out, *more, limits=limits, reach=Reach(writable=(out.parent,)))


def _damaged(name: str, what: str) -> MetadataError:
    return MetadataError(
        what,
        place=name,
        rule="BP-companion-form",
        remedy="Write the table again, as Parquet of plain columns or as CSV.",
    )
