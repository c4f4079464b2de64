"""Download: take files of datasets away, several at once, on from where a run stopped."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bigpicture.client.fetch import PART, Downloaded, Fetch, Progress, StoppedError, unwritten
from bigpicture.client.node import Node, UnreachedError
from bigpicture.client.remote import RemoteFile
from bigpicture.model.errors import (
    BigpictureError,
    ConflictError,
    ForbiddenError,
    SignInError,
    StorageError,
    StorageFullError,
)
from bigpicture.system.lock import NAME, let_go, take

_ENDS_ALL = (ForbiddenError, SignInError, StorageFullError, UnreachedError)
"""What would stop every other file too."""
_ROOM_LEFT = 16 << 20


class DownloadError(StorageError):
    """Some files did not arrive; `errors` tell each."""

    def __init__(self, errors: Sequence[BigpictureError], *, of: int) -> None:
        self.errors = tuple(errors)
        super().__init__(
            f"{len(errors):,} of {of:,} files did not arrive.",
            remedy="The others are here and whole; run the same command again for the rest.",
        )


def download(
    node: Node,
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    progress: Progress,
    jobs: int = 4,
) -> Downloaded:
    """Bring files into `folder`; see `Fetch` for what becomes of each.

    Raises `DownloadError` after all files were tried; at once what would stop every file: a grant
    that ended, a full disk, a node that is away for longer than half a minute.
    """
    done = Downloaded()
    stop = threading.Event()
    errors: list[BigpictureError] = []

    def one(file: RemoteFile) -> None:
        try:
            Fetch(node, file, folder, progress, done, stop).run()
        except StoppedError:
            return
        except _ENDS_ALL:
            stop.set()
            raise
        except BigpictureError as error:
            errors.append(error)
        finally:
            progress.ended(file)

    with _locked(folder):
        _check_room(files, folder)
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            try:
                for _ in pool.map(one, files):
                    pass
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    if errors:
        raise DownloadError(errors, of=len(files))
    return done


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Keep the folder to this run; made where there is none. The lock ends with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = take(folder / NAME, waits=False)
    except BlockingIOError:
        raise ConflictError(
            "another run downloads into this folder.",
            place=folder.name,
            remedy="Wait for it, or give another folder.",
        ) from None
    except OSError as error:
        raise unwritten(error, folder.name) from error
    try:
        yield
    finally:
        let_go(folder / NAME, handle)


def _check_room(files: Sequence[RemoteFile], folder: Path) -> None:
    """Raise `StorageFullError` now, rather than in the middle, where all of it cannot fit."""
    needed = sum(file.size for file in files) - bytes_here(files, folder)
    free = shutil.disk_usage(folder).free
    if needed and needed + _ROOM_LEFT > free:
        raise StorageFullError(
            f"{needed / 1e9:,.1f} GB are still to come, and {free / 1e9:,.1f} GB are free here.",
            place=folder.name,
            remedy="Make room, give another folder, or take a part (--only).",
        )


def bytes_here(files: Sequence[RemoteFile], folder: Path) -> int:
    """How many bytes of the files lie in the folder already, whole or begun."""
    return sum(_here(file, folder) for file in files)


def _here(file: RemoteFile, folder: Path) -> int:
    named = folder / file.path
    for place in (named, named.with_name(named.name + PART)):
        try:
            return min(file.size, place.stat().st_size)
        except OSError:
            continue
    return 0
