"""Sheets that people fill in, kept until they are handed in or deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """A new table; there were no drafts before."""
    op.create_table(
        "preparation_drafts",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column(
            "id", sa.String(length=40), nullable=False, comment="chosen by the person's browser"
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etag", sa.String(length=16), nullable=False),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON, zlib; holds local identifiers",
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_preparation_drafts_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_preparation_drafts")),
    )
