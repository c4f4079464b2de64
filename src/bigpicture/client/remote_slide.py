"""A slide at a node: its tiles over HTTP, what is known of it from the node."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from bigpicture.client.node import Node
from bigpicture.client.remote_pixels import Bodies, RemotePixels
from bigpicture.client.slide import Slide, Statement
from bigpicture.dicom.level_pixels import TileMemory
from bigpicture.dicom.reader import MEMORY_BYTES, SlideReader
from bigpicture.metaflex.outlines.read import ENDINGS, read_outlines
from bigpicture.model.image import Level
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.outline import Outline

BODIES_BYTES = 32 << 20
"""Of JPEG streams that are kept for neighbours which share tiles."""
_JPEG = "image/jpeg"
_SHOWN = ("accession", "alias", "stain", "organ", "species", "magnification", "being", "case",
          "specimens", "block", "slide", "staining", "scanner")  # fmt: skip


class RemoteAbout:
    """What a node says of an image, as JSON; the files of annotations are read when asked for."""

    def __init__(self, node: Node, told: Mapping[str, Any]) -> None:
        self._node = node
        self._told = told

    @property
    def properties(self) -> Mapping[str, Any]:
        """`is_stored`: pixels are those that were scanned, not drawn again for looking at."""
        told = self._told
        return {
            **{name: told[name] for name in _SHOWN},
            "dataset": told["dataset"]["accession"],
            "diagnoses": tuple(each["meaning"] for each in told["diagnoses"]),
            "is_stored": all(each["media_type"] == _JPEG for each in told["levels"]),
        }

    @property
    def annotations(self) -> tuple[Outline, ...]:
        return self._drawn

    @property
    def observations(self) -> tuple[Statement, ...]:
        return tuple(_statement(each) for each in self._told["observations"])

    @cached_property
    def _drawn(self) -> tuple[Outline, ...]:
        return tuple(
            outline
            for file in self._told["annotations"]
            if file["path"].lower().endswith(ENDINGS)
            for outline in read_outlines(
                self._node.request("GET", file["address"]).content, name=file["path"]
            )
        )


def open_remote(
    node: Node, accession: str, *, kept: TileMemory | None = None, bodies: Bodies | None = None
) -> Slide:
    """An image of a node as a slide; raises `UnknownError`, `ForbiddenError` as the node does."""
    told = node.get(f"/api/v1/images/{accession}")
    kept = TileMemory(MEMORY_BYTES) if kept is None else kept
    bodies = Bodies(BODIES_BYTES) if bodies is None else bodies
    levels = [_level(each) for each in told["levels"]]
    pixels = [RemotePixels(node, accession, each, kept=kept, bodies=bodies) for each in levels]
    return Slide(accession, SlideReader(pixels, place=accession), RemoteAbout(node, told))


def _level(told: Mapping[str, Any]) -> Level:
    names = ("columns", "rows", "tile_columns", "tile_rows", "mpp_x", "mpp_y")
    return Level(told["level"], **{name: told[name] for name in names})


def _statement(told: Mapping[str, Any]) -> Statement:
    return Statement(
        kind=told["kind"],
        on=told["on"],
        text=told["text"],
        codes=tuple(
            (each["tag"], each["code"], each["scheme"], each["meaning"]) for each in told["codes"]
        ),
        qualifier=Qualifier(told["qualifier"]),
    )
