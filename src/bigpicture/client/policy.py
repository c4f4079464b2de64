"""Policies at a node: what a dataset may be used for, and whether a purpose fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bigpicture.client.node import Node


def read_policy(node: Node, dataset: str) -> Mapping[str, Any]:
    """The policy of a dataset as the node tells it: data, hash, plain sentences."""
    return node.get(f"/api/v1/datasets/{quote(dataset, safe='')}/policy")


def match_policy(node: Node, dataset: str, purpose: Mapping[str, object]) -> Mapping[str, Any]:
    """The answer to a purpose (`PurposeGiven` of /openapi.json), clause by clause; advice."""
    return node.post(f"/api/v1/datasets/{quote(dataset, safe='')}/policy/match", dict(purpose))
