"""The tamper-evident record holds to its contract on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bigpicture.ledger.tampering import Kind
from contracts.ledger import LedgerContract, kinds


class TestSqlite(LedgerContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            ("time = 'yesterday'", Kind.ALTERED),
            ("id = x'ff00'", Kind.ALTERED),
            ("action = 7", Kind.ALTERED),
            ("details = '{'", Kind.UNOPENED),
            ("details = '[NaN]'", Kind.UNOPENED),
            ("details = '" + "[" * 20_000 + "'", Kind.UNOPENED),
            ("actor = x'ff'", Kind.UNOPENED),
            ("actor = 5", Kind.UNOPENED),
        ],
    )
    def test_what_no_program_of_ours_writes(self, change, verify, grown, value, kind):
        """SQLite takes any value in any column."""
        change(text(f"UPDATE events SET {value} WHERE seq = {grown[4]}"))
        assert kinds(verify()) == {kind}

    @pytest.mark.parametrize("value", ["actor_salt = 'text'", "actor_salt = 5", "actor_salt = x''"])
    def test_salts_that_are_no_bytes(self, change, verify, grown, value):
        change(text(f"UPDATE ledger_entries SET {value} WHERE event = {grown[4]}"))
        assert kinds(verify()) == {Kind.UNOPENED}

    def test_digests_and_tiles_that_are_no_bytes(self, change, verify, grown):
        change(text(f"UPDATE ledger_entries SET actor_digest = 'x' WHERE event = {grown[4]}"))
        assert Kind.ALTERED in kinds(verify())
        change(text("UPDATE ledger_tiles SET hashes = 'x'"))
        assert Kind.TILE in kinds(verify())


class TestPostgresql(LedgerContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
