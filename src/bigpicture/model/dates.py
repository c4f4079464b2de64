"""Dates: what becomes of the days that a slide carries."""

from __future__ import annotations

from enum import StrEnum


class Dates(StrEnum):
    """The choice of who contributes."""

    REMOVED = "removed"
    """The metadata standard's dummy, 1970-01-01, stands for all of them."""
    SHIFTED = "shifted"
    """Moved by whole days, by another number for each subject, so that intervals survive."""
