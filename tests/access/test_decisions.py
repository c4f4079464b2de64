import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from bigpicture.access import decisions as module
from bigpicture.access.decide import Reason
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import FRESH_SECONDS, Epoch, Epochs, bump
from bigpicture.access.grant import list_grants, revoke_grant
from bigpicture.access.standing import set_standing
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, InputError, StorageError, UnknownError
from bigpicture.model.person import TokenScope
from bigpicture.model.standing import Standing
from bigpicture.storage.records.tables import epochs
from published import CONTROLLED, OPEN, UNKNOWN, add_person, grant


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def decisions(stores, frames, clock):
    return Decisions(stores.records, Epochs(stores.records, clock=clock))


@pytest.fixture
def statements(stores):
    seen = []
    event.listen(
        stores.records.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: seen.append(statement),
    )
    return seen


def test_a_grant_opens_and_its_revocation_closes_within_the_documented_time(
    stores, decisions, clock
):
    ada, _ = add_person(stores, "ada", "researcher")
    assert not decisions.decide(ada, CONTROLLED).allowed
    given = grant(stores, ada)
    clock.now += FRESH_SECONDS
    assert decisions.decide(ada, CONTROLLED).allowed
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    clock.now += FRESH_SECONDS
    assert not decisions.decide(ada, CONTROLLED).allowed


def test_a_remembered_grant_ends_on_time_without_a_query(
    stores, decisions, statements, monkeypatch
):
    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada)
    assert decisions.decide(ada, CONTROLLED).allowed
    statements.clear()

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return given.end

    monkeypatch.setattr(module, "datetime", Later)
    assert not decisions.decide(ada, CONTROLLED).allowed
    assert statements == []


def test_another_dataset_and_another_person_stay_closed(stores, decisions, clock):
    ada, _ = add_person(stores, "ada")
    bob, _ = add_person(stores, "bob")
    grant(stores, ada, OPEN)
    clock.now += 1
    assert not decisions.decide(ada, CONTROLLED).allowed
    grant(stores, ada)
    clock.now += 1
    assert decisions.decide(ada, CONTROLLED).allowed
    assert not decisions.decide(bob, CONTROLLED).allowed


def test_an_unknown_dataset_is_unknown(decisions):
    with pytest.raises(UnknownError):
        decisions.decide(None, UNKNOWN)


def test_many_decisions_take_two_queries_and_then_none(stores, decisions, statements):
    ada, _ = add_person(stores, "ada")
    decisions.decide(None, OPEN)  # the epoch is read
    statements.clear()
    given = decisions.decide_each(ada, [OPEN, CONTROLLED])
    assert {name: decision.allowed for name, decision in given.items()} == {
        OPEN: True,
        CONTROLLED: False,
    }
    assert len([each for each in statements if each.startswith("SELECT")]) == 2
    statements.clear()
    decisions.decide_each(ada, [OPEN, CONTROLLED])
    assert asyncio.run(decisions.awaited(ada, OPEN)).allowed
    assert statements == []


def test_who_cannot_read_the_epoch_opens_nothing(decisions, clock, monkeypatch, stores):
    assert decisions.decide(None, OPEN).allowed

    def fail():
        raise StorageError("the records are away.")

    monkeypatch.setattr(stores.records, "read", fail)
    clock.now += FRESH_SECONDS
    with pytest.raises(StorageError):
        decisions.decide(None, OPEN)
    with pytest.raises(StorageError):
        asyncio.run(decisions.awaited(None, OPEN))


def test_a_grant_and_its_revocation_carry_events_and_move_the_epoch(stores, frames):
    def seal():
        with stores.records.read() as connection:
            return connection.scalar(select(epochs.c.value).where(epochs.c.name == Epoch.SEAL))

    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada)
    first = seal()
    with stores.records.write() as connection:
        revoked = revoke_grant(connection, given.id, reason="misuse", by="steward-1")
    assert revoked.revoked is not None
    assert seal() == first + 1
    with stores.records.read() as connection:
        told = events_after(connection, 0, 100)[-4:]
        assert list_grants(connection, person=ada.id) == [revoked]
    acts = ["grant:record", "duty:open", "grant:revoke", "duty:close"]
    assert [each.action for each in told] == acts
    assert told[2].details["reason"] == "misuse"


def test_a_grant_that_fails_leaves_no_event_and_no_epoch(stores, frames):
    ada, _ = add_person(stores, "ada")
    with stores.records.read() as connection:
        before = len(events_after(connection, 0, 100))
    now = datetime.now(UTC)
    with pytest.raises(InputError):
        grant(stores, ada, start=now, end=now)
    with pytest.raises(UnknownError):
        grant(stores, ada, UNKNOWN)
    with stores.records.read() as connection:
        assert len(events_after(connection, 0, 100)) == before


def test_a_grant_is_revoked_once(stores, frames):
    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada, end=datetime.now(UTC) + timedelta(days=1))
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    with stores.records.write() as connection, pytest.raises(ConflictError):
        revoke_grant(connection, given.id, reason="over", by="node")


def test_the_epochs_are_read_once_in_their_time(stores, statements):
    clock = Clock()
    known = Epochs(stores.records, clock=clock)
    assert known.known() is None
    for _ in range(100):
        assert known.current()[Epoch.SEAL] == 0
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
    with stores.records.write() as connection:
        bump(connection)
    clock.now += FRESH_SECONDS
    assert known.known() is None
    assert asyncio.run(known.awaited())[Epoch.SEAL] == 1


def test_what_one_opens_is_the_same_set_until_a_grant_ends(
    stores, decisions, statements, monkeypatch
):
    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada)
    names = (OPEN, CONTROLLED, UNKNOWN)  # the last was withdrawn meanwhile
    opened = decisions.scope(ada, names).opened
    assert opened == {OPEN, CONTROLLED}
    assert decisions.scope(None, names).opened == {OPEN}
    statements.clear()
    assert decisions.scope(ada, names).opened is opened
    assert statements == []
    assert decisions.scope(ada, (CONTROLLED,)).opened == {CONTROLLED}

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return given.end

    monkeypatch.setattr(module, "datetime", Later)
    assert decisions.scope(ada, names).opened == {OPEN}


def test_what_one_opens_closes_with_a_revocation(stores, decisions, clock):
    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada)
    names = (OPEN, CONTROLLED)
    assert decisions.scope(ada, names).opened == {OPEN, CONTROLLED}
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    clock.now += FRESH_SECONDS
    assert decisions.scope(ada, names).opened == {OPEN}


def test_a_clock_that_is_set_back_opens_nothing_that_has_ended(stores, decisions, monkeypatch):
    ada, _ = add_person(stores, "ada")
    given = grant(stores, ada)
    moments = iter([given.end, given.end - timedelta(minutes=30)])

    class Jumping(datetime):
        @classmethod
        def now(cls, zone=None):
            return next(moments)

    monkeypatch.setattr(module, "datetime", Jumping)
    assert not decisions.decide(ada, CONTROLLED).allowed
    assert not decisions.decide(ada, CONTROLLED).allowed


def test_what_a_strong_session_sees_is_not_kept_for_a_weak_one(stores, decisions):
    """The account is the same; without the second factor it is no steward's."""
    stew, _ = add_person(stores, "stew", "steward")
    now = datetime.now(UTC)
    with stores.records.write() as connection:
        set_standing(
            connection,
            CONTROLLED,
            Standing.EMBARGOED,
            until=now + timedelta(days=1),
            reason="an invented reason",
            by="node",
            now=now,
        )
    names = (OPEN, CONTROLLED)
    assert decisions.scope(stew, names).listed == {OPEN, CONTROLLED}
    assert decisions.scope(stew.without_strong_roles(), names).listed == {OPEN}
    assert decisions.decide(stew, CONTROLLED).reason is Reason.GRANT
    with pytest.raises(UnknownError):
        decisions.decide(stew.without_strong_roles(), CONTROLLED)


def test_a_remembered_grant_begins_on_time_and_not_for_a_token_without_its_scope(
    stores, decisions, statements, monkeypatch
):
    ada, _ = add_person(stores, "ada")
    begins = datetime.now(UTC) + timedelta(minutes=30)
    given = grant(stores, ada, start=begins)
    assert decisions.decide(ada, CONTROLLED).reason is Reason.GRANT
    statements.clear()

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return begins

    monkeypatch.setattr(module, "datetime", Later)
    assert decisions.decide(ada, CONTROLLED).grant == given.id
    bare = replace(ada, scopes=frozenset({TokenScope.GOVERN}))
    assert decisions.decide(bare, CONTROLLED).reason is Reason.SCOPE
    assert decisions.decide(ada, CONTROLLED).grant == given.id
    assert statements == []
