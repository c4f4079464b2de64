"""Grants are recorded, held, revoked and found alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bigpicture.access.blocks import blocked, lift_block, list_blocks
from bigpicture.access.epoch import Epoch
from bigpicture.access.grant import (
    expire_grants,
    hold_grant,
    record_grant,
    release_hold,
    revoke_grant,
)
from bigpicture.access.grant_rows import find_grant, list_grants, read_grant
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.grant import ALL_USES, GrantState, GrantUse, Hold
from bigpicture.storage.records.grant_tables import duties
from bigpicture.storage.records.tables import epochs
from published import CONTROLLED, OPEN, add_person, make_stores, publish_two

DAY = timedelta(days=1)


class GrantsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, tmp_path, url):
        made = make_stores(tmp_path / "data", url)
        publish_two(made)
        yield made
        made.records.close()

    @pytest.fixture
    def records(self, stores):
        return stores.records

    @pytest.fixture
    def ada(self, stores):
        return add_person(stores, "ada", "researcher")[0]

    def give(self, records, person, dataset=CONTROLLED, **more):
        now = datetime.now(UTC)
        more = {"start": now - DAY, "end": now + DAY, "reason": "study", "by": "stew"} | more
        with records.write() as connection:
            return record_grant(connection, person=person.id, dataset=dataset, **more)

    def change(self, records, act, *args, **more):
        with records.write() as connection:
            return act(connection, *args, **({"reason": "a reason", "by": "stew"} | more))

    def found(self, records, grant):
        with records.read() as connection:
            return read_grant(find_grant(connection, grant.id))

    def told(self, records, *kinds):
        with records.read() as connection:
            return [
                (each.action, each.details)
                for each in events_after(connection, 0, 1000)
                if each.action.split(":")[0] in kinds
            ]

    def seal(self, records):
        with records.read() as connection:
            return connection.scalar(select(epochs.c.value).where(epochs.c.name == Epoch.SEAL))

    def duties_of(self, records, grant):
        with records.read() as connection:
            return connection.execute(select(duties).where(duties.c.grant == grant.id)).all()

    def test_a_grant_comes_back_as_it_was_recorded(self, records, ada):
        given = self.give(
            records,
            ada,
            uses={GrantUse.VIEW, GrantUse.STREAM},
            conditions=("Only of the liver.",),
            application="app-1",
        )
        assert self.found(records, given) == given
        assert given.uses == {GrantUse.VIEW, GrantUse.STREAM}
        assert given.has_begun
        ((action, details), *_) = self.told(records, "grant")
        assert action == "grant:record"
        assert details["uses"] == ["stream", "view"]
        assert details["application"] == "app-1"
        assert "Only of the liver." not in str(details)

    def test_a_held_grant_waits_and_begins_when_its_last_hold_is_lifted(self, records, ada):
        given = self.give(records, ada, holds={Hold.TERMS, Hold.SIGNATURE})
        assert given.state(datetime.now(UTC)) is GrantState.PENDING_TERMS
        assert self.duties_of(records, given) == []
        before = self.seal(records)
        first = self.change(records, release_hold, given.id, Hold.TERMS)
        assert first.holds == {Hold.SIGNATURE}
        assert first.state(datetime.now(UTC)) is GrantState.PENDING_TERMS
        last = self.change(records, release_hold, given.id, Hold.SIGNATURE)
        assert last.state(datetime.now(UTC)) is GrantState.ACTIVE
        assert self.seal(records) == before + 2
        assert self.duties_of(records, given)
        again = self.change(records, hold_grant, given.id, Hold.STEWARD)
        assert again.state(datetime.now(UTC)) is GrantState.SUSPENDED
        number = len(self.duties_of(records, given))
        self.change(records, release_hold, given.id, Hold.STEWARD)
        assert len(self.duties_of(records, given)) == number  # it began once

    def test_holding_twice_and_releasing_twice_change_nothing(self, records, ada):
        given = self.give(records, ada)
        held = self.change(records, hold_grant, given.id, Hold.DUTY)
        before = self.seal(records), self.told(records, "grant")
        assert self.change(records, hold_grant, given.id, Hold.DUTY) == held
        assert (self.seal(records), self.told(records, "grant")) == before
        freed = self.change(records, release_hold, given.id, Hold.DUTY)
        before = self.seal(records), self.told(records, "grant")
        assert self.change(records, release_hold, given.id, Hold.DUTY) == freed
        assert (self.seal(records), self.told(records, "grant")) == before

    def test_a_hold_survives_the_release_of_another(self, records, ada):
        given = self.give(records, ada)
        self.change(records, hold_grant, given.id, Hold.DUTY)
        self.change(records, hold_grant, given.id, Hold.STEWARD)
        left = self.change(records, release_hold, given.id, Hold.STEWARD)
        assert left.holds == {Hold.DUTY}
        assert not left.is_live(datetime.now(UTC))

    def test_what_has_ended_is_neither_held_nor_opened_again(self, records, ada):
        given = self.give(records, ada, holds={Hold.TERMS})
        self.change(records, revoke_grant, given.id)
        with pytest.raises(ConflictError):
            self.change(records, hold_grant, given.id, Hold.STEWARD)
        freed = self.change(records, release_hold, given.id, Hold.TERMS)
        assert freed.state(datetime.now(UTC)) is GrantState.REVOKED
        assert self.duties_of(records, given) == []

    def test_two_revocations_at_once_are_one(self, records, ada):
        given = self.give(records, ada)
        answers = []

        def revoke():
            try:
                self.change(records, revoke_grant, given.id)
                answers.append("revoked")
            except ConflictError:
                answers.append("refused")

        both = [threading.Thread(target=revoke) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert sorted(answers) == ["refused", "revoked"]
        assert [action for action, _ in self.told(records, "grant")].count("grant:revoke") == 1

    def test_a_hold_and_a_revocation_at_once_end_revoked(self, records, ada):
        given = self.give(records, ada)

        def act(verb, *args):
            with contextlib.suppress(ConflictError):
                self.change(records, verb, given.id, *args)

        both = [
            threading.Thread(target=act, args=(hold_grant, Hold.STEWARD)),
            threading.Thread(target=act, args=(revoke_grant,)),
        ]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert self.found(records, given).state(datetime.now(UTC)) is GrantState.REVOKED

    def test_misuse_bars_the_person_from_that_dataset(self, records, ada):
        given = self.give(records, ada)
        self.change(records, revoke_grant, given.id, is_misuse=True)
        with records.read() as connection:
            assert blocked(connection, ada.id, CONTROLLED)
            assert not blocked(connection, ada.id, OPEN)
            (listed,) = list_blocks(connection, dataset=CONTROLLED)
        assert (listed.person, listed.grant) == (ada.id, given.id)
        with pytest.raises(ConflictError, match="barred"):
            self.give(records, ada)
        self.change(records, lift_block, ada.id, CONTROLLED)
        self.give(records, ada)
        assert [action for action, _ in self.told(records, "person")][-2:] == [
            "person:bar",
            "person:unbar",
        ]
        with pytest.raises(UnknownError):
            self.change(records, lift_block, ada.id, CONTROLLED)

    def test_a_grant_takes_the_place_of_another(self, records, ada):
        first = self.give(records, ada)
        second = self.give(records, ada, uses={GrantUse.VIEW}, supersedes=first.id)
        assert self.found(records, first).state(datetime.now(UTC)) is GrantState.SUPERSEDED
        assert self.found(records, first).superseded_by == second.id
        assert self.found(records, second).is_live(datetime.now(UTC))
        third = self.give(records, ada, OPEN)
        with pytest.raises(InputError):
            self.give(records, ada, supersedes=third.id)

    def test_every_state_is_found_by_its_name(self, records, ada):
        now = datetime.now(UTC)
        given = {
            GrantState.EXPIRED: self.give(records, ada, start=now - 9 * DAY, end=now - DAY),
            GrantState.REVOKED: self.give(records, ada),
        }
        self.change(records, revoke_grant, given[GrantState.REVOKED].id)
        given[GrantState.SUPERSEDED] = self.give(records, ada)
        given[GrantState.SUSPENDED] = self.give(
            records, ada, supersedes=given[GrantState.SUPERSEDED].id
        )
        self.change(records, hold_grant, given[GrantState.SUSPENDED].id, Hold.STEWARD)
        given[GrantState.FUTURE] = self.give(records, ada, start=now + 2 * DAY, end=now + 3 * DAY)
        given[GrantState.ACTIVE] = self.give(records, ada, OPEN)
        given[GrantState.PENDING_TERMS] = self.give(
            records, ada, OPEN, start=now + 2 * DAY, end=now + 3 * DAY, holds={Hold.TERMS}
        )
        with records.read() as connection:
            for state in GrantState:
                listed = list_grants(connection, person=ada.id, state=state, now=datetime.now(UTC))
                assert [each.id for each in listed] == [given[state].id], state

    def test_an_end_on_record_is_not_undone_by_a_clock_set_back(self, records, ada):
        given = self.give(records, ada)
        with records.write() as connection:
            assert expire_grants(connection, given.end - timedelta(seconds=1)) == 0
            assert expire_grants(connection, given.end) == 1
            assert expire_grants(connection, given.end + DAY) == 0
        now = datetime.now(UTC)
        found = self.found(records, given)
        assert now < given.end
        assert found.state(now) is GrantState.EXPIRED
        assert not found.is_live(now)
        assert self.told(records, "grant")[-1][0] == "grant:expire"
        self.give(records, ada)  # and it is in nobody's way

    @pytest.mark.parametrize(
        ("wrong", "place"),
        [({"uses": ()}, "uses"), ({"reason": " "}, "reason"), ({"end": None}, "end")],
    )
    def test_a_grant_says_what_for_why_and_until_when(self, records, ada, wrong, place):
        now = datetime.now(UTC)
        if "end" in wrong:
            wrong = {"start": now, "end": now}
        with pytest.raises(InputError) as raised:
            self.give(records, ada, **wrong)
        assert raised.value.place == place

    def test_grants_of_before_allow_every_use(self, records, ada):
        given = self.give(records, ada)
        with records.read() as connection:
            row = dict(find_grant(connection, given.id)) | {"uses": None, "conditions": None}
        assert read_grant(row).uses == ALL_USES


class TestSqlite(GrantsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(GrantsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
