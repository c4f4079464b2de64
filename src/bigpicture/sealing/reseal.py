"""Reseal: a header for other recipients; the body stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.sealing.header import read_header, write_header
from bigpicture.sealing.keys import KeyPair


def reseal(header: bytes, pair: KeyPair, recipients: Sequence[bytes]) -> bytes:
    """A new header over the same data key, for these recipients' public keys alone.

    Raises `IntegrityError` when `pair` does not open `header`.
    """
    return write_header(read_header(header, pair), recipients)
