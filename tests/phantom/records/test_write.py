"""Invented datasets in the records of SQLite and PostgreSQL: whole, the same, gone again."""

from __future__ import annotations

from collections import Counter

import pytest
from bigpicture.catalogue.facts import read_facts
from sqlalchemy import MetaData, func, inspect, select

from bigpicture.model.errors import ConflictError
from bigpicture.model.identifiers import Accession
from bigpicture.model.query import Facet
from bigpicture.phantom.records.plan import more_datasets, plan_datasets
from bigpicture.phantom.records.write import (
    check_invented,
    invented,
    remove_datasets,
    write_datasets,
)
from bigpicture.storage.records import migrate, open_records
from bigpicture.storage.records import tables as t
from published import CONTROLLED, OPEN, publish_two
from published import make_stores as stores_in

PLAN = plan_datasets(seed=7, slides=1_500, datasets=6)


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request, tmp_path):
    if request.param == "sqlite":
        made = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}")
    else:
        made = open_records(request.getfixturevalue("make_postgresql_url")())
    migrate(made)
    yield made
    made.close()


def unheard(_done):
    pass


def content(records, *, but=("events", "changes", "alembic_version")):
    """Every row of every table, in an order of its own."""
    with records.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in t.METADATA.sorted_tables
            if table.name not in but
        }


def test_everything_that_was_planned_is_there(records):
    assert write_datasets(records, PLAN, unheard) == 6

    with records.read() as connection:
        sizes = connection.execute(
            select(t.images.c.dataset, func.count()).group_by(t.images.c.dataset)
        )
        assert {row[0]: row[1] for row in sizes} == {each.accession: each.slides for each in PLAN}
        for table in (t.beings, t.specimens, t.slides, t.images, t.observations):
            name = connection.scalar(select(table.c.accession).limit(1))
            assert Accession.parse(name) == name
        if records.engine.dialect.name == "sqlite":  # PostgreSQL has looked at each row itself
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        sequence = connection.execute(
            select(t.datasets.c.seq, t.changes.c.seq).join(
                t.changes, t.changes.c.dataset == t.datasets.c.accession
            )
        ).all()
        assert all(row[0] == row[1] for row in sequence)
        acts = Counter(connection.scalars(select(t.events.c.action)))
    assert acts == {"dataset:invent": 6}


def test_the_catalogue_reads_them(records):
    write_datasets(records, PLAN, unheard)

    with records.read() as connection:
        for planned in PLAN:
            facts = read_facts(connection, planned.accession)
            assert facts.counts["images"] == planned.slides
            assert facts.is_clinical == planned.is_clinical
            assert facts.terms(Facet.ORGAN)
            assert facts.terms(Facet.SPECIES)
            assert {each.name for each in facts.variables} == (
                set() if planned.is_clinical else {"compound", "dose_group"}
            )
            for image in facts.images:
                assert image.organs
                assert image.diagnoses
                assert image.columns > 0
                if not planned.is_clinical:
                    assert set(image.companion) == {"compound", "dose_group"}
    assert {each.is_clinical for each in PLAN} == {True, False}, "both kinds were read"


def test_controls_got_nothing_and_the_treated_something(records):
    write_datasets(records, PLAN, unheard)

    with records.read() as connection:
        held = connection.execute(
            select(t.beings.c.control, t.companion_rows.c.held).join(
                t.companion_rows, t.companion_rows.c.entity == t.beings.c.accession
            )
        ).all()
    assert {control for control, _ in held} == {"CONTROL", "TREATED"}
    for control, cells in held:
        assert (cells["compound"] == "VEHICLE") == (control == "CONTROL")


def test_the_same_seed_writes_the_same_everywhere(tmp_path, make_postgresql_url):
    written = []
    for url in (
        f"sqlite:///{tmp_path / 'one.sqlite'}",
        f"sqlite:///{tmp_path / 'two.sqlite'}",
        make_postgresql_url(),
    ):
        records = open_records(url)
        migrate(records)
        write_datasets(records, PLAN, unheard)
        written.append(content(records))
        records.close()

    assert written[0] == written[1] == written[2]


def test_what_was_stopped_goes_on_to_the_same(records, tmp_path):
    class StoppedError(Exception):
        pass

    def stop_at_third(done):
        heard.append(done)
        if len(heard) == 3:
            raise StoppedError

    heard = []
    with pytest.raises(StoppedError):
        write_datasets(records, PLAN, stop_at_third)
    assert len(invented(records)) == 3
    assert write_datasets(records, PLAN, unheard) == 3

    whole = open_records(f"sqlite:///{tmp_path / 'whole.sqlite'}")
    migrate(whole)
    write_datasets(whole, PLAN, unheard)
    assert content(records) == content(whole)
    whole.close()


def test_another_plan_is_refused(records):
    write_datasets(records, PLAN, unheard)

    with pytest.raises(ConflictError, match="one plan a node"):
        write_datasets(records, plan_datasets(seed=7, slides=1_600, datasets=6), unheard)


def test_more_are_published_beside(records):
    write_datasets(records, PLAN, unheard)
    more = more_datasets(seed=7, after=5, slides=20, datasets=2, published=PLAN[0].published)

    assert write_datasets(records, more, unheard) == 2
    assert len(invented(records)) == 8


@pytest.fixture(params=["sqlite", "postgresql"])
def real(request, tmp_path):
    """A node with two real datasets."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("make_postgresql_url")()
    stores = stores_in(tmp_path / "data", url)
    publish_two(stores)
    yield stores.records
    stores.records.close()


def test_real_datasets_are_never_mixed_up(real):
    with pytest.raises(ConflictError, match="2 datasets that are not invented"):
        check_invented(real, center="bb", is_beside=False)
    with pytest.raises(ConflictError, match="begin with synth"):
        check_invented(real, center="synth", is_beside=True)
    check_invented(real, center="bb", is_beside=True)


def test_what_is_removed_leaves_the_rest_as_it_was(real):
    before, tied = content(real), references(real)
    write_datasets(real, PLAN, unheard)
    heard = []

    assert remove_datasets(real, heard.append) == 6

    assert content(real) == before
    assert references(real) == tied
    assert sum(heard) == 1_500
    with real.read() as connection:
        assert set(connection.scalars(select(t.datasets.c.accession))) == {OPEN, CONTROLLED}
        withdrawn = connection.scalars(
            select(t.changes.c.dataset).where(t.changes.c.kind == "withdrawn")
        )
        assert set(withdrawn) == {each.accession for each in PLAN}


def references(records):
    """Every reference between tables, as the database itself tells."""
    there = MetaData()
    there.reflect(records.engine)
    return {
        name: sorted(
            (each["constrained_columns"], each["referred_table"])
            for each in inspect(records.engine).get_foreign_keys(name)
        )
        for name in there.tables
    }
