"""What a person is told where a system does not keep a new key to them by itself."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bigpicture.cli.plain import plain
from bigpicture.system.files import IS_WINDOWS


def tell_rights(console: Console, place: Path) -> None:
    """On Windows a file has the rights of its folder, and only a profile is one person's."""
    if not IS_WINDOWS or place.resolve().is_relative_to(Path.home()):
        return
    console.print(
        f"[yellow]Who may open {plain(str(place.parent))} may read the key:[/] on Windows a file "
        "has the rights of its folder. Check that these are yours alone.",
        highlight=False,
        soft_wrap=True,
    )
