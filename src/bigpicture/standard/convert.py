"""Convert a dataset folder to another version of MetaFleX: a new folder, whole or not there."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from bigpicture.metaflex.convert import Conversion, convert
from bigpicture.model.errors import InputError
from bigpicture.standard.files import METADATA_FILES
from bigpicture.standard.folder import check_is_dataset, walk
from bigpicture.system.files import write_through


def convert_folder(
    folder: Path, out: Path, *, node: str, to: str = "3.0", drop: bool = False
) -> Conversion:
    """Write the folder anew as `out` in version `to`, and return what was lost.

    Everything that is no document is linked (a hard link takes no room), or copied where the file
    system cannot; `folder` stays as it is. Nothing is written where the conversion is refused. The
    folder gets its name when all of it is on the disk. Raises `InputError`.
    """
    check_is_dataset(folder)
    _check_is_free(folder, out)
    try:
        paths = list(walk(folder))
        documents = {path: (folder / path).read_bytes() for path in paths if path in METADATA_FILES}
        done = convert(documents, node=node, to=to, drop=drop)
        if done.documents:
            others = [path for path in paths if path not in METADATA_FILES]
            _write(folder, out, done.documents, others)
    except OSError as error:
        raise InputError(
            f"it cannot be read or written: {error.strerror}.",
            place=str(error.filename or folder),
            remedy="Make room, or give yourself the right; nothing was written.",
        ) from error
    return done


def _check_is_free(folder: Path, out: Path) -> None:
    if out.exists():
        raise InputError(
            "there is something of that name already.",
            place=str(out),
            remedy="Name a folder that is not there yet.",
        )
    if not out.parent.is_dir() or out.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            "no folder can be made there.",
            place=str(out),
            rule="a new name, in a folder that is there, outside the one that is converted",
            remedy="Name another place.",
        )


def _write(folder: Path, out: Path, documents: dict[str, bytes], others: list[str]) -> None:
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    part.mkdir(mode=0o710)  # Windows would keep 0o700 to one person for good
    try:
        shutil.copymode(folder, part)
        for path, data in documents.items():
            place = _room(part / path)
            with place.open("wb") as stream:
                stream.write(data)
                write_through(stream)
        for path in others:
            _link(folder / path, _room(part / path))
        part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _room(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _link(source: Path, place: Path) -> None:
    try:
        place.hardlink_to(source)
    except OSError:
        shutil.copy2(source, place)
