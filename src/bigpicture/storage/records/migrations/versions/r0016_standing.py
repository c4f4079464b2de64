"""The standing of published datasets: released, embargoed, withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Four columns; what was published before is released."""
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("standing", sa.String(length=20), nullable=False, server_default="released"),
        sa.Column("embargo_until", moment, comment="hidden before it"),
        sa.Column("standing_since", moment, comment="null: since it was published"),
        sa.Column("standing_reason", sa.Text(), comment="null: it was never changed"),
    ):
        op.add_column("datasets", column)
