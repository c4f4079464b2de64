"""The digest of each sealed body, so that whoever takes it away sealed can prove it whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bodies sealed before have none here; their segments still prove themselves when opened."""
    op.add_column(
        "objects",
        sa.Column("body_sha256", sa.String(length=64), comment="of the sealed body"),
    )
