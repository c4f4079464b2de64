"""Drafts are kept alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import ConflictError, LimitError, UnknownError
from bigpicture.model.person import Role
from bigpicture.preparation import drafts
from contracts.owned import OnPostgresql, OnSqlite, OwnedContract


class DraftsContract(OwnedContract):
    role = Role.CONTRIBUTOR

    def test_a_version_replaces_only_the_one_it_was_made_from(self, records, people):
        ada, berta = people
        with records.write() as connection:
            first = drafts.save_draft(connection, ada, "d1", b"one", title="t", known="")
            second = drafts.save_draft(connection, ada, "d1", b"two", title="t", known=first.etag)
            with pytest.raises(ConflictError):
                drafts.save_draft(connection, ada, "d1", b"three", title="t", known=first.etag)
            with pytest.raises(UnknownError):
                drafts.save_draft(connection, berta, "d1", b"x", title="t", known=first.etag)
        with records.read() as connection:
            assert drafts.find_draft(connection, ada, "d1").body == b"two"
            assert [each.etag for each in drafts.list_drafts(connection, ada)] == [second.etag]
            assert drafts.list_drafts(connection, berta) == []
            with pytest.raises(UnknownError):
                drafts.find_draft(connection, berta, "d1")

    def test_what_is_too_large_or_too_much_is_refused(self, records, people, monkeypatch):
        monkeypatch.setattr(drafts, "MOST_BYTES", 3)
        monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
        with records.write() as connection:
            drafts.save_draft(connection, people[0], "d1", b"one", title="", known="")
            for name, body in (("d1", b"long"), ("d2", b"two")):
                with pytest.raises(LimitError):
                    drafts.save_draft(connection, people[0], name, body, title="", known="")
            drafts.delete_draft(connection, people[0], "d1")
            drafts.save_draft(connection, people[0], "d2", b"two", title="", known="")


class TestSqlite(OnSqlite, DraftsContract):
    pass


class TestPostgresql(OnPostgresql, DraftsContract):
    pass
