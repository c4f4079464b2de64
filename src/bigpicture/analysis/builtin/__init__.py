"""The algorithms that are shipped, one file each, one line each."""

from __future__ import annotations

from pathlib import Path

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

EVIDENCE = Path(__file__).parent / "evidence"
"""What was measured of each (`python -m benchmarks.evidence`): a file of its module's name."""
