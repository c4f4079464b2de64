"""Fixtures of the commands' tests."""

from nurseries import staying_nurseries

__all__ = ["staying_nurseries"]
