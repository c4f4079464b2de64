"""Committees, applications with their events and documents, agreements, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """New tables only."""
    _committees()
    _applications()
    _agreements()
    _notices()


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    of = target.partition(".")[0]
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}_{of}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _committees() -> None:
    op.create_table(
        "committees",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False, comment="majority, no-block or unanimous"),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committees")),
        sa.UniqueConstraint("name", name=op.f("uq_committees_name")),
    )
    op.create_table(
        "committee_members",
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("committee", "person", name=op.f("pk_committee_members")),
        _foreign("committee_members", "committee", "committees.id"),
        _foreign("committee_members", "person", "people.id"),
    )
    _index("committee_members", "person")
    op.create_table(
        "committee_datasets",
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("dataset", name=op.f("pk_committee_datasets")),
        _foreign("committee_datasets", "dataset", "datasets.accession"),
        _foreign("committee_datasets", "committee", "committees.id"),
    )
    _index("committee_datasets", "committee")


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("applicant", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False, comment="the applicant's, then"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("submitted", _TIME),
        sa.Column("changed", _TIME, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, comment="of its last event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        _foreign("applications", "applicant", "people.id"),
    )
    for column in ("applicant", "state", "changed"):
        _index("applications", column)
    op.create_table(
        "application_events",
        sa.Column("application", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(40), nullable=False, comment="a person's id, or node"),
        sa.Column("command", sa.String(40), nullable=False),
        sa.Column("said", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("application", "seq", name=op.f("pk_application_events")),
        _foreign("application_events", "application", "applications.id"),
    )
    op.create_table(
        "application_lines",
        sa.Column("application", sa.String(40), nullable=False),
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("application", "dataset", name=op.f("pk_application_lines")),
        _foreign("application_lines", "application", "applications.id"),
        _foreign("application_lines", "dataset", "datasets.accession"),
        _foreign("application_lines", "committee", "committees.id"),
    )
    _index("application_lines", "dataset")
    _index("application_lines", "committee")
    op.create_table(
        "application_people",
        sa.Column("application", sa.String(40), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column(
            "part",
            sa.String(20),
            nullable=False,
            comment="applicant, member, signatory, reviewer",
        ),
        sa.PrimaryKeyConstraint(
            "application", "person", "part", name=op.f("pk_application_people")
        ),
        _foreign("application_people", "application", "applications.id"),
        _foreign("application_people", "person", "people.id"),
    )
    _index("application_people", "person")
    op.create_table(
        "application_documents",
        sa.Column("object", sa.String(200), nullable=False, comment="sealed in the vault"),
        sa.Column("application", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_application_documents")),
        _foreign("application_documents", "object", "objects.key"),
        _foreign("application_documents", "application", "applications.id"),
    )
    _index("application_documents", "application")


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind", sa.String(20), nullable=False, comment="click, signed or code-of-conduct"
        ),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="Markdown"),
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of the text"),
        sa.Column("requires_reaccept", sa.Boolean(), nullable=False),
        sa.Column("for_datasets", _JSON, nullable=False, comment="accessions; none: all"),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_agreements")),
    )
    op.create_table(
        "acceptances",
        sa.Column("agreement", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("application", sa.String(40), nullable=False),
        sa.Column("method", sa.String(20), nullable=False, comment="click or signature"),
        sa.Column("organisation", sa.String(200), nullable=False, comment="the person's, then"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the text that was accepted"),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(
            "agreement", "version", "person", "application", name=op.f("pk_acceptances")
        ),
        _foreign("acceptances", "person", "people.id"),
        _foreign("acceptances", "application", "applications.id"),
    )
    _index("acceptances", "person")


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("seq", _BIG, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(200), nullable=False, comment="a path of the portal"),
        sa.Column("key", sa.String(200), comment="told once: nobody gets two of one key"),
        sa.Column("read", _TIME),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notices")),
        _foreign("notices", "person", "people.id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notices_person_seq"), "notices", ["person", "seq"])
    op.create_index(op.f("uq_notices_person_key"), "notices", ["person", "key"], unique=True)
