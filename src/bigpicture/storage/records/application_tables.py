"""The tables of applications: committees, applications and their events, agreements, notices."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from bigpicture.storage.records.metadata import BIG, JSON_HELD, METADATA, TIME

committees = Table(
    "committees",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("contact", String(200), nullable=False, default=""),
    Column("rule", String(20), nullable=False, comment="majority, no-block or unanimous"),
    Column("quorum", Integer, nullable=False),
    Column("created", TIME, nullable=False),
)

committee_members = Table(
    "committee_members",
    METADATA,
    Column("committee", ForeignKey("committees.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True, index=True),
    Column("since", TIME, nullable=False),
)

committee_datasets = Table(
    "committee_datasets",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("committee", ForeignKey("committees.id"), nullable=False, index=True),
    Column("since", TIME, nullable=False),
)

applications = Table(
    "applications",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("applicant", ForeignKey("people.id"), nullable=False, index=True),
    Column("organisation", String(200), nullable=False, comment="the applicant's, then"),
    Column("title", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("created", TIME, nullable=False),
    Column("submitted", TIME),
    Column("changed", TIME, nullable=False, index=True),
    Column("seq", Integer, nullable=False, comment="of its last event"),
)
"""What lists need of applications; derived from their events in the same transaction."""

application_events = Table(
    "application_events",
    METADATA,
    Column("application", ForeignKey("applications.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("by", String(40), nullable=False, comment="a person's id, or node"),
    Column("command", String(40), nullable=False),
    Column("said", JSON_HELD, nullable=False),
)
"""The truth of an application: it is the fold of these."""

application_lines = Table(
    "application_lines",
    METADATA,
    Column("application", ForeignKey("applications.id"), primary_key=True),
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True, index=True),
    Column("committee", ForeignKey("committees.id"), nullable=False, index=True),
    Column("state", String(20), nullable=False),
)
"""Derived: the datasets of an application."""

application_people = Table(
    "application_people",
    METADATA,
    Column("application", ForeignKey("applications.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True, index=True),
    Column("part", String(20), primary_key=True, comment="applicant, member, signatory, reviewer"),
)
"""Derived: who has a part in an application."""

application_documents = Table(
    "application_documents",
    METADATA,
    Column("object", ForeignKey("objects.key"), primary_key=True, comment="sealed in the vault"),
    Column("application", ForeignKey("applications.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("since", TIME, nullable=False),
)
"""Bytes of documents. One that was submitted stays when another takes its place."""

agreements = Table(
    "agreements",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False, comment="click, signed or code-of-conduct"),
    Column("title", String(200), nullable=False),
    Column("text", Text, nullable=False, comment="Markdown"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the text"),
    Column("requires_reaccept", Boolean, nullable=False),
    Column("for_datasets", JSON_HELD, nullable=False, comment="accessions; none: all"),
    Column("since", TIME, nullable=False),
)

acceptances = Table(
    "acceptances",
    METADATA,
    Column("agreement", String(60), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("person", ForeignKey("people.id"), primary_key=True, index=True),
    Column("application", ForeignKey("applications.id"), primary_key=True),
    Column("method", String(20), nullable=False, comment="click or signature"),
    Column("organisation", String(200), nullable=False, comment="the person's, then"),
    Column("digest", String(64), nullable=False, comment="of the text that was accepted"),
    Column("at", TIME, nullable=False),
)

notices = Table(
    "notices",
    METADATA,
    Column("seq", BIG, primary_key=True, autoincrement=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("at", TIME, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("link", String(200), nullable=False, comment="a path of the portal"),
    Column("key", String(200), comment="told once: nobody gets two of one key"),
    Column("read", TIME),
    Index("ix_notices_person_seq", "person", "seq"),
    Index("uq_notices_person_key", "person", "key", unique=True),
    sqlite_autoincrement=True,
)
