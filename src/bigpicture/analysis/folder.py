"""A folder that holds an algorithm: its manifest, its code, its weights, its model card."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.manifest import LARGEST_BYTES, MANIFEST_NAME, read_manifest
from bigpicture.analysis.weights import digest_of
from bigpicture.model.errors import InputError

_MOST_FILES = 10_000
_PASSED = frozenset({"__pycache__", ".git", ".venv"})
"""What is neither code nor read by it."""


def open_folder(folder: Path) -> Installed:
    """The algorithm that lies in `folder`, as code of others.

    Raises `InputError` where the manifest is missing or wrong, where a file is a link or no
    regular file, where there are too many, or the entry is not there; where no card can be made.
    """
    folder = folder.resolve()
    manifest = folder / MANIFEST_NAME
    if not manifest.is_file() or manifest.is_symlink():
        raise InputError(
            "there is no manifest in this folder.",
            place=f"{folder.name}/{MANIFEST_NAME}",
            remedy="Write one; docs/algorithms.md has a whole example.",
        )
    if manifest.stat().st_size > LARGEST_BYTES:
        raise InputError("this manifest is too long.", place=MANIFEST_NAME)
    algorithm = read_manifest(_text(manifest))
    weights = {each.path for each in algorithm.weights}
    code = digest_of_folder(folder, but=weights)
    if algorithm.entry:
        _check_entry(folder, algorithm.entry)
    installed = Installed(replace(algorithm, code=code), folder, is_foreign=True)
    card_text(installed)
    return installed


def digest_of_folder(folder: Path, *, but: set[str]) -> str:
    """SHA-256 over the names and digests of all files in a folder, without those named."""
    digest = hashlib.sha256()
    for path in sorted(files_of(folder)):
        name = path.relative_to(folder).as_posix()
        if name not in but:
            digest.update(f"{digest_of(path)}  {name}\n".encode())
    return digest.hexdigest()


def files_of(folder: Path) -> Iterator[Path]:
    """Every file of an algorithm's folder; raises `InputError` at a link, and past the most."""
    return _files(folder, [0])


def _files(folder: Path, seen: list[int]) -> Iterator[Path]:
    """A link could name any file of this machine."""
    for path in folder.iterdir():
        if path.name in _PASSED:
            continue
        seen[0] += 1
        kind = path.lstat().st_mode
        if seen[0] > _MOST_FILES:
            raise InputError(
                "there are too many files.", place=folder.name, rule=f"{_MOST_FILES} at most"
            )
        if stat.S_ISDIR(kind):
            yield from _files(path, seen)
        elif stat.S_ISREG(kind) and path.name.isprintable():
            yield path
        else:
            raise InputError(
                "this is a link, or no regular file.",
                place=repr(path.name),
                remedy="Put the file itself there.",
            )


def _check_entry(folder: Path, entry: str) -> None:
    module = entry.partition(":")[0].split(".")
    place = folder.joinpath(*module)
    if not place.with_name(f"{place.name}.py").is_file() and not (place / "__init__.py").is_file():
        raise InputError(
            "there is no such module beside the manifest.",
            place=f"entry {entry}",
            rule="module:function",
            remedy=f"Put the function into {module[0]}.py in the same folder.",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("this is no UTF-8 text.", place=path.name) from error
