"""Fixtures of the demo's tests."""

from published import frames, stores

__all__ = ["frames", "stores"]
