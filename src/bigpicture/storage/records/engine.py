"""The records opened: read and write transactions on SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import ArgumentError

from bigpicture.model.errors import SettingsError
from bigpicture.storage.records.faults import told_as_ours
from bigpicture.storage.records.postgresql import SNAPSHOT, begin_write
from bigpicture.storage.records.sqlite import WAIT_MILLISECONDS, cut_log, prepare_sqlite

_WITHOUT_FILE = frozenset({"sqlite:///", "sqlite:///:memory:"})


class Records:
    """The records of a node. Threads may share one; processes each open their own.

    `read()` and `write()` give SQLAlchemy Core connections. Operational faults of the database
    leave them as `StorageError` or `StorageFullError`; broken constraints as SQLAlchemy's
    `IntegrityError`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.place = engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """One consistent snapshot; the database refuses every write inside."""
        with told_as_ours(self.place), self.engine.connect() as opened:
            connection = opened if self._is_sqlite else opened.execution_options(**SNAPSHOT)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """The one writer; waits up to 30 s for its turn, so keep it short.

        Commits at the end (durable when this returns), rolls back on any exception.
        """
        with self._write() as connection:
            yield connection

    @contextmanager
    def rewrite(self) -> Generator[Connection]:
        """As `write`, but tables may be rebuilt (SQLite: foreign keys are not enforced)."""
        with self._write(is_migration=True) as connection:
            yield connection

    @contextmanager
    def _write(self, **options: bool) -> Generator[Connection]:
        with told_as_ours(self.place), self.engine.connect() as opened:
            connection = opened.execution_options(is_write=True, **options)
            with connection.begin():
                if not self._is_sqlite:
                    begin_write(connection)
                yield connection

    def forget(self) -> None:
        """Let nothing that was deleted linger in SQLite's log; PostgreSQL looks after its own.

        Deleted contents are overwritten in the file (`secure_delete`), but the write-ahead log
        holds pages as they were until it is written back and cut. Others are waited for; where
        they do not end in time, the next call does it.
        """
        if self._is_sqlite:
            with told_as_ours(self.place), self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                cut_log(driver)

    @property
    def _is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()


def lock_writers(connection: Connection) -> None:
    """Make sure that this transaction is the one writer, until it ends.

    Nothing to do inside `Records.write`; for transactions that another library began.
    """
    if connection.dialect.name == "postgresql":
        begin_write(connection)


def open_records(url: str) -> Records:
    """Open the records at an SQLAlchemy `url`; makes an empty SQLite file where there is none.

    Raises `SettingsError` when the URL is neither SQLite nor PostgreSQL with psycopg. Nothing is
    connected yet otherwise; see `migrate` and `check_migrated`.
    """
    is_sqlite = url.startswith("sqlite:///") and url not in _WITHOUT_FILE
    if not is_sqlite and not url.startswith("postgresql+psycopg://"):
        raise SettingsError(
            "the records can be kept in SQLite or PostgreSQL only.",
            place="database_url",
            remedy="Use sqlite:///path or postgresql://user@host/database.",
        )
    wait = {"timeout": WAIT_MILLISECONDS / 1000} if is_sqlite else {"connect_timeout": 10}
    try:
        engine = create_engine(
            url,
            connect_args=wait,
            hide_parameters=True,  # parameters may identify people; messages may not
            json_serializer=_to_json,
            pool_size=8,
            max_overflow=40,  # more than a web process has threads
            pool_pre_ping=not is_sqlite,
        )
    except ArgumentError as error:
        raise SettingsError("this is not a database URL.", place="database_url") from error
    if is_sqlite:
        prepare_sqlite(engine)
    return Records(engine)


def _to_json(value: object) -> str:
    """PostgreSQL refuses NaN, SQLite would keep it: refuse it on both."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
