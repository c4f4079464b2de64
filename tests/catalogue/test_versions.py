"""What became of a dataset, told alike on SQLite and on PostgreSQL."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from bigpicture.catalogue.listed import read_listed
from bigpicture.catalogue.versions import What, read_versions, tell_versions
from bigpicture.ledger.record import record
from bigpicture.storage.records import tables as t
from faces import ACCESSION, PUBLISHED, facts
from published import CONTROLLED, OPEN, dataset_row, make_stores

LATER = [datetime(2026, 5, day, hour, tzinfo=UTC) for day, hour in ((2, 8), (2, 17), (9, 6))]


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path):
    url = "" if request.param == "sqlite" else request.getfixturevalue("make_postgresql_url")()
    made = make_stores(tmp_path / "data", url)
    yield made
    made.records.close()


def read(stores, held):
    with stores.records.read() as connection:
        return read_versions(connection, held)


def publish(stores, **details):
    with stores.records.write() as connection:
        return record(
            connection,
            actor="node",
            action="dataset:publish",
            subject=ACCESSION,
            details=details,
        )


def erase(stores, moment, dataset=ACCESSION):
    with stores.records.write() as connection:
        connection.execute(insert(t.changes).values(dataset=dataset, kind="erased", time=moment))


def test_a_dataset_tells_when_it_came_and_what_its_contributors_say(stores):
    (version, earlier) = read(stores, facts())
    assert (version.what, version.version, version.date) == (What.PUBLISHED, "1.2.0", PUBLISHED)
    assert version.note == "more"
    assert (earlier.what, earlier.version, earlier.date) == (What.STATED, "1.0.0", None)
    assert earlier.note == "first"


def test_counts_are_those_of_the_event(stores):
    publish(stores, version="1.0.0", images=100, beings=40, cases=40)
    publish(stores, version="1.2.0", images=112, beings=39, cases=40)
    held = facts(changelog=[["1.2.0", "more"]])
    newest, first = read(stores, held)
    assert first.counts == {"images": 100, "beings": 40, "cases": 40}
    told = tell_versions((newest, first), held, is_open=True)
    assert told[0].counts == {"images": "112", "beings": "39", "cases": "40"}
    assert told[0].changes == {"images": 12, "beings": -1}
    assert told[1].changes == {}


def test_who_may_not_open_it_sees_no_differences_and_no_small_counts(stores):
    publish(stores, version="1.0.0", images=100, beings=40)
    publish(stores, version="1.2.0", images=9, beings=3, cases=3, observations=12)
    held = facts(changelog=[])
    newest, first = tell_versions(read(stores, held), held, is_open=False)
    assert newest.changes == first.changes == {}
    assert newest.counts == {
        "images": "of <5 beings",
        "beings": "<5",
        "cases": "<5",
        "observations": "of <5 beings",
    }
    assert first.counts == {"images": "100", "beings": "40"}


def test_erasures_are_told_by_the_day_and_never_one_by_one(stores):
    publish(stores, version="1.2.0", images=100, beings=40)
    for moment in LATER:
        erase(stores, moment)
    erase(stores, LATER[0], dataset="bb-dataset-otherz-otherz")
    held = facts(changelog=[])
    found = [each for each in read(stores, held) if each.what is What.ERASED]
    assert [(each.date, each.erased) for each in found] == [(LATER[2], 1), (LATER[1], 2)]
    for is_open in (True, False):
        told = tell_versions(found, held, is_open=is_open)
        assert [each.erased for each in told] == ["<5", "<5"]


def test_a_changelog_of_any_shape_is_taken(stores):
    for changelog in (None, "typed", [["1"]], [["a", None]], {"1": "x"}):
        assert read(stores, facts(changelog=changelog))[0].what is What.PUBLISHED


def test_the_list_of_pages_names_the_last_change_of_each(stores):
    with stores.records.write() as connection:
        for seq, (accession, tier) in enumerate(((OPEN, "open"), (CONTROLLED, "controlled"))):
            connection.execute(insert(t.datasets).values(dataset_row(accession, tier, seq)))
        connection.execute(update(t.datasets).values(published=PUBLISHED))
        connection.execute(insert(t.changes).values(dataset=OPEN, kind="published", time=PUBLISHED))
    for moment in LATER:
        erase(stores, moment, dataset=OPEN)
    erase(stores, LATER[2], dataset="bb-dataset-withdr-awnzzz")
    with stores.records.read() as connection:
        listed = read_listed(connection, LATER[2])
    assert listed == [(CONTROLLED, PUBLISHED), (OPEN, LATER[2])]
