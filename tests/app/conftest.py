"""Fixtures of the processes' tests."""

from published import frames, stores

__all__ = ["frames", "stores"]
