"""Grants that say for what, under which conditions and why they wait; duties, bars, seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_TIME = sa.DateTime(timezone=True)
_ID = sa.String(length=40)
_JSON = sa.JSON(none_as_null=True)
_NAME_SQLITE = """UPDATE events SET by_grant = json_extract(details, '$.grant')
WHERE action IN ('image:read', 'file:deliver')"""
_NAME_POSTGRESQL = """UPDATE events SET by_grant = details->>'grant'
WHERE action IN ('image:read', 'file:deliver')"""


def upgrade() -> None:
    """Grants of before allow every use and have begun; their events are found by them."""
    _widen_grants()
    _name_grants_of_events()
    _create_blocks()
    _create_duties()
    _create_seals()


def _widen_grants() -> None:
    for column in (
        sa.Column("uses", _JSON, comment="view, stream, download, compute; null: all of them"),
        sa.Column("conditions", _JSON, comment="sentences of the decision"),
        sa.Column("application", _ID, comment="that it rests on"),
        sa.Column("holds", _JSON, comment="cause: since when"),
        sa.Column("begun", _TIME, comment="when it was first without holds"),
        sa.Column("expired", _TIME, comment="when its end was put on record"),
        sa.Column("superseded_by", _ID, comment="the grant in its place"),
    ):
        op.add_column("grants", column)
    op.execute('UPDATE grants SET begun = "start"')
    op.create_index(op.f("ix_grants_application"), "grants", ["application"])
    op.create_index("ix_grants_dataset_id", "grants", ["dataset", "id"])
    op.create_index("ix_grants_expired_end", "grants", ["expired", "end"])


def _name_grants_of_events() -> None:
    comment = "of the details: the grant it rests on"
    op.add_column("events", sa.Column("by_grant", _ID, comment=comment))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(_NAME_SQLITE if is_sqlite else _NAME_POSTGRESQL)
    op.create_index(
        "ix_events_by_grant",
        "events",
        ["by_grant", "action", "subject", "time"],
        sqlite_where=sa.text("by_grant IS NOT NULL"),
        postgresql_where=sa.text("by_grant IS NOT NULL"),
    )


def _create_blocks() -> None:
    op.create_table(
        "dataset_blocks",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("grant", _ID, nullable=False, comment="that was misused"),
        sa.Column("by", _ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_dataset_blocks_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_dataset_blocks_person_people")
        ),
        sa.PrimaryKeyConstraint("dataset", "person", name=op.f("pk_dataset_blocks")),
    )
    op.create_index(op.f("ix_dataset_blocks_person"), "dataset_blocks", ["person"])


def _create_duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", _ID, nullable=False),
        sa.Column("grant", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False, comment="the grant's"),
        sa.Column("dataset", sa.String(length=80), nullable=False, comment="the grant's"),
        sa.Column("kind", _ID, nullable=False),
        sa.Column("clause", _ID, nullable=False, comment="where the duty stands"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", _TIME, comment="exclusive; null: whenever its occasion comes"),
        sa.Column("done", _TIME),
        sa.Column("done_by", _ID, nullable=False, comment="or empty"),
        sa.Column("evidence", sa.Text(), nullable=False, comment="or empty"),
        sa.Column("waived", _TIME),
        sa.Column("waived_by", _ID, nullable=False, comment="or empty"),
        sa.Column("waived_reason", sa.Text(), nullable=False, comment="or empty"),
        sa.Column("missed", _TIME, comment="when its grant was held for it"),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], name=op.f("fk_duties_grant_grants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    op.create_index(op.f("ix_duties_grant"), "duties", ["grant"])
    op.create_index("ix_duties_person_dataset", "duties", ["person", "dataset"])
    op.create_index("ix_duties_missed_due", "duties", ["missed", "due"])


def _create_seals() -> None:
    op.create_table(
        "seals",
        sa.Column("id", _ID, nullable=False),
        sa.Column(
            "scope", sa.String(length=20), nullable=False, comment="node, site, dataset, ..."
        ),
        sa.Column(
            "of", sa.String(length=400), nullable=False, comment="what is sealed; empty: the node"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("by", _ID, nullable=False, comment="a person's id, or node"),
        sa.Column("opened", _TIME, comment="when the second person had agreed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
    )
    op.create_index(op.f("ix_seals_opened"), "seals", ["opened"])
    op.create_table(
        "seal_openings",
        sa.Column("seal", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seal"], ["seals.id"], name=op.f("fk_seal_openings_seal_seals")),
        sa.PrimaryKeyConstraint("seal", "person", name=op.f("pk_seal_openings")),
    )
