"""Weights: known by their digest, which is checked before they are used."""

from __future__ import annotations

import hashlib
import stat
from functools import lru_cache
from pathlib import Path

from bigpicture.analysis.installed import Installed
from bigpicture.model.errors import AlgorithmError, FailureReason


def check_weights(installed: Installed) -> None:
    """Check that each file of weights is there, and is the one that the manifest names.

    Raises `AlgorithmError` (`wrong-weights`), its place the file's path in the manifest.
    """
    for weights in installed.algorithm.weights:
        place = (installed.folder or Path()) / weights.path
        try:
            found = place.lstat()
        except OSError as error:
            raise _wrong(weights.path, "there is no such file of weights.") from error
        if not stat.S_ISREG(found.st_mode):
            raise _wrong(weights.path, "this is no regular file.")
        if _digest(place, found.st_mtime_ns, found.st_size, found.st_ino) != weights.sha256:
            raise _wrong(weights.path, "these are not the weights that the manifest names.")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(256)
def _digest(path: Path, _changed: int, _size: int, _inode: int) -> str:
    """Read once for as long as the file does not change: a cohort has thousands of slides."""
    return digest_of(path)


def _wrong(place: str, what: str) -> AlgorithmError:
    return AlgorithmError(
        what,
        reason=FailureReason.WRONG_WEIGHTS,
        place=place,
        rule="sha256 of the manifest",
        remedy="Put the right file there, or publish a version with the new digest.",
    )
