"""Tiles of an image at a node: many in one answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bigpicture.client.node import Node, UnreachedError
from bigpicture.model.errors import BigpictureError, IntegrityError, StorageError

MOST_TILES = 4096
"""In one answer, as the node has it."""
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
_WHERE = re.compile(rb"(?i)^content-location:.*/(\d+)_(\d+)\s*$", re.MULTILINE)
_LENGTH = re.compile(rb"(?i)^content-length:\s*(\d+)\s*$", re.MULTILINE)

TilePlace = tuple[int, int]
"""Column, row."""
Fetched = dict[TilePlace, bytes | BigpictureError]
"""The bytes of a tile, or why there are none."""


def fetch_tiles(node: Node, image: str, level: int, places: Sequence[TilePlace]) -> Fetched:
    """Tiles as a node shows them, each a JPEG.

    An answer that breaks off is asked for again tile by tile, so that one that is damaged costs
    itself alone: it has its error in its place. Raises what the node refuses the image with.
    """
    found: Fetched = {}
    for start in range(0, len(places), MOST_TILES):
        part = list(places[start : start + MOST_TILES])
        try:
            found |= _ask(node, image, level, part)
        except (UnreachedError, IntegrityError, StorageError):
            for place in part:
                found[place] = _alone(node, image, level, place)
    return found


def _ask(node: Node, image: str, level: int, places: Sequence[TilePlace]) -> Fetched:
    answer = node.request("POST", f"/tiles/{image}/{level}", json=places, is_patient=False)
    boundary = _BOUNDARY.search(answer.headers.get("content-type", ""))
    if boundary is None:
        raise IntegrityError("the node's answer is no list of tiles.", place=image)
    found: Fetched = dict(_parts(answer.content, boundary[1].encode(), image))
    if len(found) != len(set(places)):
        raise IntegrityError(
            f"{len(set(places))} tiles were asked for, {len(found)} came.", place=image
        )
    return found


def _parts(body: bytes, boundary: bytes, image: str) -> Iterator[tuple[TilePlace, bytes]]:
    """RFC 2046 5.1, each part with its length, so that no body is searched."""
    delimiter, at = b"\r\n--" + boundary, 0
    while True:
        if not body.startswith(delimiter, at):
            raise IntegrityError("the node's answer came cut short.", place=image)
        at += len(delimiter)
        if body.startswith(b"--", at):
            return
        end = body.find(b"\r\n\r\n", at)
        head = body[at:end].replace(b"\r\n", b"\n")
        where, length = _WHERE.search(head), _LENGTH.search(head)
        if end < 0 or where is None or length is None:
            raise IntegrityError("the node's answer came cut short.", place=image)
        start, at = end + 4, end + 4 + int(length[1])
        yield (int(where[1]), int(where[2])), body[start:at]


def _alone(node: Node, image: str, level: int, place: TilePlace) -> bytes | BigpictureError:
    try:
        return node.request("GET", f"/tiles/{image}/{level}/{place[0]}_{place[1]}").content
    except UnreachedError:
        raise
    except StorageError as error:
        return error
