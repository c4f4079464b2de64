"""Whose key closes what: subjects, their keys by name, and the objects sealed under them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Objects sealed before are under the node's key alone, until `bigpicture keys wrap`."""
    op.create_table(
        "subject_keys",
        sa.Column(
            "id", sa.String(length=40), nullable=False, comment="the key's name in the key store"
        ),
        sa.Column("owner", sa.String(length=80), nullable=False, comment="submission or dataset"),
        sa.Column(
            "kind", sa.String(length=20), nullable=False, comment="arrival, dataset or being"
        ),
        sa.Column("alias", sa.Text(), nullable=False, comment="of the being; empty for all else"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_keys")),
        sa.UniqueConstraint(
            "owner", "kind", "alias", name=op.f("uq_subject_keys_owner_kind_alias")
        ),
    )
    op.create_table(
        "object_seals",
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["object"], ["objects.key"], name=op.f("fk_object_seals_object_objects")
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["subject_keys.id"], name=op.f("fk_object_seals_key_subject_keys")
        ),
        sa.PrimaryKeyConstraint("object", "key", name=op.f("pk_object_seals")),
    )
    op.create_index(op.f("ix_object_seals_key"), "object_seals", ["key"])
    op.create_table(
        "file_beings",
        sa.Column("submission", sa.String(length=80), nullable=False),
        sa.Column(
            "place",
            sa.Text(),
            nullable=False,
            comment="IMAGES/IMAGE_x, or an annotation's path",
        ),
        sa.Column("being", sa.Text(), nullable=False, comment="alias"),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.accession"],
            name=op.f("fk_file_beings_submission_submissions"),
        ),
        sa.PrimaryKeyConstraint("submission", "place", "being", name=op.f("pk_file_beings")),
    )
