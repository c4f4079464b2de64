"""The tables of who people are elsewhere, of second factors, and of what visas say of people."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Text

from bigpicture.storage.records.metadata import BIG, METADATA, TIME

identities = Table(
    "identities",
    METADATA,
    Column("issuer", String(255), primary_key=True, comment="the issuer's URL"),
    Column("subject", String(255), primary_key=True, comment="what it calls the person"),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("created", TIME, nullable=False),
)

second_factors = Table(
    "second_factors",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("secret", LargeBinary, nullable=False, comment="sealed with a key outside the records"),
    Column("created", TIME, nullable=False),
    Column("confirmed", TIME, comment="null: begun"),
    Column("last_step", BIG, nullable=False, comment="of 30 s; a code of it or before is used up"),
)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("digest", String(64), primary_key=True, comment="SHA-256 of 80 random bits"),
    Column("used", TIME),
)

visas = Table(
    "visas",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the visa as it came"),
    Column("issuer", String(255), nullable=False),
    Column("type", String(255), nullable=False),
    Column("value", Text, nullable=False),
    Column("source", String(255), nullable=False),
    Column("by", String(20), nullable=False),
    Column("asserted", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("taken", TIME, nullable=False),
    Column("trouble", Text, nullable=False, comment="why it is not relied on; empty: it is"),
)
"""What was handed in last, by person."""

outside_grants = Table(
    "outside_grants",
    METADATA,
    Column("grant", ForeignKey("grants.id"), primary_key=True),
    Column("decider", String(255), nullable=False, index=True, comment="issuer, or URL of a REMS"),
    Column("reference", String(255), nullable=False, index=True, comment="visa or entitlement"),
)
"""Grants that this node records because somebody whom it trusts decided so."""

service_accounts = Table(
    "service_accounts",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("owner", ForeignKey("people.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("created", TIME, nullable=False),
)
"""People that are programs: no password, tokens made by a steward."""
