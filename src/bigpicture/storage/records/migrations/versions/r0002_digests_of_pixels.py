"""What proves that pixels are unchanged; focal planes and channels of a level."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Images published before have no root: it is not known that they are as they came."""
    op.add_column(
        "images",
        sa.Column(
            "pixels_root",
            sa.String(length=64),
            nullable=True,
            comment="Merkle root over its levels' frames_root",
        ),
    )
    for column in (
        sa.Column("focal_planes", sa.Integer(), server_default="1", nullable=False),
        sa.Column("optical_paths", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "frames_root",
            sa.String(length=64),
            nullable=True,
            comment="Merkle root over the digests of its frames",
        ),
    ):
        op.add_column("levels", column)
