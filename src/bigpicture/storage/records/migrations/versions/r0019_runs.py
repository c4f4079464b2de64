"""Runs: algorithms over cohorts, slide by slide, and what they gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def _word(name: str, length: int, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, comment=comment)


def _time(name: str, comment: str | None = None, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _whole(name: str, comment: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, comment=comment)


def _points(table: str, column: str, to: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}")
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _image(table: str) -> sa.ForeignKeyConstraint:
    return _points(table, "image", "images", "accession")


def upgrade() -> None:
    """Seven new tables; there were no runs before."""
    _runs()
    _slides()
    _results()
    _beside_results()


def _runs() -> None:
    op.create_table(
        "runs",
        _word("id", 40),
        _word("person", 40),
        _word("algorithm", 200),
        _word("version", 40),
        _text("title"),
        sa.Column(
            "stages",
            sa.JSON(),
            nullable=False,
            comment="algorithms in their order, the asked last",
        ),
        _word("cohort", 40, "or empty"),
        sa.Column("cohort_version", sa.Integer()),
        sa.Column("images", _BIG, nullable=False),
        _word("state", 20, "running, done, cancelled"),
        _text("reason", "of a cancelled one, or empty"),
        sa.Column(
            "deadline", sa.Float(), nullable=False, comment="seconds that one slide may take"
        ),
        _time("created", nullable=False),
        _time("started", "of its first slide"),
        _time("ended"),
        _points("runs", "person", "people", "id"),
        _key("runs", "id"),
    )
    op.create_index(op.f("ix_runs_state"), "runs", ["state"])
    op.create_index("ix_runs_person_created", "runs", ["person", "created"])
    op.create_table(
        "run_datasets",
        _word("run", 40),
        _word("dataset", 80),
        _points("run_datasets", "run", "runs", "id"),
        _points("run_datasets", "dataset", "datasets", "accession"),
        _key("run_datasets", "run", "dataset"),
    )


def _slides() -> None:
    op.create_table(
        "run_slides",
        _word("run", 40),
        sa.Column("ordinal", sa.Integer(), nullable=False, autoincrement=False),
        _word("image", 80),
        _word("dataset", 80),
        _word("key", 64, "of the asked algorithm's result"),
        _word("state", 20),
        _word("reason", 40, "a code, or empty"),
        _text("text", "the same for people, or empty"),
        _word("owner", 80, "who holds the lease, or empty"),
        _time("lease_until"),
        _time("not_before", "of a slide that is tried again"),
        _whole("attempt", "how often it was leased"),
        _whole("faults", "of the platform, while it was worked on"),
        _time("started", "when it was leased last"),
        _time("ended"),
        sa.Column("timings", sa.JSON(), comment="seconds by stage"),
        _text("log", "lines of ours, or empty"),
        _points("run_slides", "run", "runs", "id"),
        _image("run_slides"),
        _key("run_slides", "run", "ordinal"),
    )
    op.create_index("ix_run_slides_run_state", "run_slides", ["run", "state", "ordinal"])
    op.create_index("ix_run_slides_state_ordinal", "run_slides", ["state", "ordinal"])
    op.create_index("ix_run_slides_image", "run_slides", ["image"])


def _results() -> None:
    op.create_table(
        "results",
        _word("key", 64),
        _word("image", 80),
        _word("output", 100),
        _word("kind", 20),
        _word("dataset", 80),
        _word("run", 40, "that computed it"),
        _word("algorithm", 200),
        _word("version", 40),
        sa.Column("object", sa.String(length=200), comment="null: a facet, its row is all of it"),
        _word("media_type", 100),
        sa.Column("size", _BIG, nullable=False),
        _word("sha256", 64),
        _time("created", nullable=False),
        _image("results"),
        _points("results", "dataset", "datasets", "accession"),
        _points("results", "run", "runs", "id"),
        _points("results", "object", "objects", "key"),
        _key("results", "key", "image", "output"),
    )
    op.create_index("ix_results_image", "results", ["image"])
    op.create_index(op.f("ix_results_dataset"), "results", ["dataset"])


def _beside_results() -> None:
    op.create_table(
        "result_facets",
        _word("key", 64),
        _word("image", 80),
        _word("name", 100),
        _word("algorithm", 200),
        _word("unit", 60),
        sa.Column("number", sa.Float()),
        sa.Column("text", sa.Text()),
        _image("result_facets"),
        _key("result_facets", "key", "image", "name"),
    )
    op.create_index("ix_result_facets_image", "result_facets", ["image"])
    op.create_index(
        "ix_result_facets_algorithm_name_number",
        "result_facets",
        ["algorithm", "name", "number"],
    )
    op.create_table(
        "result_failures",
        _word("key", 64),
        _word("image", 80),
        _word("state", 20, "failed or skipped"),
        _word("reason", 40),
        _text("text"),
        _word("run", 40),
        _time("created", nullable=False),
        _image("result_failures"),
        _points("result_failures", "run", "runs", "id"),
        _key("result_failures", "key", "image"),
    )
    op.create_index("ix_result_failures_image", "result_failures", ["image"])
    op.create_table(
        "result_reads",
        _word("person", 40),
        _word("key", 64),
        _word("image", 80),
        _time("time", nullable=False),
        _key("result_reads", "person", "key", "image"),
    )
