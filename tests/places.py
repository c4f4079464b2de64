"""Where tests find things: the repository, and the shared folder beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


def shared(path: str) -> Path:
    """A file or folder of the shared test data; the test is skipped where it is absent."""
    place = SHARED / path
    if not place.exists():
        pytest.skip(f"needs ../shared/{path}, which is not beside this checkout")
    return place
