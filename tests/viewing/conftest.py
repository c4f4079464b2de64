"""Fixtures of the doors' tests."""

from published import client, frames, node, stores

__all__ = ["client", "frames", "node", "stores"]
