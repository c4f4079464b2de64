"""Cohorts: saved questions, and the exact lists of images that they were frozen to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Three new tables; there were no cohorts before."""
    op.create_table(
        "cohorts",
        sa.Column(
            "id",
            sa.String(length=40),
            nullable=False,
            comment="random: who knows it may have the link",
        ),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("sharing", sa.String(length=10), nullable=False, comment="private, link or node"),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("changed", _TIME, nullable=False),
        sa.Column("etag", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["people.id"], name=op.f("fk_cohorts_owner_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
    )
    op.create_index(op.f("ix_cohorts_owner"), "cohorts", ["owner"])
    op.create_index(op.f("ix_cohorts_sharing"), "cohorts", ["sharing"])
    op.create_table(
        "cohort_lists",
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the sorted accessions",
        ),
        sa.Column(
            "count",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="images",
        ),
        sa.Column(
            "parts", sa.JSON(), nullable=False, comment="dataset, title, images, beings of each"
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="images by dataset, zlib"),
        sa.Column("accession", sa.String(length=80), comment="once minted"),
        sa.Column("minted", _TIME),
        sa.Column("minted_by", sa.String(length=40)),
        sa.Column("title", sa.String(length=200), comment="of the cohort that it was minted for"),
        sa.Column("question", sa.JSON(), comment="likewise"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cohort_lists")),
        sa.UniqueConstraint("accession", name=op.f("uq_cohort_lists_accession")),
    )
    op.create_table(
        "cohort_versions",
        sa.Column("cohort", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frozen", _TIME, nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False, comment="a person's id"),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column(
            "asked",
            sa.LargeBinary(),
            nullable=False,
            comment="datasets open to `by` then, zlib",
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort"], ["cohorts.id"], name=op.f("fk_cohort_versions_cohort_cohorts")
        ),
        sa.ForeignKeyConstraint(
            ["digest"], ["cohort_lists.digest"], name=op.f("fk_cohort_versions_digest_cohort_lists")
        ),
        sa.PrimaryKeyConstraint("cohort", "number", name=op.f("pk_cohort_versions")),
    )
    op.create_index(op.f("ix_cohort_versions_digest"), "cohort_versions", ["digest"])
