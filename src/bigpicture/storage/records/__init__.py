"""The relational records, on SQLite and PostgreSQL: opened, migrated, read, written."""

from __future__ import annotations

from bigpicture.storage.records.engine import Records, open_records
from bigpicture.storage.records.migrate import check_migrated, migrate

__all__ = ["Records", "check_migrated", "migrate", "open_records"]
