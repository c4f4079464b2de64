"""Nodes for journeys."""

from __future__ import annotations

import contextlib

import pytest

from running import RunningNode


@pytest.fixture
def make_node(tmp_path):
    """Makes nodes, set up and running, and stops them at the end."""
    nodes: list[RunningNode] = []

    def make(name: str = "node", *, start: bool = True, **environment: str) -> RunningNode:
        variables = {f"BIGPICTURE_{key.upper()}": str(value) for key, value in environment.items()}
        node = RunningNode(tmp_path / name, variables).init()
        nodes.append(node)
        return node.start() if start else node

    yield make
    for node in nodes:
        with contextlib.suppress(Exception):
            node.stop()


@pytest.fixture
def node(make_node):
    return make_node()
