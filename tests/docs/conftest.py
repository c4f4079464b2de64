"""The doors, for comparing them with what the docs say."""

from published import client, frames, node, stores

__all__ = ["client", "frames", "node", "stores"]
