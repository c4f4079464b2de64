"""Install: the files of a published algorithm, unpacked once on each machine that runs it."""

from __future__ import annotations

import secrets
import shutil
from functools import lru_cache
from pathlib import Path

from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.package import unpack
from bigpicture.analysis.registry import Registered
from bigpicture.analysis.shipped import installed_of
from bigpicture.model.errors import InputError, IntegrityError
from bigpicture.vault.vault import Vault


def install(registered: Registered, vault: Vault, cache: Path) -> Installed:
    """Where the code of a version lies on this machine, beneath `cache`.

    Raises `IntegrityError` where the files there are not those that were published, `ErasedError`.
    """
    if not registered.package:
        return installed_of(registered.algorithm)
    digest = registered.algorithm.digest
    folder = cache / "algorithms" / digest
    if not folder.is_dir():
        _unpack(vault.read(registered.package), folder)
    try:
        return _opened(folder, digest)
    except InputError as error:
        raise _changed(registered) from error
    except IntegrityError as error:
        raise _changed(registered) from error


def _unpack(data: bytes, folder: Path) -> None:
    """All of it or nothing: whoever is second finds the folder of the first."""
    half = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    half.mkdir(parents=True, mode=0o700)
    try:
        unpack(data, half)
        half.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(half, ignore_errors=True)


@lru_cache(64)
def _opened(folder: Path, digest: str) -> Installed:
    """Compared once in a process: a cohort has thousands of slides."""
    installed = open_folder(folder)
    if installed.algorithm.digest != digest:
        raise IntegrityError("these are not the files that were published.")
    return installed


def _changed(registered: Registered) -> IntegrityError:
    return IntegrityError(
        "the files of this algorithm are not those that were published.",
        place=f"{registered.algorithm.id} {registered.algorithm.version}",
        remedy="Take its folder out of the node's cache; it is unpacked anew.",
    )
