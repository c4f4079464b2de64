"""What a stream is made over: slides that are opened when their turn comes, in any process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bigpicture.client.cohort import FrozenCohort, SavedCohort
from bigpicture.client.node import Node
from bigpicture.client.query import FoundImage
from bigpicture.client.remote_pixels import Bodies
from bigpicture.client.remote_slide import open_remote
from bigpicture.client.slide import Slide, slide
from bigpicture.client.stream.grid import Size
from bigpicture.dicom.level_pixels import TileMemory
from bigpicture.model.errors import InputError


class Entry(Protocol):
    """A slide by name. `size` is known without reading pixels; raises where it is no slide."""

    @property
    def name(self) -> str: ...
    def size(self) -> Size: ...
    def open(self, kept: TileMemory, bodies: Bodies) -> Slide:
        """Open it; the caller closes it."""
        ...


@dataclass(frozen=True)
class FileEntry:
    """A slide of this machine."""

    name: str
    path: Path
    annotations: tuple[Path, ...] = ()

    def size(self) -> Size:
        with slide(self.path) as opened:
            return Size(opened.width, opened.height, opened.mpp)

    def open(self, kept: TileMemory, bodies: Bodies) -> Slide:  # noqa: ARG002 - of a node only
        return slide(self.path, annotations=self.annotations, kept=kept)


@dataclass(frozen=True)
class OpenEntry:
    """A slide that somebody else opened, and closes."""

    opened: Slide

    @property
    def name(self) -> str:
        return self.opened.name

    def size(self) -> Size:
        return Size(self.opened.width, self.opened.height, self.opened.mpp)

    def open(self, kept: TileMemory, bodies: Bodies) -> Slide:  # noqa: ARG002
        return Slide(self.name, self.opened.reader, self.opened.about, is_borrowed=True)


@dataclass(frozen=True)
class Door:
    """A node by its address; every other process that reads opens a connection of its own.

    It needs a token there: a session that was opened with a password stays in its process.
    """

    url: str
    token: str | None
    _opened: dict[int, Node] = field(default_factory=dict[int, Node], compare=False, repr=False)

    @classmethod
    def of(cls, node: Node) -> Door:
        return cls(node.url, node.token, {os.getpid(): node})

    def node(self) -> Node:
        if os.getpid() not in self._opened:
            self._opened[os.getpid()] = Node(self.url, token=self.token)
        return self._opened[os.getpid()]

    def __reduce__(self) -> tuple[type[Door], tuple[str, str | None]]:
        return Door, (self.url, self.token)


@dataclass(frozen=True)
class ImageEntry:
    """An image of a node."""

    name: str
    door: Door
    known: Size | None = None

    def size(self) -> Size:
        if self.known is not None:
            return self.known
        told = self.door.node().get(f"/api/v1/images/{self.name}")
        return Size(told["columns"], told["rows"], _scale(told["mpp_x"], told["mpp_y"]))

    def open(self, kept: TileMemory, bodies: Bodies) -> Slide:
        return open_remote(self.door.node(), self.name, kept=kept, bodies=bodies)


Given = Path | str | Slide | FoundImage | Entry


def entries_of(
    given: FrozenCohort | SavedCohort | Iterable[Given] | Given,
    *,
    node: Node | None = None,
    annotations: Mapping[str, Path | str] | None = None,
) -> tuple[Entry, ...]:
    """The slides that somebody names, each once.

    A cohort of a node is frozen first, unless it has been. `node` is where images that are named
    by accession lie. `annotations` are files by the name of a slide. Raises `InputError`.
    """
    if isinstance(given, SavedCohort):
        given = given.version()
    if isinstance(given, FrozenCohort):
        door = Door.of(given.node)
        found: list[Entry] = [_of_export(each, door) for each in given.images()]
    else:
        listed = [given] if isinstance(given, (str, Path, Slide, FoundImage)) else given
        door = Door.of(node) if node is not None else None
        found = [_entry(each, door, annotations or {}) for each in listed]  # type: ignore[union-attr]  one entry is no list
    names = [each.name for each in found]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            "two slides have one name.",
            place=twice,
            rule="each slide once; files by paths that differ in their last part or its folder",
        )
    return tuple(found)


def _entry(given: Given, door: Door | None, annotations: Mapping[str, Path | str]) -> Entry:
    if isinstance(given, Slide):
        return OpenEntry(given)
    if isinstance(given, FoundImage):
        if door is None:
            raise _no_node(given.accession)
        return ImageEntry(
            given.accession, door, Size(given.columns, given.rows, _scale(*given.mpp))
        )
    if isinstance(given, str) and "-image-" in given and not Path(given).exists():
        if door is None:
            raise _no_node(given)
        return ImageEntry(given, door)
    if isinstance(given, (str, Path)):
        path = Path(given)
        drawn = annotations.get(path.name)
        return FileEntry(path.name, path, () if drawn is None else (Path(drawn),))
    return given


def _of_export(row: Mapping[str, Any], door: Door) -> ImageEntry:
    width, height, mpp = row.get("width"), row.get("height"), row.get("mpp")
    if not (width and height and mpp):
        return ImageEntry(row["accession"], door)
    return ImageEntry(row["accession"], door, Size(int(width), int(height), (mpp, mpp)))


def _scale(across: float, down: float) -> tuple[float, float] | None:
    return (across, down) if across > 0 and down > 0 else None


def _no_node(name: str) -> InputError:
    return InputError(
        "this is an image of a node, and no node is named.",
        place=name,
        remedy="bigpicture.connect(…).patches(…), or patches(…, node=…).",
    )
