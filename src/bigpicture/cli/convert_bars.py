"""The bars of a conversion on the error stream: one for all slides, one for each under way."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from bigpicture.cli.plain import plain

_REWRITING = 0.7
"""The part of a slide's time until its tiles are written; then it is proven."""
_SPEED_SECONDS = 120.0


class Bars:
    """Bars for slides of the given `sizes` in bytes; pipes get a line for each finished slide.

    May be used from several threads.
    """

    def __init__(self, sizes: Mapping[Path, int]) -> None:
        self._sizes = sizes
        self._console = Console(stderr=True)
        self._lock = threading.Lock()
        self._read: dict[Path, float] = {}
        self._bars: dict[Path, TaskID] = {}
        self._finished = 0
        name = Column(no_wrap=True, overflow="ellipsis", max_width=36)
        self._slides = Progress(
            TextColumn("{task.description}", table_column=name),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("tiles"),
            TimeRemainingColumn(),
            console=self._console,
            expand=True,
        )
        self._whole = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            expand=True,
            speed_estimate_period=_SPEED_SECONDS,
        )
        bars = Group(self._slides, self._whole) if len(sizes) > 1 else self._slides
        self._live = Live(bars, console=self._console, transient=True, refresh_per_second=8)
        self._all = self._whole.add_task(self._counted(), total=max(1, sum(sizes.values())))

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

    def begin(self, source: Path) -> None:
        with self._lock:
            self._bars[source] = self._slides.add_task(plain(source.name), total=None)

    def show(self, source: Path, done: int, total: int) -> None:
        # The last tile is not the end: what was written is searched and compared.
        proving = " [dim]proving[/]" if done == total else ""
        with self._lock:
            self._slides.update(
                self._bars[source],
                description=plain(source.name) + proving,
                completed=done,
                total=total,
            )
            self._move(source, _REWRITING * done / max(total, 1))

    def end(self, source: Path, line: str) -> None:
        """Take the slide's bar away and leave `line` (markup) in its place."""
        with self._lock:
            self._slides.remove_task(self._bars.pop(source))
            self._finished += 1
            self._move(source, 1.0)
            self._whole.update(self._all, description=self._counted())
            if len(self._sizes) > 1:
                self._console.print(line, highlight=False, no_wrap=True, overflow="ellipsis")

    def _move(self, source: Path, part: float) -> None:
        self._read[source] = part * self._sizes.get(source, 0)
        self._whole.update(self._all, completed=sum(self._read.values()))

    def _counted(self) -> str:
        return f"{self._finished:,} of {len(self._sizes):,} slides"
