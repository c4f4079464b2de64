"""Told: what a node says of a thing of its own, and the node that is asked more of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bigpicture.client.node import Node


class Told:
    """A thing at a node. Use it with `with`, or `close` it, which leaves the node.

    `told` is what the node says of it, as JSON.
    """

    def __init__(self, node: Node, told: Mapping[str, Any]) -> None:
        self.node = node
        self.told = told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.node.close()


def save_whole(path: Path | str, pieces: Iterable[bytes]) -> Path:
    """Write a file; it gets its name only when it is whole."""
    place = Path(path)
    beside = place.with_name(f"{place.name}.part")
    with beside.open("wb") as out:
        out.writelines(pieces)
    return beside.replace(place)
