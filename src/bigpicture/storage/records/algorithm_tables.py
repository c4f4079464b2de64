"""The tables of algorithms: whose they are, their versions, who may run them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from bigpicture.storage.records.metadata import BIG, JSON_HELD, METADATA, TIME

algorithms = Table(
    "algorithms",
    METADATA,
    Column("id", String(80), primary_key=True, comment="as manifests call it"),
    Column("owner", ForeignKey("people.id"), nullable=False, index=True),
    Column("tier", String(20), nullable=False, comment="who may run it"),
    Column("is_listed", Boolean, nullable=False, comment="false: only insiders know of it"),
    Column("terms", Text, nullable=False, comment="its policy in words, or empty"),
    Column("created", TIME, nullable=False),
)

algorithm_versions = Table(
    "algorithm_versions",
    METADATA,
    Column("algorithm", ForeignKey("algorithms.id"), primary_key=True),
    Column("version", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, comment="of manifest, code and weights"),
    Column("code", String(64), nullable=False, comment="SHA-256 over its files"),
    Column("manifest", Text, nullable=False, comment="TOML"),
    Column("card", Text, nullable=False, comment="model card, Markdown; or empty"),
    Column("package", ForeignKey("objects.key"), nullable=False, comment="its files, sealed"),
    Column("size", BIG, nullable=False, comment="bytes of the package"),
    Column("published", TIME, nullable=False),
    Column("published_by", String(40), nullable=False),
    Column("withdrawn", TIME, comment="from then on nobody runs it"),
    Column("withdrawn_by", String(40), nullable=False, comment="or empty"),
    Column("withdrawn_reason", Text, nullable=False, comment="or empty"),
)
"""A row is never changed but by its withdrawal."""

algorithm_grants = Table(
    "algorithm_grants",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("algorithm", ForeignKey("algorithms.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("uses", JSON_HELD, nullable=False, comment="run, weights"),
    Column("start", TIME, nullable=False),
    Column("end", TIME, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", String(40), nullable=False),
    Column("revoked", TIME),
    Index("ix_algorithm_grants_algorithm_id", "algorithm", "id"),
)
