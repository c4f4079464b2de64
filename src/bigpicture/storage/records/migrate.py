"""Bring the tables to the shape this version of the software knows; forward only."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bigpicture.model.errors import StorageError
from bigpicture.storage.records.engine import Records

SCRIPTS = "bigpicture.storage.records:migrations"


def migrate(records: Records) -> None:
    """Apply every migration that is missing, all of them or none.

    Processes that migrate at the same time wait for each other; the later ones find nothing
    to do. Raises `StorageError` when the records are newer than this software.
    """
    if _revision(records) == _newest():
        return
    with records.rewrite() as connection:
        _refuse_newer(_read_revision(connection), records.place)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _check_references(connection, records.place)


def check_migrated(records: Records) -> None:
    """Raise `StorageError` unless the tables are those of this version of the software."""
    revision = _revision(records)
    if revision == _newest():
        return
    _refuse_newer(revision, records.place)
    raise StorageError(
        "the records are older than this software." if revision else "the records are empty.",
        place=records.place,
        remedy="Run `bigpicture migrate`.",
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _revision(records: Records) -> str | None:
    with records.read() as connection:
        return _read_revision(connection)


def _read_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(revision: str | None, place: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise StorageError(
            f"the records have shape {revision}, which this software does not know.",
            place=place,
            remedy="Install the version that wrote them, or a newer one.",
        )


def _check_references(connection: Connection, place: str) -> None:
    """SQLite does not enforce foreign keys while tables are rebuilt: look afterwards."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StorageError(
                f"the migration would break a reference from {broken[0]}; nothing was changed.",
                place=place,
            )
