"""Looking: what every door to pixels asks first, and how it reads what it was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Scope

from bigpicture.access.decide import Purpose
from bigpicture.api.asking import read_secret
from bigpicture.api.node import Node
from bigpicture.api.opening import no_image
from bigpicture.api.problem import RefusedError
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.layers import Layers
from bigpicture.viewing.stored import StoredImage

CACHING = b"private, max-age=0, must-revalidate"
"""A browser may keep a picture but asks each time: the grant may have ended since."""
_PLANE = re.compile(r"[0-9]{1,4}")
_CHANNELS = re.compile(r"[0-9]{1,4}(?:,[0-9]{1,4}){0,63}")


async def open_image(
    node: Node, headers: Headers, image: str, purpose: Purpose = Purpose.VIEW
) -> StoredImage:
    """The image, once the decision is yes and its event, where it needs one, is durable.

    Raises `UnknownError`, `RefusedError`, `StorageError`.
    """
    secret = read_secret(headers)
    session = await node.sessions.awaited(secret) if secret else None
    person = session.person if session else None
    stored = await node.tiles.image(image)
    try:
        decision = await node.decisions.awaited(person, stored.dataset, purpose)
    except UnknownError:
        raise no_image(image) from None
    if not decision.allowed:
        raise RefusedError(decision)
    if decision.grant and person:
        await node.reads.awaited(
            person=person.id, image=image, dataset=stored.dataset, grant=decision.grant
        )
    return stored


def origin_of(node: Node, scope: Scope, headers: Headers) -> str:
    """How the world reaches this node."""
    told = node.settings.public_url.rstrip("/")
    return told or f"{scope['scheme']}://{headers.get('host', 'localhost')}"


def who_asks(scope: Scope) -> str:
    """One who waits for a turn: by the secret shown, else by the address."""
    client = scope.get("client")
    return read_secret(Headers(scope=scope)) or (client[0] if client else "")


def read_layers(query: bytes, image: StoredImage) -> Layers:
    """What the query asks for; names it does not know are nobody's business here.

    Raises `UnknownError` where there is no such plane, or a value is no number.
    """
    asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    plane, channels = asked.get("plane"), asked.get("channels")
    if plane is not None and (not _PLANE.fullmatch(plane) or int(plane) >= image.focal_planes):
        raise UnknownError(
            "there is no such focal plane.", rule=f"plane=0 to plane={image.focal_planes - 1}"
        )
    if channels is not None and not _CHANNELS.fullmatch(channels):
        raise UnknownError(
            "there are no such channels.", rule="channels={number},{number}, counted from 0"
        )
    return Layers(
        plane=None if plane is None else int(plane),
        channels=tuple(sorted({int(each) for each in channels.split(",")})) if channels else None,
    )


def read_tags(header: str | None) -> Sequence[str]:
    """Entity tags of If-None-Match (RFC 9110 13.1.2, weak comparison)."""
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
