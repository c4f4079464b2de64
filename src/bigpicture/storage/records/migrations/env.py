"""Run migrations on the connection, and in the transaction, that `migrate` hands over."""

from __future__ import annotations

from alembic import context

from bigpicture.storage.records import (
    algorithm_tables,
    application_tables,
    grant_tables,
    identity_tables,
    run_tables,
    tables,
)

_FILES = (
    tables,
    grant_tables,
    application_tables,
    identity_tables,
    algorithm_tables,
    run_tables,
)
"""Their tables are in the one METADATA once they are imported."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_FILES[0].METADATA,
    render_as_batch=True,  # SQLite cannot alter a column; it rebuilds the table
    transactional_ddl=True,  # SQLite too can roll back its tables, once BEGIN is ours
)
with context.begin_transaction():
    context.run_migrations()
