"""A package: the folder of an algorithm as one ZIP file, always written alike, read warily."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from bigpicture.analysis.folder import files_of
from bigpicture.analysis.manifest_shapes import inside
from bigpicture.model.errors import InputError, LimitError

PACKAGE_BYTES = 256 << 20
"""Of the ZIP file; larger weights are fetched by who installs a package beside the node."""
_UNPACKED_BYTES = 2 << 30
_MOST_FILES = 10_000
_PIECE = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack_folder(folder: Path) -> bytes:
    """The files of a folder; raises `InputError` where one is a link, `LimitError`."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted(files_of(folder)):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            package.writestr(entry, path.read_bytes())
            if made.tell() > PACKAGE_BYTES:
                raise _too_large()
    return made.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of a package into an empty folder.

    Raises `InputError` for what is no ZIP file, and for a name that leaves the folder, stands
    twice, or is no regular file; `LimitError` where it unpacks to more than it may.
    """
    if len(data) > PACKAGE_BYTES:
        raise _too_large()
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            entries = [each for each in package.infolist() if not each.is_dir()]
            _check(entries)
            left = _UNPACKED_BYTES
            for entry in entries:
                left = _write(package, entry, folder / entry.filename, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(
            "this is no ZIP file that can be read.",
            place="package",
            remedy="Publish a folder with `bigpicture algorithm publish`.",
        ) from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_FILES or sum(each.file_size for each in entries) > _UNPACKED_BYTES:
        raise _too_large()
    seen: set[str] = set()
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        try:
            inside(entry.filename)
        except ValueError as error:
            raise InputError(
                "a file of the package would lie outside of it.",
                place=repr(entry.filename[:80]),
                rule=str(error),
            ) from error
        if kind not in (0, stat.S_IFREG) or entry.filename.casefold() in seen:
            raise InputError(
                "this is a link, no regular file, or stands there twice.",
                place=repr(entry.filename[:80]),
            )
        seen.add(entry.filename.casefold())


def _write(package: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, left: int) -> int:
    """Write one file; its declared size is not believed. Returns how many bytes may follow."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as stream:
        for piece in _pieces(package, entry):
            left -= len(piece)
            if left < 0:
                raise _too_large()
            stream.write(piece)
    return left


def _pieces(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _too_large() -> LimitError:
    return LimitError(
        "this package is too large.",
        place="package",
        rule=f"{PACKAGE_BYTES >> 20} MiB packed, {_UNPACKED_BYTES >> 30} GiB unpacked, "
        f"{_MOST_FILES} files",
        remedy="Install it beside the node as a Python package instead.",
    )
