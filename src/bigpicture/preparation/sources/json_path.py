"""Steps into JSON of which nobody promised a shape."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.model.attribute import Json


def dicts(value: Json) -> Iterator[dict[str, Json]]:
    """The object, or the objects of the list, that stand here; nothing else."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def texts(value: Json) -> Iterator[str]:
    """The texts and whole numbers that stand here, as texts; nothing else."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) or (isinstance(each, int) and not isinstance(each, bool)):
            yield str(each)
