"""Records hold to their contract on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bigpicture.model.errors import StorageError
from bigpicture.storage.records import open_records, postgresql, sqlite
from bigpicture.storage.records.tables import people
from contracts.records import RecordsContract, person


class TestSqlite(RecordsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"

    def test_a_reader_that_waits_to_write_is_not_waited_for_as_a_writer(
        self, records, url, monkeypatch
    ):
        """Else neither ends, and nobody else writes for half a minute."""
        place = url.removeprefix("sqlite:///")
        patient = [
            "PRAGMA busy_timeout=5000" if "busy_timeout" in each else each
            for each in sqlite._PRAGMAS
        ]
        forgetting = threading.Thread(target=records.forget)
        with records.read() as reading:
            reading.execute(select(people)).all()  # a snapshot that the log is needed for
            with records.write() as connection:
                connection.execute(insert(people).values(**person()))
            forgetting.start()
            while not _is_held(place):
                assert forgetting.is_alive()
            monkeypatch.setattr(sqlite, "_PRAGMAS", patient)
            with _opened(url) as other, other.write() as connection:
                connection.execute(insert(people).values(**person("berta")))
        forgetting.join(20)
        assert Path(f"{place}-wal").stat().st_size == 0  # it went on once the reader had ended


def _is_held(place):
    """Whether somebody is the writer now."""
    with closing(sqlite3.connect(place, timeout=0)) as asking:
        try:
            asking.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


@contextmanager
def _opened(url):
    records = open_records(url)
    yield records
    records.close()


class TestPostgresql(RecordsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url(is_empty=True)

    def test_a_lost_connection_is_told_and_replaced(self, records):
        def lose():
            with records.write() as connection:
                mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
                with records.engine.connect() as other:
                    other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
                connection.exec_driver_sql("SELECT 1")

        with pytest.raises(StorageError, match="cannot be used"):
            lose()
        with records.read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1

    def test_a_writer_that_never_ends_is_told(self, records, monkeypatch):
        monkeypatch.setattr(postgresql, "WAIT_MILLISECONDS", 20)

        def wait():
            with records.write(), records.write():
                pass

        with pytest.raises(StorageError, match="busy for too long"):
            wait()
