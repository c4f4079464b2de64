"""The map from pseudonyms back to sources: it identifies, so it stays with the key at the site."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.submission.conversions import write_whole
from bigpicture.system.lock import locked

MAP_NAME = "conversion-sources.csv"
_HEADINGS = ["pseudonym", "source", "folder"]


def note_sources(place: Path, found: Sequence[tuple[str, Path]]) -> None:
    """Add pseudonyms with their sources to the map; what it says already stays.

    Only the person who runs it can read the file. Raises `InputError` where it cannot be written.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with locked(place.parent):  # two runs at once would lose each other's rows
            rows = _rows(place)
            rows |= {
                (image, source.name, str(source.absolute().parent)): None for image, source in found
            }
            text = io.StringIO(newline="")
            csv.writer(text).writerows([_HEADINGS, *rows])
            write_whole(place, text.getvalue().encode("utf-8", "surrogateescape"), mode=0o600)
    except OSError as error:
        raise InputError(
            f"the map of sources cannot be written ({os.strerror(error.errno or 0)}).",
            place=str(place),
            remedy="Name another file with --map.",
        ) from error


def _rows(place: Path) -> dict[tuple[str, ...], None]:
    if not place.exists():
        return {}
    with place.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        read = list(csv.reader(file))
    if read and read[0] != _HEADINGS:
        raise InputError(
            "this file is no map of sources.",
            place=str(place),
            remedy="Name another file with --map.",
        )
    return {tuple(row): None for row in read[1:] if len(row) == len(_HEADINGS)}
