"""Fixtures of the tests of de-identifying."""

from nurseries import staying_nurseries

__all__ = ["staying_nurseries"]
