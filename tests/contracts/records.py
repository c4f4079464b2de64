"""What records hold to, on any database."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc, insert, inspect, select, text, update

from bigpicture.ledger.read import events_after
from bigpicture.ledger.record import record
from bigpicture.model.errors import StorageError
from bigpicture.storage.records import check_migrated, migrate, open_records
from bigpicture.storage.records.migrate import _config
from bigpicture.storage.records.tables import METADATA, epochs, events, grants, people, submissions

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def person(name="ada", **changed):
    row = {
        "id": f"id-{name}",
        "name": name,
        "display_name": "Ada Invented",
        "roles": ["contributor"],
        "password_hash": "x",
        "created": NOON,
    }
    return row | changed


def _migrate_elsewhere(url, results):
    records = open_records(url)
    try:
        migrate(records)
        check_migrated(records)
        results.put("migrated")
    except Exception as error:  # noqa: BLE001  # told to the parent, whatever it is
        results.put(repr(error))
    finally:
        records.close()


class RecordsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def url(self):
        raise NotImplementedError

    @pytest.fixture
    def empty(self, url):
        records = open_records(url)
        yield records
        records.close()

    @pytest.fixture
    def records(self, empty):
        migrate(empty)
        return empty

    def test_migrations_end_at_the_tables_of_the_code(self, records):
        with records.read() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, METADATA) == []

    def test_migrating_again_changes_nothing(self, records):
        with records.write() as connection:
            connection.execute(insert(people).values(person()))
        migrate(records)
        with records.read() as connection:
            assert connection.execute(select(people.c.name)).scalars().all() == ["ada"]

    def test_every_migration_can_be_walked_with_rows_in_the_tables(self, records):
        scripts = ScriptDirectory.from_config(_config())
        assert [script.down_revision for script in scripts.walk_revisions()][-1] is None
        with records.read() as connection:
            assert set(METADATA.tables) <= set(inspect(connection).get_table_names())

    def test_empty_records_are_not_taken_for_ready(self, empty):
        with pytest.raises(StorageError, match="bigpicture migrate"):
            check_migrated(empty)

    def test_records_of_a_newer_version_are_left_alone(self, records):
        with records.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for act in (migrate, check_migrated):
            with pytest.raises(StorageError, match="9999"):
                act(records)

    def test_processes_that_migrate_at_once_all_end_well(self, url):
        context = multiprocessing.get_context("spawn")
        results = context.Queue()
        children = [
            context.Process(target=_migrate_elsewhere, args=(url, results)) for _ in range(3)
        ]
        for child in children:
            child.start()
        assert [results.get(timeout=60) for _ in children] == ["migrated"] * 3
        for child in children:
            child.join()

    def test_moments_come_back_in_utc_to_the_microsecond(self, records):
        there = NOON.astimezone(timezone(timedelta(hours=-5)))
        with records.write() as connection:
            connection.execute(insert(people).values(person(created=there)))
        with records.read() as connection:
            read = connection.execute(select(people.c.created)).scalar_one()
            same = select(people.c.id).where(people.c.created == there)
            later = select(people.c.id).where(people.c.created > NOON)
            assert connection.execute(same).scalar_one() == "id-ada"
            assert connection.execute(later).first() is None
        assert read == NOON
        assert read.tzinfo is UTC

    def test_a_moment_without_zone_is_refused(self, records):
        with pytest.raises(exc.StatementError, match="time zone"), records.write() as connection:
            connection.execute(insert(people).values(person(created=NOON.replace(tzinfo=None))))

    def test_absent_json_is_null_and_json_keeps_its_order(self, records):
        row = {
            "accession": "bb-submission-aaaaaa-aaaaaa",
            "alias": "a",
            "person": "id-ada",
            "state": "receiving",
            "problem": None,
            "findings": [{"z": 1, "a": "é"}],
            "created": NOON,
            "changed": NOON,
        }
        with records.write() as connection:
            connection.execute(insert(people).values(person()))
            connection.execute(insert(submissions).values(row))
        with records.read() as connection:
            found = connection.execute(
                select(submissions.c.findings).where(submissions.c.problem.is_(None))
            ).scalar_one()
        assert found == [{"z": 1, "a": "é"}]
        assert list(found[0]) == ["z", "a"]

    def test_json_without_meaning_is_refused(self, records):
        with pytest.raises((exc.StatementError, ValueError)), records.write() as connection:
            connection.execute(insert(people).values(person(roles=[float("nan")])))

    def test_an_exception_rolls_everything_back(self, records):
        def fail():
            with records.write() as connection:
                connection.execute(insert(people).values(person()))
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with records.read() as connection:
            assert connection.execute(select(people)).first() is None

    def test_a_reader_cannot_write(self, records):
        with (
            pytest.raises((StorageError, exc.DBAPIError)),
            records.read() as connection,
        ):
            connection.execute(insert(people).values(person()))
        with records.write() as connection:  # and the connection is good for writing again
            connection.execute(insert(people).values(person()))

    def test_a_reader_sees_one_moment(self, records):
        with records.read() as reader:
            assert reader.execute(select(people)).first() is None
            with records.write() as writer:
                writer.execute(insert(people).values(person()))
            assert reader.execute(select(people)).first() is None
        with records.read() as reader:
            assert reader.execute(select(people)).first() is not None

    def test_references_are_enforced(self, records):
        row = {
            "id": "g",
            "person": "nobody",
            "dataset": "nothing",
            "start": NOON,
            "end": NOON,
            "recorded_by": "x",
            "reason": "x",
        }
        with pytest.raises(exc.IntegrityError), records.write() as connection:
            connection.execute(insert(grants).values(row))

    def test_broken_constraints_do_not_show_values(self, records):
        with records.write() as connection:
            connection.execute(insert(people).values(person("berta")))
        with pytest.raises(exc.IntegrityError) as caught, records.write() as connection:
            connection.execute(insert(people).values(person("berta", password_hash="hunter2")))
        assert "hunter2" not in str(caught.value)

    def test_writers_take_turns(self, records):
        """Reading, then writing what was read plus one, loses no step among threads."""
        with records.write() as connection:
            connection.execute(insert(epochs).values(name="seal", value=0))

        def bump():
            for _ in range(10):
                with records.write() as connection:
                    value = connection.execute(select(epochs.c.value)).scalar_one()
                    connection.execute(update(epochs).values(value=value + 1))

        threads = [threading.Thread(target=bump) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with records.read() as connection:
            assert connection.execute(select(epochs.c.value)).scalar_one() == 40

    def test_who_follows_events_by_number_misses_none(self, records):
        done = threading.Event()
        seen = []

        def follow():
            last = 0
            while True:
                finished = done.is_set()
                with records.read() as connection:
                    fresh = events_after(connection, last, 1000)
                seen.extend(event.subject for event in fresh)
                last = fresh[-1].seq if fresh else last
                if finished and not fresh:
                    return

        def act(writer):
            for number in range(25):
                with records.write() as connection:
                    record(
                        connection,
                        actor="node",
                        action="test:done",
                        subject=f"{writer}-{number}",
                    )

        follower = threading.Thread(target=follow)
        writers = [threading.Thread(target=act, args=(writer,)) for writer in range(4)]
        for thread in (follower, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        follower.join()
        assert len(seen) == len(set(seen)) == 100

    def test_an_event_falls_with_its_act(self, records):
        def fail():
            with records.write() as connection:
                record(connection, actor="node", action="test:done", subject="x")
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with records.read() as connection:
            assert events_after(connection, 0, 10) == []

    def test_a_number_is_never_used_twice(self, records):
        with records.write() as connection:
            first = record(connection, actor="node", action="test:done", subject="x").seq
        with records.write() as connection:
            connection.execute(events.delete())
        with records.write() as connection:
            assert record(connection, actor="node", action="test:done", subject="x").seq > first
