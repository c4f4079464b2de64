"""What the index of images is put together from: kept, so that it need not be read anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


_FOLLOWED = (
    ("specimens", "being"),
    ("specimens", "case"),
    ("block_specimens", "specimen"),
    ("slides", "block"),
    ("images", "slide"),
)
"""References that are followed from above, to see what lies below."""


def upgrade() -> None:
    """A new table, filled when it is first needed; and indexes to follow references downwards."""
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
    for table, column in _FOLLOWED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
