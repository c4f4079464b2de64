"""Duties are kept, missed, met and waived alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import Epochs
from bigpicture.access.grant import hold_grant, record_grant, release_hold, revoke_grant
from bigpicture.access.grant_rows import find_grant, read_grant
from bigpicture.access.overdue import do_duty, fall_due, list_obligations, waive_duty
from bigpicture.ledger.read import events_before
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.grant import GrantState, Hold
from bigpicture.model.obligation import ObligationState
from bigpicture.storage.records.grant_tables import duties
from published import CONTROLLED, add_person, make_stores, publish_two

DAY = timedelta(days=1)


class DutiesContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, tmp_path, url):
        made = make_stores(tmp_path / "data", url)
        publish_two(made)
        yield made
        made.records.close()

    @pytest.fixture
    def ada(self, stores):
        return add_person(stores, "ada", "researcher")[0]

    def give(self, stores, person, **more):
        now = datetime.now(UTC)
        more = {"start": now - DAY, "end": now + 800 * DAY} | more
        with stores.records.write() as connection:
            return record_grant(
                connection, person=person.id, dataset=CONTROLLED, reason="study", by="stew", **more
            )

    def owed(self, stores, grant, state=None):
        with stores.records.read() as connection:
            return list_obligations(
                connection, now=datetime.now(UTC), grant=grant.id, state=state, limit=100
            )

    def found(self, stores, grant):
        with stores.records.read() as connection:
            return read_grant(find_grant(connection, grant.id))

    def make_due(self, stores, duty):
        with stores.records.write() as connection:
            past = datetime.now(UTC) - DAY
            connection.execute(update(duties).where(duties.c.id == duty.id).values(due=past))

    def fall(self, stores, now=None):
        with stores.records.write() as connection:
            return fall_due(connection, now or datetime.now(UTC))

    def test_nothing_falls_due_before_its_time(self, stores, ada):
        given = self.give(stores, ada)
        assert self.fall(stores) == 0
        assert {each.state(datetime.now(UTC)) for each in self.owed(stores, given)} == {"open"}

    def test_a_missed_duty_suspends_and_its_doing_lets_go_on(self, stores, ada):
        given = self.give(stores, ada)
        first, second, *_ = self.owed(stores, given)
        self.make_due(stores, first)
        self.make_due(stores, second)
        assert self.fall(stores) == 2
        assert self.fall(stores) == 0  # once
        held = self.found(stores, given)
        assert held.state(datetime.now(UTC)) is GrantState.SUSPENDED
        assert held.holds == {Hold.DUTY}
        decisions = Decisions(stores.records, Epochs(stores.records))
        assert not decisions.decide(ada, CONTROLLED).allowed
        assert "a duty is overdue" in decisions.decide(ada, CONTROLLED).text
        with stores.records.write() as connection:
            do_duty(connection, first.id, evidence="doi:10.5555/invented", by=ada.id)
        assert self.found(stores, given).holds == {Hold.DUTY}  # the other is still missed
        with stores.records.write() as connection:
            waive_duty(connection, second.id, reason="agreed", by="stew")
        assert self.found(stores, given).is_live(datetime.now(UTC))
        with stores.records.read() as connection:
            told = [each.action for each in events_before(connection, None, 6)][::-1]
        assert told == [
            "duty:miss",
            "grant:hold",
            "duty:miss",  # the grant is held already
            "duty:do",
            "duty:waive",
            "grant:release",
        ]

    def test_what_was_done_in_time_is_never_missed(self, stores, ada):
        given = self.give(stores, ada)
        first, *_ = self.owed(stores, given)
        with stores.records.write() as connection:
            do_duty(connection, first.id, evidence="done", by=ada.id)
        self.make_due(stores, first)
        assert self.fall(stores) == 0

    def test_a_duty_missed_after_the_end_keeps_the_next_grant_closed(self, stores, ada):
        now = datetime.now(UTC)
        given = self.give(stores, ada, start=now - 90 * DAY, end=now - 40 * DAY)
        assert self.fall(stores) >= 2  # the grant's end, the report, the deletion
        owed = self.owed(stores, given, ObligationState.OVERDUE)
        assert {each.kind for each in owed} == {"use-report", "deletion-confirmation"}
        renewed = self.give(stores, ada)
        assert renewed.state(now) is GrantState.PENDING_TERMS
        assert self.owed(stores, renewed) == []
        for each in owed:
            with stores.records.write() as connection:
                do_duty(connection, each.id, evidence="done", by=ada.id)
        assert self.found(stores, renewed).is_live(datetime.now(UTC))
        assert self.owed(stores, renewed)

    def test_a_steward_cannot_do_by_release_what_a_duty_asks(self, stores, ada):
        given = self.give(stores, ada)
        self.make_due(stores, self.owed(stores, given)[0])
        self.fall(stores)
        with stores.records.write() as connection:
            hold_grant(connection, given.id, Hold.STEWARD, reason="r", by="stew")
            release_hold(connection, given.id, Hold.STEWARD, reason="r", by="stew")
        assert self.found(stores, given).holds == {Hold.DUTY}

    def test_a_duty_is_settled_once_and_with_words(self, stores, ada):
        first, second, *_ = self.owed(stores, self.give(stores, ada))
        with stores.records.write() as connection:
            with pytest.raises(InputError):
                do_duty(connection, first.id, evidence=" ", by=ada.id)
            with pytest.raises(InputError):
                waive_duty(connection, first.id, reason="", by="stew")
            do_duty(connection, first.id, evidence="done", by=ada.id)
            waive_duty(connection, second.id, reason="agreed", by="stew")
            for each in (first, second):
                with pytest.raises(ConflictError):
                    do_duty(connection, each.id, evidence="again", by=ada.id)
                with pytest.raises(ConflictError):
                    waive_duty(connection, each.id, reason="again", by="stew")
            with pytest.raises(UnknownError):
                do_duty(connection, "none", evidence="done", by=ada.id)

    def test_a_revocation_brings_the_last_duties_forward(self, stores, ada):
        given = self.give(stores, ada)
        with stores.records.write() as connection:
            revoked = revoke_grant(connection, given.id, reason="over", by="stew")
        soon = revoked.revoked + 30 * DAY
        owed = self.owed(stores, given, ObligationState.OPEN)
        assert sorted((each.kind, each.due) for each in owed) == [
            ("deletion-confirmation", soon),
            ("use-report", soon),
        ]

    def test_a_grant_in_the_place_of_another_takes_over_its_duties(self, stores, ada):
        first = self.give(stores, ada)
        second = self.give(stores, ada, supersedes=first.id)
        assert self.owed(stores, first, ObligationState.OPEN) == []
        assert self.owed(stores, second, ObligationState.OPEN)

    def test_every_state_is_found_by_its_name(self, stores, ada):
        given = self.give(stores, ada)
        done, waived, late, *rest = self.owed(stores, given)
        self.make_due(stores, late)
        with stores.records.write() as connection:
            do_duty(connection, done.id, evidence="done", by=ada.id)
            waive_duty(connection, waived.id, reason="agreed", by="stew")
        states = {state: {each.id for each in self.owed(stores, given, state)}
                  for state in ObligationState}  # fmt: skip
        assert states == {
            "done": {done.id},
            "waived": {waived.id},
            "overdue": {late.id},
            "open": {each.id for each in rest},
        }


class TestSqlite(DutiesContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(DutiesContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
