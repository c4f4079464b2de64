"""Algorithms of a node: listed, shown, published."""

from __future__ import annotations

from typing import Any

from bigpicture.client.node import Node

_ROOT = "/api/v1/algorithms"


def list_algorithms(door: Node) -> list[dict[str, Any]]:
    """What the node knows of each algorithm that we may know of."""
    return door.get(_ROOT)["items"]


def show_algorithm(door: Node, name: str, version: str = "") -> dict[str, Any]:
    """An algorithm with its versions, or one version; raises `UnknownError`."""
    return door.get(f"{_ROOT}/{name}" + (f"/versions/{version}" if version else ""))


def publish_algorithm(
    door: Node, package: bytes, *, tier: str, is_listed: bool, terms: str
) -> dict[str, Any]:
    """Publish a version; raises what the node says of it."""
    wanted = {"tier": tier, "is_listed": str(is_listed).lower(), "terms": terms}
    headers = {"Content-Type": "application/zip"}
    answer = door.request("POST", _ROOT, params=wanted, content=package, headers=headers)
    return answer.json()
