"""Fixtures of the tests of reading and converting."""

from nurseries import staying_nurseries

__all__ = ["staying_nurseries"]
