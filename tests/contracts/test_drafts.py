"""Drafts are kept alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from bigpicture.access.people import add_hashed_person
from bigpicture.model.errors import ConflictError, LimitError, UnknownError
from bigpicture.model.person import Role
from bigpicture.preparation import drafts
from bigpicture.storage.records import migrate, open_records


class DraftsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def records(self, url):
        records = open_records(url)
        migrate(records)
        yield records
        records.close()

    @pytest.fixture
    def people(self, records):
        with records.write() as connection:
            return [
                add_hashed_person(
                    connection,
                    name=name,
                    display_name=name,
                    organisation="",
                    roles=[Role.CONTRIBUTOR],
                    password_hash="none",
                    by="node",
                )
                for name in ("ada", "berta")
            ]

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


class TestSqlite(DraftsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(DraftsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
