"""The records' engine: durable, private, and plain about its troubles."""

from __future__ import annotations

import resource
import sqlite3
import threading

import pytest
from sqlalchemy import insert

from bigpicture.model.errors import SettingsError, StorageError, StorageFullError
from bigpicture.storage.records import migrate, open_records
from bigpicture.storage.records import sqlite as sqlite_module
from bigpicture.storage.records.tables import epochs


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "records.sqlite"


@pytest.fixture
def records(path):
    records = open_records(f"sqlite:///{path}")
    migrate(records)
    yield records
    records.close()


def test_commits_survive_a_power_cut(records):
    """SQLite's own words: synchronous 2 is FULL; in WAL mode it syncs at every commit."""
    for give in (records.read, records.write):
        with give() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 30_000,
        }


def test_the_file_is_its_owners_alone(records, path):
    with records.write() as connection:
        connection.execute(insert(epochs).values(name="seal", value=1))
        for file in path.parent.iterdir():  # the log and its index too
            assert file.stat().st_mode & 0o077 == 0, file.name


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.sqlite",
        "mysql://x/y",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql://x/y",
    ],
)
def test_only_our_databases_are_opened(url):
    with pytest.raises(SettingsError, match="database_url"):
        open_records(url)


def test_a_password_is_not_told():
    records = open_records("postgresql+psycopg://ada:hunter2@127.0.0.1:1/nothing")
    with pytest.raises(StorageError) as caught, records.read():
        pass
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in caught.value.place


def test_a_file_that_is_no_database_is_told(path):
    path.parent.mkdir()
    path.write_bytes(b"This is no database, though it is long enough to be one. " * 100)
    records = open_records(f"sqlite:///{path}")
    with pytest.raises(StorageError, match="not a database"), records.read():
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be written"):
        open_records(f"sqlite:///{tmp_path / 'file' / 'records.sqlite'}")


def test_a_writer_that_never_ends_is_told(path, monkeypatch):
    monkeypatch.setattr(sqlite_module, "_PRAGMAS", ("PRAGMA busy_timeout=10",))
    records = open_records(f"sqlite:///{path}")
    migrate(records)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="busy for too long"), records.write():
        pass
    blocker.execute("ROLLBACK")
    blocker.close()
    with records.write():
        pass
    records.close()


def test_a_full_disk_is_told_and_changes_nothing(records):
    """SQLite says FULL the same way whether the disk or its page limit is reached."""
    with records.write() as connection:
        connection.execute(insert(epochs).values(name="before", value=1))

    def fill():
        with records.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for number in range(10_000):
                connection.execute(insert(epochs).values(name=f"n{number}", value=number))

    with pytest.raises(StorageFullError, match="nothing was changed"):
        fill()
    with records.read() as connection:
        assert connection.execute(epochs.select()).all() == [("before", 1)]


def test_a_write_past_the_limit_of_files_is_told(path):
    """A real refusal by the kernel (EFBIG), as a quota gives it."""
    records = open_records(f"sqlite:///{path}")
    migrate(records)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill():
        with records.write() as connection:
            rows = [{"name": f"n{number}" * 5, "value": number} for number in range(50_000)]
            connection.execute(insert(epochs), rows)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(StorageError):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with records.write() as connection:
        assert connection.execute(epochs.select()).all() == []
    records.close()


def test_what_was_erased_is_gone_from_the_file(records, path):
    """The header of an erased object is its key: it must not be found in a copy of the disk."""
    needle = "seal-of-an-erased-object" * 2
    with records.write() as connection:
        connection.execute(insert(epochs).values(name=needle[:40], value=1))
    with records.write() as connection:
        connection.execute(epochs.delete())
    records.close()  # the last one out folds the log into the file
    assert needle[:20].encode() not in path.read_bytes()


def test_readers_do_not_wait_for_the_writer(records):
    with records.write() as connection:
        connection.execute(insert(epochs).values(name="seal", value=1))
        rows = []

        def read():
            with records.read() as reader:
                rows.extend(reader.execute(epochs.select()).all())

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=20)
        assert not reader.is_alive()
        assert rows == []
