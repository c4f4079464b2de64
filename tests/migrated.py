"""Records with all their tables, copied from a template: migrating is what takes the time."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from bigpicture.storage.records import migrate, open_records

_SQLITE = "sqlite:///"


def open_migrated(url):
    """Records at `url`, migrated; a SQLite file that is not there yet is a copy."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.exists():
        shutil.copyfile(_template(), file)
    records = open_records(url)
    migrate(records)
    return records


@cache
def _template():
    folder = Path(tempfile.mkdtemp(prefix="bigpicture-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    records = open_records(f"{_SQLITE}{folder / 'records.sqlite'}")
    migrate(records)
    records.close()  # the last connection writes the log into the file
    return folder / "records.sqlite"
