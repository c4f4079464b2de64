"""What companion tables tell of the entities of a dataset."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Two new tables: what was published before has no companions."""
    json = sa.JSON(none_as_null=True)
    op.create_table(
        "companion_variables",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "companion",
            sa.String(length=60),
            nullable=False,
            comment="the table that it is a column of",
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column(
            "entity",
            sa.String(length=20),
            nullable=False,
            comment="what a row is about: being, case ...",
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False, comment="UCUM"),
        sa.Column("code", json, nullable=True),
        sa.Column("categories", json, nullable=False),
        sa.Column("missing", json, nullable=False, comment="markers, with why there is no value"),
        sa.Column("established", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["datasets.accession"],
            name=op.f("fk_companion_variables_dataset_datasets"),
        ),
        sa.PrimaryKeyConstraint("dataset", "name", name=op.f("pk_companion_variables")),
    )
    op.create_table(
        "companion_rows",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("companion", sa.String(length=60), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False, comment="its accession"),
        sa.Column("held", json, nullable=False, comment="value, or marker, by variable"),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_companion_rows_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("dataset", "companion", "entity", name=op.f("pk_companion_rows")),
    )
    op.create_index(op.f("ix_companion_rows_entity"), "companion_rows", ["entity"])
