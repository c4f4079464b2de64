"""Events: well named, in plain JSON, without secrets, in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bigpicture.ledger.read import events_after
from bigpicture.ledger.record import Act, record, record_all
from migrated import open_migrated


@pytest.fixture
def records(tmp_path):
    records = open_migrated(f"sqlite:///{tmp_path / 'records.sqlite'}")
    yield records
    records.close()


def test_what_is_recorded_is_what_is_read(records):
    with records.write() as connection:
        event = record(
            connection,
            actor="id-ada",
            action="dataset:published",
            subject="bb-dataset-aaaaaa-aaaaaa",
            details={"images": 3, "levels": (1, 2), "tier": "öppen"},
        )
    assert event.details == {"images": 3, "levels": [1, 2], "tier": "öppen"}
    assert abs(datetime.now(UTC) - event.time) < timedelta(minutes=1)
    with records.read() as connection:
        assert events_after(connection, 0, 10) == [event]


def test_events_are_paged_in_order(records):
    with records.write() as connection:
        made = [
            record(connection, actor="node", action="test:done", subject=str(n)) for n in range(5)
        ]
    with records.read() as connection:
        assert events_after(connection, 0, 2) == made[:2]
        assert events_after(connection, made[1].seq, 10) == made[2:]
        assert events_after(connection, made[4].seq, 10) == []


@pytest.mark.parametrize(
    "action", ["", "published", "dataset:", ":published", "Dataset:published", "a:b:c", "a b:c"]
)
def test_actions_read_subject_and_act(records, action):
    with pytest.raises(ValueError, match="subject:action"), records.write() as connection:
        record(connection, actor="node", action=action, subject="x")


@pytest.mark.parametrize(("actor", "subject"), [("", "x"), ("node", "")])
def test_somebody_did_it_to_something(records, actor, subject):
    with pytest.raises(ValueError, match="an actor and a subject"), records.write() as connection:
        record(connection, actor=actor, action="test:done", subject=subject)


@pytest.mark.parametrize(
    "details",
    [
        {"password": "x"},
        {"new_Password_hash": "x"},
        {"inner": [{"api_token": "x"}]},
        {"client-secret": "x"},
        {"privateKey": "x"},
    ],
)
def test_secrets_are_refused_without_being_repeated(records, details):
    with pytest.raises(ValueError, match="no place in an event"), records.write() as connection:
        record(connection, actor="node", action="test:done", subject="x", details=details)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", float("nan"), datetime.now(UTC)])
def test_details_are_json(records, value):
    with pytest.raises(ValueError, match="must be JSON"), records.write() as connection:
        record(connection, actor="node", action="test:done", subject="x", details={"a": value})


def test_details_are_not_a_copy_of_everything(records):
    with pytest.raises(ValueError, match="do not copy"), records.write() as connection:
        record(
            connection, actor="node", action="test:done", subject="x", details={"a": "x" * 70_000}
        )


def test_many_are_recorded_in_their_order(records):
    acts = [Act("node", "test:done", str(n), {"levels": (n,)}) for n in range(300)]
    with records.write() as connection:
        record_all(connection, iter(acts))
        record_all(connection, [])
    with records.read() as connection:
        found = events_after(connection, 0, 1000)
    assert [(each.subject, each.details) for each in found] == [
        (str(n), {"levels": [n]}) for n in range(300)
    ]
    assert [each.seq for each in found] == list(range(1, 301))


@pytest.mark.parametrize(
    "act",
    [
        Act("node", "published", "x"),
        Act("", "test:done", "x"),
        Act("node", "test:done", ""),
        Act("node", "test:done", "x", {"token": 1}),
        Act("node", "test:done", "x", {"a": float("nan")}),
    ],
)
def test_one_wrong_act_records_none(records, act):
    with pytest.raises(ValueError), records.write() as connection:  # noqa: PT011
        record_all(connection, [Act("node", "test:done", "x"), act])
    with records.read() as connection:
        assert events_after(connection, 0, 10) == []
