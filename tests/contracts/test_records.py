"""Records hold to their contract on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from contracts.records import RecordsContract


class TestSqlite(RecordsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(RecordsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
