"""What `bigpicture algorithm` tells, laid out for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bigpicture.analysis.adapt import Imported
from bigpicture.analysis.try_out import Tried
from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurements,
    Value,
)
from bigpicture.cli.plain import plain, to_json
from bigpicture.model.algorithm import RESEARCH_ONLY, Algorithm
from bigpicture.model.errors import AlgorithmError


def show_algorithms(console: Console, found: Sequence[dict[str, Any]]) -> None:
    """A table of algorithms."""
    if not found:
        console.print("There is none.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "version", "title", "gives", "licence"):
        table.add_column(column)
    for each in found:
        gives = ", ".join(f"{output['name']} ({output['kind']})" for output in each["outputs"])
        told = (each["id"], each["version"], each["title"], gives, each["licence"])
        table.add_row(*map(plain, map(str, told)))
    console.print(table)
    console.print(RESEARCH_ONLY, style="dim")


def show_tried(
    console: Console, algorithm: Algorithm, tried: Tried, picture: Path, *, as_json: bool
) -> None:
    """What an algorithm gave, and how long each stage took."""
    done = tried.executed
    values = {name: described(value) for name, value in done.values.items()}
    if as_json:
        told = {
            "algorithm": algorithm.id,
            "version": algorithm.version,
            "digest": algorithm.digest,
            "before": list(tried.before),
            "values": values,
            "seconds": {stage: round(seconds, 4) for stage, seconds in done.seconds.items()},
            "walls": sorted(done.walls),
            "picture": str(picture),
            "research_use_only": RESEARCH_ONLY,
        }
        sys.stdout.write(to_json(told) + "\n")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, told in values.items():
        table.add_row(f"[bold]{plain(name)}[/]", plain(told))
    console.print(table)
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in done.seconds.items())
    console.print(f"Seconds: {stages}.", highlight=False)
    console.print(f"Picture: {plain(str(picture))}", highlight=False, soft_wrap=True)
    console.print(RESEARCH_ONLY, style="dim")


def described(value: Value) -> str:
    """A value in one line."""
    match value:
        case Facet():
            shown = value.value if isinstance(value.value, str | None) else f"{value.value:.6g}"
            return f"{shown or 'not evaluated'} {value.unit}".strip()
        case Mask():
            counts = np.bincount(value.pixels.ravel(), minlength=len(value.classes) + 1)
            parts = (
                f"{name} {count / value.pixels.size:.1%}"
                for name, count in zip(value.classes, counts[1:], strict=False)
            )
            return f"{_size(value)}: {', '.join(parts)}"
        case Heatmap():
            known = value.pixels[~np.isnan(value.pixels)]
            told = f"{known.min():.4g} to {known.max():.4g}" if known.size else "not evaluated"
            return f"{_size(value)}: {told} {value.unit}".strip()
        case Geometry():
            return f"{len(value.shapes):,} shapes"
        case Measurements():
            return "; ".join(f"{each.name} {each.value} {each.unit}" for each in value.values)
        case Features():
            return f"{value.vectors.shape[0]:,} vectors of {value.vectors.shape[1]}"


def _size(value: Mask | Heatmap) -> str:
    rows, columns = value.pixels.shape
    return f"{columns:,} × {rows:,} pixels"


def show_failure(console: Console, error: AlgorithmError) -> None:
    """Why there is no result, and the algorithm's own traceback."""
    for each in error.errors:
        for line in each.what.splitlines():
            console.print(plain(line), style="dim", highlight=False)
    console.print(f"[red]{error.reason}[/]: {plain(str(error))}", highlight=False, soft_wrap=True)


def show_imported(console: Console, imported: Imported, place: Path) -> None:
    """What became of a foreign description."""
    console.print(
        f"[bold]{plain(str(place))}[/]: {plain(imported.algorithm.id)} from {imported.format}.",
        highlight=False,
        soft_wrap=True,
    )
    for each in imported.left_out:
        told = f"{plain(each.place)}: {plain(each.why)}"
        console.print(f"[yellow]Left out[/] {told}", highlight=False, soft_wrap=True)
    console.print("Now write the function that its `entry` names; see docs/algorithms.md.")
