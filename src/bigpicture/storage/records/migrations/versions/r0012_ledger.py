"""The Merkle tree over the events: entries, tiles, checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Three new tables; events that are there already enter the tree when it is first grown."""
    op.create_table(
        "ledger_entries",
        sa.Column("leaf", _BIG, autoincrement=False, nullable=False, comment="its index, from 0"),
        sa.Column("event", _BIG, nullable=False, comment="events.seq"),
        sa.Column(
            "actor_digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of salt and value"
        ),
        sa.Column("actor_salt", sa.LargeBinary(), comment="null: erased, and the value with it"),
        sa.Column("subject_digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject_salt", sa.LargeBinary()),
        sa.Column("details_digest", sa.LargeBinary(), nullable=False),
        sa.Column("details_salt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("leaf", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("event", name=op.f("uq_ledger_entries_event")),
    )
    op.create_table(
        "ledger_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", _BIG, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False, comment="1 to 256 of 32 bytes"),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_ledger_tiles")),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("size", _BIG, autoincrement=False, nullable=False, comment="entries"),
        sa.Column("event", _BIG, nullable=False, comment="events.seq of the last of them"),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="signed (C2SP tlog-checkpoint)"),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoints")),
    )
