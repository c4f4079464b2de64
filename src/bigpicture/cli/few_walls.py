"""What a person is told where a slide's parser runs with fewer walls than on Linux."""

from __future__ import annotations

from rich.console import Console

from bigpicture.sandbox.run import Way


def tell_few_walls() -> None:
    """Say it once on the error stream, before the first slide is opened."""
    if Way.here() is Way.SPAWN:
        Console(stderr=True).print(
            "[yellow]This system cannot shut a slide's parser in as Linux does:[/] it runs in a "
            "process of its own, ended when its time is over, but its memory is not limited and "
            "it may read and write what you may. Read slides only of scanners you trust, or work "
            "under Linux (on Windows: WSL).",
            highlight=False,
        )
