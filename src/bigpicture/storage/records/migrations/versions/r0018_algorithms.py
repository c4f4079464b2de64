"""Algorithms with versions, a policy and grants of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TIME = sa.DateTime(timezone=True)
_ID = sa.String(length=40)
_NAME = sa.String(length=80)
_DIGEST = sa.String(length=64)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Three tables; nothing that was there changes."""
    _create_algorithms()
    _create_versions()
    _create_grants()


def _create_algorithms() -> None:
    op.create_table(
        "algorithms",
        sa.Column("id", _NAME, nullable=False, comment="as manifests call it"),
        sa.Column("owner", _ID, nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False, comment="who may run it"),
        sa.Column(
            "is_listed", sa.Boolean(), nullable=False, comment="false: only insiders know of it"
        ),
        sa.Column("terms", sa.Text(), nullable=False, comment="its policy in words, or empty"),
        sa.Column("created", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["people.id"], name=op.f("fk_algorithms_owner_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_algorithms")),
    )
    op.create_index(op.f("ix_algorithms_owner"), "algorithms", ["owner"])


def _create_versions() -> None:
    op.create_table(
        "algorithm_versions",
        sa.Column("algorithm", _NAME, nullable=False),
        sa.Column("version", _ID, nullable=False),
        sa.Column("digest", _DIGEST, nullable=False, comment="of manifest, code and weights"),
        sa.Column("code", _DIGEST, nullable=False, comment="SHA-256 over its files"),
        sa.Column("manifest", sa.Text(), nullable=False, comment="TOML"),
        sa.Column("card", sa.Text(), nullable=False, comment="model card, Markdown; or empty"),
        sa.Column("package", sa.String(length=200), nullable=False, comment="its files, sealed"),
        sa.Column(
            "size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="bytes of the package",
        ),
        sa.Column("published", _TIME, nullable=False),
        sa.Column("published_by", _ID, nullable=False),
        sa.Column("withdrawn", _TIME, comment="from then on nobody runs it"),
        sa.Column("withdrawn_by", _ID, nullable=False, comment="or empty"),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False, comment="or empty"),
        sa.ForeignKeyConstraint(
            ["algorithm"],
            ["algorithms.id"],
            name=op.f("fk_algorithm_versions_algorithm_algorithms"),
        ),
        sa.ForeignKeyConstraint(
            ["package"], ["objects.key"], name=op.f("fk_algorithm_versions_package_objects")
        ),
        sa.PrimaryKeyConstraint("algorithm", "version", name=op.f("pk_algorithm_versions")),
    )


def _create_grants() -> None:
    op.create_table(
        "algorithm_grants",
        sa.Column("id", _ID, nullable=False),
        sa.Column("algorithm", _NAME, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("uses", _JSON, nullable=False, comment="run, weights"),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("end", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
        sa.Column("revoked", _TIME),
        sa.ForeignKeyConstraint(
            ["algorithm"], ["algorithms.id"], name=op.f("fk_algorithm_grants_algorithm_algorithms")
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_algorithm_grants_person_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_algorithm_grants")),
    )
    op.create_index("ix_algorithm_grants_algorithm_id", "algorithm_grants", ["algorithm", "id"])
    op.create_index(op.f("ix_algorithm_grants_person"), "algorithm_grants", ["person"])
