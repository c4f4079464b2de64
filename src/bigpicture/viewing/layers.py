"""Layers: the focal plane and the channels of a slide that somebody looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layers:
    """`plane` from 0, None: the middle one. `channels` from 0, rising, None: all of them."""

    plane: int | None = None
    channels: tuple[int, ...] | None = None


USUAL = Layers()
"""What is shown unless something else is asked for."""
