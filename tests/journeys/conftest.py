"""Nodes for journeys."""

from __future__ import annotations

import contextlib

import pytest

from nurseries import staying_nurseries
from running import RunningNode

__all__ = ["staying_nurseries"]


@pytest.fixture
def make_node(tmp_path):
    """Makes nodes, set up and running, and kills them at the end: how one stops is told apart."""
    nodes: list[RunningNode] = []

    def make(name: str = "node", *, start: bool = True, **environment: str) -> RunningNode:
        variables = {f"BIGPICTURE_{key.upper()}": str(value) for key, value in environment.items()}
        node = RunningNode(tmp_path / name, variables).init()
        nodes.append(node)
        return node.start() if start else node

    yield make
    for node in nodes:
        end(node)


@pytest.fixture
def node(make_node):
    return make_node()


@pytest.fixture(scope="module")
def shared_node(tmp_path_factory):
    """One running node for the tests of a module that leave each other's datasets alone."""
    node = RunningNode(tmp_path_factory.mktemp("shared") / "node").init().start()
    yield node
    end(node)


def end(node):
    with contextlib.suppress(ProcessLookupError):
        if node.process is not None and node.process.poll() is None:
            node.kill()
