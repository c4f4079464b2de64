"""Identities elsewhere, second factors, visas, scopes of tokens, service accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_SECOND_FACTOR = "second factor"


def upgrade() -> None:
    """New tables and columns; sessions and tokens that are there have shown no second factor."""
    with op.batch_alter_table("people") as table:
        table.add_column(
            sa.Column("registered_until", _TIME, comment="registered access by visas; null: none")
        )
        table.add_column(
            sa.Column("registered_by", sa.String(255), comment="the issuer that handed them over")
        )
    with op.batch_alter_table("tokens") as table:
        table.alter_column(
            "kind",
            existing_type=sa.String(16),
            existing_nullable=False,
            comment="session, api or ticket",
            existing_comment="session or api",
        )
        table.add_column(
            sa.Column("scopes", sa.JSON(none_as_null=True), comment="null: all that the person may")
        )
        table.add_column(
            sa.Column(
                "is_strong",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment=_SECOND_FACTOR,
            )
        )
        table.add_column(
            sa.Column("issuer", sa.String(255), comment="who signed the person in; null: this node")
        )
        table.add_column(sa.Column("last_used", _TIME, comment="to the hour"))
    _identities()
    _second_factors()
    _visas()
    _outside()


def _person(name: str = "person", **more: object) -> sa.Column[str]:
    return sa.Column(name, sa.String(40), nullable=False, **more)  # type: ignore[arg-type]


def _of_people(table: str, column: str = "person") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["people.id"], name=op.f(f"fk_{table}_{column}_people")
    )


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(255), nullable=False, comment="the issuer's URL"),
        sa.Column("subject", sa.String(255), nullable=False, comment="what it calls the person"),
        _person(),
        sa.Column("created", _TIME, nullable=False),
        _of_people("identities"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_person"), "identities", ["person"])


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        _person(),
        sa.Column(
            "secret",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed with a key outside the records",
        ),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("confirmed", _TIME, comment="null: begun"),
        sa.Column(
            "last_step", _BIG, nullable=False, comment="of 30 s; a code of it or before is used up"
        ),
        _of_people("second_factors"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        _person(),
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of 80 random bits"),
        sa.Column("used", _TIME),
        _of_people("recovery_codes"),
        sa.PrimaryKeyConstraint("person", "digest", name=op.f("pk_recovery_codes")),
    )


def _visas() -> None:
    op.create_table(
        "visas",
        _person(),
        sa.Column(
            "digest", sa.String(64), nullable=False, comment="SHA-256 of the visa as it came"
        ),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("by", sa.String(20), nullable=False),
        sa.Column("asserted", _TIME, nullable=False),
        sa.Column("expires", _TIME, nullable=False),
        sa.Column("taken", _TIME, nullable=False),
        sa.Column(
            "trouble",
            sa.Text(),
            nullable=False,
            comment="why it is not relied on; empty: it is",
        ),
        _of_people("visas"),
        sa.PrimaryKeyConstraint("person", "digest", name=op.f("pk_visas")),
    )


def _outside() -> None:
    op.create_table(
        "outside_grants",
        sa.Column("grant", sa.String(40), nullable=False),
        sa.Column("decider", sa.String(255), nullable=False, comment="issuer, or URL of a REMS"),
        sa.Column("reference", sa.String(255), nullable=False, comment="visa or entitlement"),
        sa.ForeignKeyConstraint(
            ["grant"], ["grants.id"], name=op.f("fk_outside_grants_grant_grants")
        ),
        sa.PrimaryKeyConstraint("grant", name=op.f("pk_outside_grants")),
    )
    op.create_index(op.f("ix_outside_grants_decider"), "outside_grants", ["decider"])
    op.create_index(op.f("ix_outside_grants_reference"), "outside_grants", ["reference"])
    op.create_table(
        "service_accounts",
        _person(),
        _person("owner"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        _of_people("service_accounts"),
        _of_people("service_accounts", "owner"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_service_accounts")),
    )
    op.create_index(op.f("ix_service_accounts_owner"), "service_accounts", ["owner"])
