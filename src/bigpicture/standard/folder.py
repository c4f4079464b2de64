"""Read a dataset folder: its metadata documents, and the size and digest of every file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bigpicture.metaflex.members import LARGE
from bigpicture.model.companion import COMPANION_FOLDER
from bigpicture.model.errors import InputError
from bigpicture.standard.files import METADATA_FILES

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Folder:
    """`documents` are the XML files by path in the folder, `files` all files with size, SHA-256.

    A large document is not held: its file stands for it. `companions` are the local files below
    COMPANIONS.
    """

    documents: dict[str, bytes | Path]
    files: dict[str, tuple[int, str]]
    companions: Mapping[str, Path] = field(default_factory=dict[str, Path])


def read_folder(folder: Path, *, progress: Callable[[int, int], None] | None = None) -> Folder:
    """Read and digest a dataset folder; `progress` hears bytes done and bytes in all.

    Symbolic links are refused: what they lead to may lie outside. Raises `InputError`, also where
    something cannot be read.
    """
    if not folder.is_dir():
        raise InputError(
            "there is no such folder.", place=str(folder), remedy="Give the folder DATASET_…."
        )
    try:
        return _read(folder, progress)
    except OSError as error:
        raise InputError(
            f"it cannot be read: {error.strerror}.",
            place=str(error.filename or folder),
            remedy="Give yourself the right to read it, or copy the folder again.",
        ) from error


def _read(folder: Path, progress: Callable[[int, int], None] | None) -> Folder:
    paths = {path: folder / path for path in walk(folder)}
    sizes = {path: place.stat().st_size for path, place in paths.items()}
    total, done = sum(sizes.values()), 0
    documents: dict[str, bytes | Path] = {}
    files: dict[str, tuple[int, str]] = {}
    for path, place in paths.items():
        digest = hashlib.sha256()
        with place.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                if progress:
                    progress(done, total)
        files[path] = (sizes[path], digest.hexdigest())
        if path in METADATA_FILES:
            documents[path] = place if sizes[path] > LARGE else place.read_bytes()
    companions = {path: place for path, place in paths.items() if is_beside(path)}
    return Folder(documents, files, companions)


def check_is_dataset(folder: Path) -> None:
    """Raise `InputError` unless this is the folder of a dataset, by its dataset.xml."""
    if not folder.is_dir():
        what = "this is a file, not a folder." if folder.exists() else "there is no such folder."
        raise InputError(what, place=str(folder), remedy="Give the folder DATASET_….")
    if not (folder / "METADATA").is_dir():
        raise InputError(
            "there is no METADATA in this folder.",
            place=str(folder),
            rule="DATASET_…/METADATA/dataset.xml, IMAGES/…",
            remedy="Give the folder DATASET_… itself, not the one around it.",
        )


def digest_of(place: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_litter(path: str) -> bool:
    """Whether a file is one that desktops leave behind (`.DS_Store`, `Thumbs.db`)."""
    name = path.rsplit("/", 1)[-1]
    return name.startswith(".") or name.lower() in {"thumbs.db", "desktop.ini"}


def is_beside(path: str) -> bool:
    """Whether a path lies among the companion tables, as one of them or by mistake."""
    return path.startswith(f"{COMPANION_FOLDER}/") and not is_litter(path)


def walk(folder: Path) -> Iterator[str]:
    """Yield every file's path in the folder, with forward slashes, sorted; refuses links."""
    for parent, names, files in os.walk(folder, onerror=_stop):
        names.sort()
        for name in sorted((*names, *files)):
            place = Path(parent, name)
            if place.is_symlink():
                raise InputError(
                    "there is a symbolic link.",
                    place=place.relative_to(folder).as_posix(),
                    rule="BP-path",
                    remedy="Replace it by the file it leads to.",
                )
        yield from (Path(parent, name).relative_to(folder).as_posix() for name in sorted(files))


def _stop(error: OSError) -> None:
    """A folder that cannot be listed would be left out in silence."""
    raise error
