"""The tables around grants: who is barred from a dataset, duties, seals."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from bigpicture.storage.records.metadata import METADATA, TIME

dataset_blocks = Table(
    "dataset_blocks",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True, index=True),
    Column("since", TIME, nullable=False),
    Column("grant", String(40), nullable=False, comment="that was misused"),
    Column("by", String(40), nullable=False),
    Column("reason", Text, nullable=False),
)

duties = Table(
    "duties",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("grant", ForeignKey("grants.id"), nullable=False, index=True),
    Column("person", String(40), nullable=False, comment="the grant's"),
    Column("dataset", String(80), nullable=False, comment="the grant's"),
    Column("kind", String(40), nullable=False),
    Column("clause", String(40), nullable=False, comment="where the duty stands"),
    Column("text", Text, nullable=False),
    Column("due", TIME, comment="exclusive; null: whenever its occasion comes"),
    Column("done", TIME),
    Column("done_by", String(40), nullable=False, comment="or empty"),
    Column("evidence", Text, nullable=False, comment="or empty"),
    Column("waived", TIME),
    Column("waived_by", String(40), nullable=False, comment="or empty"),
    Column("waived_reason", Text, nullable=False, comment="or empty"),
    Column("missed", TIME, comment="when its grant was held for it"),
    Index("ix_duties_person_dataset", "person", "dataset"),
    Index("ix_duties_missed_due", "missed", "due"),
)

seals = Table(
    "seals",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("scope", String(20), nullable=False, comment="node, site, dataset, ..."),
    Column("of", String(400), nullable=False, comment="what is sealed; empty: the node"),
    Column("reason", Text, nullable=False),
    Column("since", TIME, nullable=False),
    Column("by", String(40), nullable=False, comment="a person's id, or node"),
    Column("opened", TIME, index=True, comment="when the second person had agreed"),
)

seal_openings = Table(
    "seal_openings",
    METADATA,
    Column("seal", ForeignKey("seals.id"), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("at", TIME, nullable=False),
    Column("reason", Text, nullable=False),
)
