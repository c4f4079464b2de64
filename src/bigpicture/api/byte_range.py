"""Byte ranges of an answer (RFC 9110, section 14)."""

from __future__ import annotations

import re

_ONE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class RangeError(Exception):
    """No byte of the range lies in what was asked for: 416."""


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and length that a Range header asks of `size` bytes; None stands for all.

    What is no range of bytes, or names several, is not heeded, as the standard allows. Raises
    `RangeError` where no byte of it is there.
    """
    found = _ONE.fullmatch((header or "").strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise RangeError
        return size - length, length
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeError
    return start, end - start + 1
