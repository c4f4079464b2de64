"""A node to speak to."""

from published import frames, node, stores

__all__ = ["frames", "node", "stores"]
