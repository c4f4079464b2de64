"""A scene: a picture being painted, the truth of what lies where, and what it may be made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.detector import codes
from training.detector.flesh import Stock
from training.detector.fonts import Shelf
from training.detector.looks import Look
from training.detector.noises import Picture

TEXT, CODE, LABEL = 0, 1, 2
"""Channels of a truth."""


@dataclass(frozen=True, slots=True)
class Put:
    """One mark as it was put: channel, box (x, y, width, height), legibility, share in the picture.

    `clear` is the contrast over what hides it (grain, texture), 1 at the edge of legible.
    """

    channel: int
    box: tuple[int, int, int, int]
    clear: float
    share: float


@dataclass
class Scene:
    """A picture that is being painted, with its truth and what does not count, all of one size."""

    picture: Picture
    truth: Picture
    ignored: Picture
    how: Look
    puts: list[Put] = field(default_factory=list)


@dataclass(frozen=True)
class Means:
    """What pictures may be made of: fonts, symbologies, tissue."""

    shelf: Shelf
    linear: tuple[str, ...]
    matrix: tuple[str, ...]
    stock: Stock


def train_means(shelf: Shelf, stock: Stock) -> Means:
    """Training's part, with symbols that nobody uses beside those that many use."""
    return Means(
        shelf, (*codes.LINEAR, "bars", "bars"), (*codes.MATRIX, "modules", "modules"), stock
    )


def held_means(shelf: Shelf, stock: Stock) -> Means:
    """What training never saw."""
    return Means(shelf, codes.HELD_LINEAR, codes.HELD_MATRIX, stock)
