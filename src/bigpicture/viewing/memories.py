"""Memories: how much a process keeps of slides in use, each part bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bigpicture.model.bounded import Use


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes, but for `levels`, which are counted: each holds a mapped index and a data key."""

    tiles: int = 0
    """Tiles as they are sent."""
    pixels: int = 0
    """Tiles decoded, under regions."""
    levels: int = 256
    indexes: int = 1 << 30
    """Frame indexes, on the disk."""


Uses = Mapping[str, Use]
"""By the name of the memory."""
