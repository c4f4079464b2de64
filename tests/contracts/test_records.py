"""Records hold to their contract on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import StorageError
from bigpicture.storage.records import postgresql
from contracts.records import RecordsContract


class TestSqlite(RecordsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(RecordsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()

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
