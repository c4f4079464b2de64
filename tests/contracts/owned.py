"""What contracts of things that belong to a person share: records with two people in them."""

from __future__ import annotations

import pytest

from bigpicture.access.people import add_hashed_person
from migrated import open_migrated


class OwnedContract:
    """Subclasses give `role`, what both people may do, and `url`: an empty database."""

    @pytest.fixture
    def records(self, url):
        records = open_migrated(url)
        yield records
        records.close()

    @pytest.fixture
    def people(self, records):
        with records.write() as connection:
            return [
                add_hashed_person(
                    connection,
                    name=name,
                    display_name=name.title(),
                    organisation="",
                    roles=[self.role],
                    password_hash="none",
                    by="node",
                )
                for name in ("ada", "berta")
            ]


class OnSqlite:
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class OnPostgresql:
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
