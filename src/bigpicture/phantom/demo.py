"""The folders of the demo: two invented datasets, and one around real slides."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bigpicture.phantom.datasets import Kind, plan, write_dataset
from bigpicture.phantom.real import write_around

_SLIDES = 6
_SIZE = (8192, 6144)


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A dataset folder that `make` writes, unless it is there already, and returns."""

    alias: str
    make: Callable[[], Path]


def demo_folders(out: Path, *, slides: int = _SLIDES) -> list[DemoFolder]:
    """The open study of rats first, so that there is something to see soon; then the clinical."""
    return [_invented(kind, out, slides) for kind in (Kind.NONCLINICAL, Kind.CLINICAL)]


def _invented(kind: Kind, out: Path, slides: int) -> DemoFolder:
    study = plan(kind, seed=1, slides=slides)

    def make() -> Path:
        done = out / f"DATASET_{study.alias}"
        if (done / "METADATA" / "dataset.xml").exists():
            return done
        with _bar() as bar:
            task = bar.add_task("invent slides", total=len(study.slides))
            return write_dataset(
                kind,
                out,
                slides=slides,
                size=_SIZE,
                told=lambda _name, finished, _total: bar.update(task, completed=finished),
            )

    return DemoFolder(study.alias, make)


def real_folder(slides: Path, out: Path) -> DemoFolder:
    """A dataset around the slides of a folder; its alias follows from their names."""
    names = sorted(path.name for path in slides.iterdir())
    alias = f"real-{hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:8]}"

    def make() -> Path:
        done = out / f"DATASET_{alias}"
        if not (done / "METADATA" / "dataset.xml").exists():
            shutil.rmtree(done, ignore_errors=True)
            with _bar() as bar:
                task = bar.add_task("look at slides", total=None)
                write_around(
                    slides,
                    done,
                    alias=alias,
                    told=lambda finished, total: bar.update(task, completed=finished, total=total),
                    left_out=lambda name, why: bar.console.print(
                        f"left out {name}: {why}", highlight=False, markup=False
                    ),
                )
        return done

    return DemoFolder(alias, make)


def _bar() -> Progress:
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
