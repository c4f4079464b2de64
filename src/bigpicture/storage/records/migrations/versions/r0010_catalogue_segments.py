"""What the index of images is put together from: kept, so that it need not be read anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """A new table; what is not in it yet is made when it is first needed."""
    op.create_table(
        "catalogue_segments",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="datasets.seq when it was made",
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the layout of the body"),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", name=op.f("pk_catalogue_segments")),
    )
