"""The bars of a download: what is read again here, what comes, and each file on its way."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from bigpicture.cli.plain import plain
from bigpicture.client.remote import RemoteFile

_SPEED_SECONDS = 60.0
_WORTH_A_BAR = 8 << 20


class Bars:
    """Bars on the error stream. Only bytes that come over the network count as downloaded."""

    def __init__(self, console: Console, files: Sequence[RemoteFile], *, here: int) -> None:
        """`here` bytes of the files lie here already, to be read and compared."""
        self._lock = threading.Lock()
        name = Column(no_wrap=True, overflow="ellipsis", max_width=48)
        self._files = Progress(
            TextColumn("  [dim]{task.description}", table_column=name),
            BarColumn(bar_width=None),
            DownloadColumn(),
            console=console,
            expand=True,
        )
        self._whole = Progress(
            TextColumn("[bold]{task.description}", table_column=name),
            BarColumn(bar_width=None),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            expand=True,
            speed_estimate_period=_SPEED_SECONDS,
        )
        self._bars: dict[str, TaskID] = {}
        self._of = len(files)
        self._ended = 0
        self._check = self._whole.add_task("check what is here", total=here, visible=here > 0)
        missing = sum(file.size for file in files) - here
        self._download = self._whole.add_task(self._counted(), total=missing)
        self._live = Live(
            Group(self._files, self._whole), console=console, transient=True, refresh_per_second=8
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def checked(self, file: RemoteFile, count: int) -> None:
        with self._lock:
            self._whole.advance(self._check, count)
            self._advance(file, count)

    def arrived(self, file: RemoteFile, count: int) -> None:
        with self._lock:
            self._whole.advance(self._download, count)
            self._advance(file, count)

    def ended(self, file: RemoteFile) -> None:
        with self._lock:
            self._ended += 1
            self._whole.update(self._download, description=self._counted())
            bar = self._bars.pop(file.path, None)
            if bar is not None:
                self._files.remove_task(bar)

    def _advance(self, file: RemoteFile, count: int) -> None:
        if file.size < _WORTH_A_BAR:
            return
        if file.path not in self._bars:
            name = file.path.partition("/")[2]
            self._bars[file.path] = self._files.add_task(plain(name), total=file.size)
        self._files.advance(self._bars[file.path], count)

    def _counted(self) -> str:
        return f"download, {self._ended:,} of {self._of:,} files"
