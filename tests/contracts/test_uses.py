"""Who uses a dataset is told from the events alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bigpicture.access.grant import record_grant
from bigpicture.access.use_told import tell_uses
from bigpicture.ledger.entry import Part
from bigpicture.ledger.erase import erase_parts
from bigpicture.ledger.record import Act, record_all
from bigpicture.storage.records.tables import events, ledger_entries
from published import CONTROLLED, OPEN, add_person, make_stores, publish_two

DAY = timedelta(days=1)


class UsesContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, tmp_path, url):
        made = make_stores(tmp_path / "data", url)
        publish_two(made)
        yield made
        made.records.close()

    def give(self, stores, name, dataset=CONTROLLED):
        person, _ = add_person(stores, name, "researcher")
        now = datetime.now(UTC)
        with stores.records.write() as connection:
            return record_grant(
                connection,
                person=person.id,
                dataset=dataset,
                start=now - DAY,
                end=now + DAY,
                reason="study",
                by="stew",
            )

    def act(self, stores, given, action, *subjects):
        with stores.records.write() as connection:
            record_all(
                connection,
                [Act(given.person, action, each, {"grant": given.id}) for each in subjects],
            )

    def told(self, stores, dataset=CONTROLLED, **more):
        with stores.records.read() as connection:
            return {each.grant.id: each for each in tell_uses(connection, dataset, **more)}

    def test_each_grant_is_told_with_what_was_read_and_taken_under_it(self, stores):
        ada, bob = self.give(stores, "ada"), self.give(stores, "bob")
        elsewhere = self.give(stores, "cleo", OPEN)
        self.act(stores, ada, "image:read", "image-1", "image-2", "image-1")
        self.act(stores, ada, "file:deliver", CONTROLLED, CONTROLLED)
        self.act(stores, ada, "file:delivered", CONTROLLED)  # the same file, at its end
        self.act(stores, elsewhere, "image:read", "image-3")
        told = self.told(stores)
        assert set(told) == {ada.id, bob.id}
        assert (told[ada.id].images_read, told[ada.id].files_delivered) == (2, 2)
        assert (told[bob.id].images_read, told[bob.id].files_delivered) == (0, 0)
        assert told[bob.id].last_read is None
        with stores.records.read() as connection:
            last = connection.scalar(
                select(events.c.time).where(events.c.by_grant == ada.id)
                .order_by(events.c.seq.desc()).limit(1)
            )  # fmt: skip
        assert told[ada.id].last_read == last

    def test_pages_follow_one_another(self, stores):
        given = sorted(self.give(stores, f"p{at}").id for at in range(3))
        first = list(self.told(stores, limit=2))
        assert first == given[:2]
        assert list(self.told(stores, after=first[-1])) == given[2:]

    def test_the_index_answers_and_no_event_is_read(self, stores):
        """However many other events there are: what is asked for lies in the index."""
        if stores.records.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL reads small tables whole")
        with stores.records.read() as connection:
            plan = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT by_grant, count(DISTINCT subject), count(*), max(time) "
                "FROM events WHERE by_grant IN ('a', 'b') AND action = 'image:read' "
                "GROUP BY by_grant"
            ).all()
        assert "USING COVERING INDEX ix_events_by_grant" in str(plan)

    def test_an_event_whose_details_were_erased_names_no_grant(self, stores):
        ada = self.give(stores, "ada")
        self.act(stores, ada, "image:read", "image-1")
        with stores.records.write() as connection:
            seq = connection.scalar(select(events.c.seq).where(events.c.by_grant == ada.id))
            digest = b"d" * 32
            connection.execute(
                ledger_entries.insert().values(
                    leaf=0,
                    event=seq,
                    actor_digest=digest,
                    subject_digest=digest,
                    details_digest=digest,
                )
            )
            erase_parts(connection, seq, [Part.DETAILS], actor="node", reason="asked for")
        assert self.told(stores)[ada.id].images_read == 0


class TestSqlite(UsesContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(UsesContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
