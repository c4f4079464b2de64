"""A result over its slide, as the viewer of the node draws it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.client.node import Node
from bigpicture.client.remote_slide import open_remote
from bigpicture.dicom.slide import Pixels
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError

_AT_ONCE = 8
"""Requests under way."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`pixels` are RGB, uint8, (height, width, 3); `legend` the colour (#rrggbb) of each class."""

    pixels: Pixels
    legend: Mapping[str, str]
    notice: str

    def _repr_png_(self) -> bytes:
        _, data = cv2.imencode(".png", cv2.cvtColor(self.pixels, cv2.COLOR_RGB2BGR))
        return data.tobytes()

    def __repr__(self) -> str:
        height, width, _ = self.pixels.shape
        told = ", ".join(f"{name} {colour}" for name, colour in self.legend.items())
        return f"<Picture {width} × {height} pixels: {told or 'a map'}. {self.notice}>"


def overlaid(
    node: Node, told: Mapping[str, Any], *, side: int, opacity: float, colours: str = ""
) -> Picture:
    """A mask or a heatmap (`told` as the node tells a result) over the whole slide.

    The longer side has `side` pixels, or fewer where the slide is smaller; `opacity` 0 to 1;
    `colours` names the map of a heatmap. Raises `InputError` for a result that is neither.
    """
    if not 0 <= opacity <= 1 or side < 1:
        raise InputError("no picture is drawn so.", rule="opacity 0 to 1, side of 1 pixel or more")
    named = f"/api/v1/results/{told['key']}/{told['output']}"
    if told["kind"] not in (OutputKind.MASK, OutputKind.HEATMAP):
        raise InputError(
            "this result is no picture.",
            place=told["output"],
            rule="a mask or a heatmap",
            remedy="`FoundResult.read` gives it as it is kept.",
        )
    known = node.get(f"{named}/overlay", image=told["image"])
    with open_remote(node, told["image"]) as slide:
        below = slide.thumbnail(side)
        fitting = [each for each in slide.levels if max(each.columns, each.rows) >= side]
        level = (fitting or [slide.levels[0]])[-1]
        drawn = np.zeros((level.rows, level.columns, 4), np.uint8)
        more = {"image": told["image"], **({"map": colours} if colours else {})}
        places = [(x, y) for y in range(level.tiles_down) for x in range(level.tiles_across)]

        def fetch(place: tuple[int, int]) -> NDArray[np.uint8]:
            address = f"{named}/tiles/{level.index}/{place[0]}_{place[1]}?{urlencode(more)}"
            return _decoded(node.request("GET", address).content)

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for (column, row), tile in zip(places, threads.map(fetch, places), strict=True):
                y, x = row * level.tile_rows, column * level.tile_columns
                room = drawn[y : y + tile.shape[0], x : x + tile.shape[1]]
                room[:] = tile[: room.shape[0], : room.shape[1]]
    return Picture(
        _blended(below, drawn, opacity),
        {each["name"]: each["colour"] for each in known["classes"]},
        known["notice"],
    )


def _decoded(data: bytes) -> NDArray[np.uint8]:
    """RGBA (height, width, 4) of a PNG."""
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(cv2.cvtColor(np.asarray(read), cv2.COLOR_BGRA2RGBA), np.uint8)


def _blended(below: Pixels, over: NDArray[np.uint8], opacity: float) -> Pixels:
    """`over`, made as small as `below`, its own transparency kept."""
    part = over[..., 3:].astype(np.float32) / 255
    weighed = np.concatenate([over[..., :3] * part, part], 2)
    size = below.shape[1], below.shape[0]
    small = cv2.resize(weighed, size, interpolation=cv2.INTER_AREA)
    mixed = below * (1 - opacity * small[..., 3:]) + opacity * small[..., :3]
    return np.rint(mixed).astype(np.uint8)
