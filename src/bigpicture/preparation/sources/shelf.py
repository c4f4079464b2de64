"""Records set aside until the whole export is read, in a database that nobody can open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType

from bigpicture.model.attribute import Json

_CACHE_KIB = 64 * 1024
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it was put: `kind` is its resource type or list, `place` where it stood."""

    number: int
    kind: str
    key: str
    place: str
    body: dict[str, Json]


class Shelf:
    """A private temporary database of SQLite: in memory, and past 64 MiB in an unnamed file.

    The file has no name in any folder from the start (Windows: is deleted when it is closed), so
    that a kill leaves nothing behind.
    """

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None)
        self._sql.executescript(
            f"""
            PRAGMA cache_size = -{_CACHE_KIB};
            PRAGMA temp_store = FILE;
            PRAGMA journal_mode = OFF;
            CREATE TABLE record (
                number INTEGER PRIMARY KEY, kind TEXT, key TEXT, place TEXT, body TEXT
            );
            CREATE TABLE found (index_name TEXT, value TEXT, number INTEGER);
            BEGIN;
            """
        )
        self._is_indexed = False
        self._recent: dict[int, Kept] = {}

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sql.close()

    def put(
        self,
        *,
        kind: str,
        key: str,
        place: str,
        body: dict[str, Json],
        found: Iterable[tuple[str, str]],
    ) -> int:
        """Keep a record; `found` are pairs of index and value under which it is looked up."""
        number = self._sql.execute(
            "INSERT INTO record (kind, key, place, body) VALUES (?, ?, ?, ?)",
            (kind, key, place, json.dumps(body, separators=(",", ":"))),
        ).lastrowid
        assert number is not None
        self._sql.executemany(
            "INSERT INTO found VALUES (?, ?, ?)",
            [(name, _storable(value), number) for name, value in set(found)],
        )
        return number

    def look_up(self, index_name: str, value: str) -> list[Kept]:
        """The records found under a value, in the order of the export."""
        self._index()
        rows = self._sql.execute(
            "SELECT number FROM found WHERE index_name = ? AND value = ? ORDER BY number",
            (index_name, _storable(value)),
        ).fetchall()
        return [self._record(number) for (number,) in rows]

    def _record(self, number: int) -> Kept:
        """A patient or a block is asked for by slide after slide, and decoded once."""
        kept = self._recent.get(number)
        if kept is None:
            if len(self._recent) >= _REMEMBERED:
                self._recent.clear()
            row = self._sql.execute("SELECT * FROM record WHERE number = ?", (number,)).fetchone()
            kept = self._recent[number] = _kept(row)
        return kept

    def has(self, index_name: str, value: str) -> bool:
        self._index()
        row = self._sql.execute(
            "SELECT 1 FROM found WHERE index_name = ? AND value = ? LIMIT 1",
            (index_name, _storable(value)),
        ).fetchone()
        return row is not None

    def of_kind(self, kind: str) -> Iterator[Kept]:
        """Every record of a kind, in the order of the export."""
        self._index()
        for row in self._sql.execute(
            "SELECT * FROM record WHERE kind = ? ORDER BY number", (kind,)
        ):
            yield _kept(row)

    def repeated(self) -> Iterator[list[Kept]]:
        """Records that have one key, together."""
        self._index()
        keys = self._sql.execute("SELECT key FROM record GROUP BY key HAVING COUNT(*) > 1")
        for (key,) in keys.fetchall():
            rows = self._sql.execute("SELECT * FROM record WHERE key = ? ORDER BY number", (key,))
            yield [_kept(row) for row in rows]

    def settle(self, own: str) -> None:
        """Put the key of a record in place of its other names, in every index but `own`."""
        self._index()
        self._sql.execute(
            "UPDATE found SET value = ("
            " SELECT key FROM found AS named JOIN record USING (number)"
            " WHERE named.index_name = :own AND named.value = found.value ORDER BY number LIMIT 1"
            ") WHERE index_name <> :own AND EXISTS ("
            " SELECT 1 FROM found AS named"
            " WHERE named.index_name = :own AND named.value = found.value)",
            {"own": own},
        )

    def _index(self) -> None:
        if not self._is_indexed:
            self._sql.executescript(
                "CREATE INDEX by_value ON found (index_name, value); "
                "CREATE INDEX by_kind ON record (kind); "
                "CREATE INDEX by_key ON record (key);"
            )
            self._is_indexed = True


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _kept(row: tuple[int, str, str, str, str]) -> Kept:
    number, kind, key, place, body = row
    return Kept(number, kind, key, place, json.loads(body))
