"""Applications are kept, decided and raced for alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from applying import ANSWERS, KIDNEYS, publish_kidneys
from bigpicture.access.agreements import accept, still_needed, write_agreement
from bigpicture.access.application_due import applications_fall_due
from bigpicture.access.application_rows import find_application, read_events
from bigpicture.access.applications import Around, act_on, reject_blocked
from bigpicture.access.begin_application import create_application
from bigpicture.access.committees import (
    create_committee,
    find_committee,
    give_dataset,
    list_committees,
    seat,
    unseat,
)
from bigpicture.access.grant import revoke_grant
from bigpicture.access.grant_rows import list_grants
from bigpicture.access.notices import list_notices, notify
from bigpicture.access.uses import UseState, list_uses
from bigpicture.ledger.read import events_after
from bigpicture.model.agreement import AgreementKind
from bigpicture.model.application import LineState, State
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import fold
from bigpicture.model.application_table import Command
from bigpicture.model.errors import ConflictError, ForbiddenError, UnknownError
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records.application_tables import application_events, application_lines
from contracts.owned import OnPostgresql, OnSqlite
from published import CONTROLLED, add_person, make_stores, publish_two


def now():
    return Around(datetime.now(UTC))


class ApplicationsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, url, tmp_path):
        made = make_stores(tmp_path / "data", url)
        publish_two(made)
        publish_kidneys(made)
        yield made
        made.records.close()

    @pytest.fixture
    def records(self, stores):
        return stores.records

    @pytest.fixture
    def people(self, stores):
        organisations = {"ada": "University", "bob": "University"}
        return {
            name: add_person(
                stores,
                name,
                "researcher",
                "committee",
                organisation=organisations.get(name, "Hospital"),
            )[0]
            for name in ("ada", "bob", "lou", "lea", "kim")
        }

    @pytest.fixture
    def committee(self, records, people):
        """Lou and Lea decide on everything; one vote is enough."""
        with records.write() as connection:
            made = create_committee(
                connection,
                name="All",
                contact="",
                rule=VotingRule.MAJORITY,
                quorum=1,
                by="node",
            )
            for name in ("lou", "lea"):
                seat(connection, made.id, people[name].id, by="node")
            for dataset in (CONTROLLED, KIDNEYS):
                give_dataset(connection, made.id, dataset, by="node")
        return made.id

    def do(self, records, person, application, command, **said):
        with records.write() as connection:
            return act_on(connection, person, application, Command(command), said, around=now())

    def in_review(self, records, people, *datasets):
        ada = people["ada"]
        with records.write() as connection:
            made = create_application(
                connection,
                ada,
                datasets=datasets or [CONTROLLED],
                cohort=None,
                now=datetime.now(UTC),
            )
        self.do(records, ada, made.id, "edit", answers=ANSWERS)
        self.do(records, ada, made.id, "submit")
        self.do(records, people["lou"], made.id, "screen")
        for name in ("lou", "lea"):
            self.do(records, people[name], made.id, "declare", has_conflict=False, text="")
        return made.id

    def vote(self, records, person, application, vote="approve", dataset=CONTROLLED):
        return self.do(records, person, application, "vote", dataset=dataset, vote=vote, reason="r")

    def vote_and_fail(self, records, person, application):
        with records.write() as connection:
            said = {"dataset": CONTROLLED, "vote": "approve", "reason": "r"}
            act_on(connection, person, application, Command.VOTE, said, around=now())
            raise RuntimeError

    def test_what_is_kept_is_the_fold_of_the_events(self, records, people, committee):
        application = self.in_review(records, people, CONTROLLED, KIDNEYS)
        after = self.vote(records, people["lou"], application)
        with records.read() as connection:
            assert fold(read_events(connection, application)) == after
            rows = connection.execute(
                select(application_lines.c.dataset, application_lines.c.state)
            ).all()
            lines = {row.dataset: row.state for row in rows}
        assert lines == {CONTROLLED: LineState.APPROVED, KIDNEYS: LineState.ASKED}

    def test_of_two_decisions_at_once_one_wins(self, records, people, committee):
        application = self.in_review(records, people)
        start, told = threading.Barrier(2), []

        def decide(name, vote):
            start.wait()
            try:
                self.vote(records, people[name], application, vote)
                told.append(vote)
            except ConflictError as error:
                told.append(error.rule)

        threads = [
            threading.Thread(target=decide, args=args)
            for args in (("lou", "approve"), ("lea", "refuse"))
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        won = next(each for each in told if each in ("approve", "refuse"))
        assert len(told) == 2
        assert "vote: in-review" in told
        with records.read() as connection:
            after = find_application(connection, application)
            held = list_grants(connection, application=application)
        outcome = State.APPROVED if won == "approve" else State.REJECTED
        assert after.state is outcome
        assert len(after.decisions) == 1
        assert len(held) == (1 if won == "approve" else 0)

    def test_a_number_is_taken_once(self, records, people, committee):
        """Even where a writer believed in what it read before: the records refuse it."""
        application = self.in_review(records, people)
        with records.read() as connection:
            last = find_application(connection, application).seq
        row = {
            "application": application,
            "seq": last,
            "at": datetime.now(UTC),
            "by": "x",
            "command": "vote",
            "said": {},
        }
        with pytest.raises(Exception, match=r"(?i)unique"), records.write() as connection:
            connection.execute(insert(application_events).values(row))

    def test_what_fails_leaves_nothing(self, records, people, committee):
        application = self.in_review(records, people)
        with records.read() as connection:
            before = len(read_events(connection, application))
            on_record = len(list(events_after(connection, 0, 1000)))
        with pytest.raises(ForbiddenError):
            self.vote(records, people["ada"], application)
        with pytest.raises(RuntimeError):
            self.vote_and_fail(records, people["lou"], application)
        with records.read() as connection:
            assert len(read_events(connection, application)) == before
            assert len(list(events_after(connection, 0, 1000))) == on_record
            assert list_grants(connection, application=application) == []

    def test_a_vote_of_who_left_the_committee_counts_no_more(self, records, people, committee):
        application = self.in_review(records, people)
        with records.write() as connection:
            unseat(connection, committee, people["lou"].id, by="node")
        with pytest.raises(UnknownError):  # nor does who left know of it
            self.vote(records, people["lou"], application)

    def test_misuse_refuses_what_is_open_and_lets_the_rest_go_on(self, records, people, committee):
        first = self.in_review(records, people)
        self.vote(records, people["lou"], first)
        waiting = self.in_review(records, people, CONTROLLED, KIDNEYS)
        ada = people["ada"].id
        with records.write() as connection:
            (held,) = list_grants(connection, person=ada)
            revoke_grant(connection, held.id, reason="sold", by="node", is_misuse=True)
            done = reject_blocked(connection, ada, CONTROLLED, by="node", around=now())
        assert done == [waiting]
        after = self.vote(records, people["lou"], waiting, dataset=KIDNEYS)
        assert after.state is State.APPROVED
        assert [each.state for each in after.lines] == [LineState.REFUSED, LineState.APPROVED]
        with records.read() as connection:
            held = list_grants(connection, application=waiting)
        assert [each.dataset for each in held] == [KIDNEYS]

    def test_agreements_have_versions_and_are_accepted_once(self, records, people, committee):
        application = self.in_review(records, people)

        def write(text, again):
            with records.write() as connection:
                return write_agreement(
                    connection,
                    id="dua",
                    kind=AgreementKind.CLICK,
                    title="Rules",
                    text=text,
                    requires_reaccept=again,
                    for_datasets=[],
                    by="node",
                )

        first, second, third = write("a", True), write("b", False), write("c", True)
        assert [each.version for each in (first, second, third)] == [1, 2, 3]
        with records.write() as connection:
            assert accept(connection, people["ada"], application, first)
            assert not accept(connection, people["ada"], application, first)
        every = [third, second, first]
        assert still_needed([second, first], [("dua", 1)]) == []
        assert still_needed(every, [("dua", 2)]) == [third]
        assert still_needed(every, [("dua", 2)], now=third.since) == []  # in the grace
        late = third.since + timedelta(days=31)
        assert still_needed(every, [("dua", 2)], now=late) == [third]
        assert still_needed([first], []) == [first]

    def test_the_register_tells_what_runs_and_what_ended(self, records, people, committee):
        application = self.in_review(records, people)
        later = datetime.now(UTC) + timedelta(days=800)
        with records.read() as connection:
            assert list_uses(connection, now=later) == []  # nothing was approved
        self.vote(records, people["lou"], application)
        with records.read() as connection:
            (use,) = list_uses(connection, now=datetime.now(UTC))
            assert (use.state, use.organisation) == (UseState.CURRENT, "University")
            assert list_uses(connection, now=later)[0].state is UseState.ENDED
        self.do(records, people["ada"], application, "close", reason="done")
        with records.read() as connection:
            assert list_uses(connection, now=later)[0].state is UseState.ENDED_EARLY

    def test_a_notice_of_one_key_is_told_once(self, records, people):
        said = {"kind": "k", "subject": "s", "text": "t", "link": "/"}
        ada, bob = people["ada"].id, people["bob"].id
        for told in ([ada], [ada, bob], [ada, bob]):
            with records.write() as connection:
                notify(connection, told, **said, key="one")
        with records.write() as connection:
            notify(connection, [ada], **said)
            notify(connection, [ada], **said)  # without a key each is its own
        with records.read() as connection:
            assert len(list_notices(connection, ada)) == 3
            assert len(list_notices(connection, bob)) == 1

    def test_the_clock_may_turn_as_often_as_it_likes(self, records, people, committee):
        self.vote(records, people["lou"], self.in_review(records, people))
        later = datetime.now(UTC) + timedelta(days=340)

        def count():
            with records.read() as connection:
                on_record = connection.scalar(select(func.count()).select_from(application_events))
                told = [len(list_notices(connection, each.id)) for each in people.values()]
                return on_record, told

        with records.write() as connection:
            applications_fall_due(connection, later)
        once = count()
        with records.write() as connection:
            applications_fall_due(connection, later + timedelta(minutes=1))
        assert count() == once

    def test_committees_come_back_as_they_were_made(self, records, people, committee):
        with records.read() as connection:
            (found,) = list_committees(connection)
            assert found == find_committee(connection, committee)
        assert set(found.members) == {people["lou"].id, people["lea"].id}
        assert found.datasets == tuple(sorted((CONTROLLED, KIDNEYS)))

    def test_events_come_back_in_their_order_with_what_was_said(self, records, people, committee):
        application = self.in_review(records, people)
        with records.read() as connection:
            events = read_events(connection, application)
        assert [each.seq for each in events] == list(range(1, len(events) + 1))
        edited = next(each for each in events if each.command is Command.EDIT)
        assert isinstance(edited, ApplicationEvent)
        assert edited.said["answers"] == ANSWERS


class TestSqlite(OnSqlite, ApplicationsContract):
    pass


class TestPostgresql(OnPostgresql, ApplicationsContract):
    pass
