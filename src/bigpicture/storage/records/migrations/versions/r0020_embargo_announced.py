"""An embargo is announced with a submission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "submissions",
        sa.Column("embargo_until", moment, comment="once published, hidden before it"),
    )
