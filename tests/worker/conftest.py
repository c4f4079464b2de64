"""What the tests of the durable steps share."""

from submitting import contributor, here, stores

__all__ = ["contributor", "here", "stores"]
