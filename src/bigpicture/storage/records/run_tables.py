"""The tables of runs: what was asked, how each slide stands, what was computed and kept."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from bigpicture.storage.records.metadata import BIG, JSON_HELD, METADATA, TIME

runs = Table(
    "runs",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("algorithm", String(200), nullable=False),
    Column("version", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column(
        "stages", JSON_HELD, nullable=False, comment="algorithms in their order, the asked last"
    ),
    Column("cohort", String(40), nullable=False, comment="or empty"),
    Column("cohort_version", Integer),
    Column("images", BIG, nullable=False),
    Column("state", String(20), nullable=False, index=True, comment="running, done, cancelled"),
    Column("reason", Text, nullable=False, comment="of a cancelled one, or empty"),
    Column("deadline", Float, nullable=False, comment="seconds that one slide may take"),
    Column("created", TIME, nullable=False),
    Column("started", TIME, comment="of its first slide"),
    Column("ended", TIME),
    Index("ix_runs_person_created", "person", "created"),
)

run_datasets = Table(
    "run_datasets",
    METADATA,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
)

run_slides = Table(
    "run_slides",
    METADATA,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("image", ForeignKey("images.accession"), nullable=False),
    Column("dataset", String(80), nullable=False),
    Column("key", String(64), nullable=False, comment="of the asked algorithm's result"),
    Column("state", String(20), nullable=False),
    Column("reason", String(40), nullable=False, comment="a code, or empty"),
    Column("text", Text, nullable=False, comment="the same for people, or empty"),
    Column("owner", String(80), nullable=False, comment="who holds the lease, or empty"),
    Column("lease_until", TIME),
    Column("not_before", TIME, comment="of a slide that is tried again"),
    Column("attempt", Integer, nullable=False, comment="how often it was leased"),
    Column("faults", Integer, nullable=False, comment="of the platform, while it was worked on"),
    Column("started", TIME, comment="when it was leased last"),
    Column("ended", TIME),
    Column("timings", JSON_HELD, comment="seconds by stage"),
    Column("log", Text, nullable=False, comment="lines of ours, or empty"),
    Index("ix_run_slides_run_state", "run", "state", "ordinal"),
    Index("ix_run_slides_state_ordinal", "state", "ordinal"),
    Index("ix_run_slides_image", "image"),
)

results = Table(
    "results",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("image", ForeignKey("images.accession"), primary_key=True),
    Column("output", String(100), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("dataset", ForeignKey("datasets.accession"), nullable=False, index=True),
    Column("run", ForeignKey("runs.id"), nullable=False, comment="that computed it"),
    Column("algorithm", String(200), nullable=False),
    Column("version", String(40), nullable=False),
    Column("object", ForeignKey("objects.key"), comment="null: a facet, its row is all of it"),
    Column("media_type", String(100), nullable=False),
    Column("size", BIG, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created", TIME, nullable=False),
    Index("ix_results_image", "image"),
)
"""All outputs of a key and an image come with one transaction: there are all of them, or none."""

result_facets = Table(
    "result_facets",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("image", ForeignKey("images.accession"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("algorithm", String(200), nullable=False),
    Column("unit", String(60), nullable=False),
    Column("number", Float),
    Column("text", Text),
    Index("ix_result_facets_image", "image"),
    Index("ix_result_facets_algorithm_name_number", "algorithm", "name", "number"),
)

result_failures = Table(
    "result_failures",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("image", ForeignKey("images.accession"), primary_key=True),
    Column("state", String(20), nullable=False, comment="failed or skipped"),
    Column("reason", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("created", TIME, nullable=False),
    Index("ix_result_failures_image", "image"),
)
"""What an algorithm fails at, it fails at again: it is not tried anew for the same key."""

result_reads = Table(
    "result_reads",
    METADATA,
    Column("person", String(40), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("image", String(80), primary_key=True),
    Column("time", TIME, nullable=False),
)
"""Who has read a result: the first time is an event."""
