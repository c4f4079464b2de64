"""Organs: how each is laid out and painted; a new organ is one file and one line below."""

from __future__ import annotations

from bigpicture.phantom.organs.colon import Colon
from bigpicture.phantom.organs.organ import Ground, Organ

ORGANS: dict[str, type[Organ]] = {"colon": Colon}

__all__ = ["ORGANS", "Ground", "Organ"]
