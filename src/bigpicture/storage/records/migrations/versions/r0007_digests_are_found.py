"""Digests of pixels are found at once: another image of the same frames is told of."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index(op.f("ix_levels_frames_root"), "levels", ["frames_root"])
