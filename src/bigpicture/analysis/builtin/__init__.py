"""The algorithms that are shipped, one file each, one line each."""

from __future__ import annotations

BUILTIN: tuple[str, ...] = (
    "tissue",
    "pen",
    "focus",
    "stain",
    "fingerprint",
    "quality",
    "nuclei",
    "features",
)
"""Modules of this package, each with a `MANIFEST` and a `run`."""
