"""Everything a node published, comparable between runs: no times, no accessions, no keys."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from sqlalchemy import select

from bigpicture.app.open import open_stores
from bigpicture.settings import Settings
from bigpicture.storage.records import tables

ACCESSION = re.compile(r"\b[a-z]{2,8}-[a-z_]+-[a-z0-9]{6}-[a-z0-9]{6}\b")
TIMES = {"published", "created", "changed", "time", "start", "end"}
OBJECTS = {"object", "index_object", "thumbnail"}
TABLES = [
    "datasets", "beings", "cases", "specimens", "blocks", "block_specimens", "stainings", "slides",
    "images", "levels", "annotations", "observers", "observations", "documents",
    "landing_thumbnails", "submissions", "submission_files", "changes",
]  # fmt: skip


def snapshot(settings: Settings) -> dict[str, Any]:
    """Table to rows, with each object as the digest of what it decrypts to."""
    stores = open_stores(settings)
    try:
        with stores.records.read() as connection:
            rows = {
                name: [
                    dict(row)
                    for row in connection.execute(select(tables.METADATA.tables[name])).mappings()
                ]
                for name in TABLES
            }
            kept = connection.execute(select(tables.objects)).mappings().all()
        names = names_of(rows)
        digests = {row["key"]: digest(stores, row["key"], names) for row in kept if row["header"]}
        comparable = {
            name: sorted((plain(row, names, digests) for row in members), key=repr)
            for name, members in rows.items()
        }
        comparable["objects"] = sorted((row["state"], digests.get(row["key"], "")) for row in kept)
        return comparable
    finally:
        stores.records.close()


def stored_keys(settings: Settings) -> tuple[set[str], set[str]]:
    """Keys in the records, keys in the folder of objects."""
    stores = open_stores(settings)
    try:
        with stores.records.read() as connection:
            known = set(connection.scalars(select(tables.objects.c.key)))
    finally:
        stores.records.close()
    root = settings.data / "objects"
    stored = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    return known, stored


def names_of(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Accession to what it names, independent of the run."""
    return {
        row["accession"]: f"<{name} {row['alias']}>"
        for name, members in rows.items()
        for row in members
        if "accession" in row and "alias" in row
    }


def digest(stores: Any, key: str, names: dict[str, str]) -> str:
    data = stores.vault.read(key)
    if data.startswith(b"<?xml"):
        data = neutral(data.decode(), names).encode()
    return hashlib.sha256(data).hexdigest()


def neutral(text: str, names: dict[str, str]) -> str:
    return ACCESSION.sub(lambda found: names.get(found[0], "<accession>"), text)


def plain(row: dict[str, Any], names: dict[str, str], digests: dict[str, str]) -> str:
    shown = {}
    for column, value in row.items():
        if column in TIMES or column in {"id", "attempt", "person"}:
            continue
        if column in OBJECTS:
            shown[column] = digests.get(value, value)
        elif column == "objects":
            shown[column] = [digests.get(key, key) for key in value]
        else:
            shown[column] = value
    return neutral(repr(sorted(shown.items())), names)
