"""A bundle: entries, proofs and checkpoints in a file of lines, to be verified without the records.

The first line says what it holds; then follow entries in their order, each a leaf with, if so
asked, the values and salts of its commitments, and every checkpoint after the last entry that it
counts. Or single entries, each with its own proof, and the newest checkpoint.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, select

from bigpicture.ledger.entry import Part
from bigpicture.ledger.openings import Opening
from bigpicture.ledger.proof import tree_peaks
from bigpicture.ledger.prove import provable, prove_event
from bigpicture.ledger.rows import EntryRow, read_entries
from bigpicture.ledger.tree import Tiles, find_head
from bigpicture.model.errors import InputError, IntegrityError, StorageError
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import ledger_checkpoints
from bigpicture.system.files import create, sync_folder, write_through

FORMAT = "bigpicture-ledger/1"
_WINDOW = 4096


def write_bundle(
    records: Records,
    path: Path,
    *,
    since: int = 0,
    chosen: Sequence[int] = (),
    is_open: bool = False,
    begin: Callable[[int], None] = lambda _: None,
    tick: Callable[[int], None] = lambda _: None,
) -> int:
    """Write every entry from index `since` on, or those of the `chosen` events; returns how many.

    With `is_open` the bundle holds who did it, to what, and the details: then it is for those who
    may know that. A file that is there already is replaced when the new one is whole. Raises
    `InputError` where there is nothing to write.
    """
    draft = path.with_name(f".{path.name}.draft")
    count = 0
    try:
        draft.unlink(missing_ok=True)
        with create(draft) as file, records.read() as connection:
            lines = (
                _chosen(connection, chosen, is_open)
                if chosen
                else _all(connection, since, is_open, begin)
            )
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                if "leaf" in line:
                    count += 1
                    tick(1)
            write_through(file)
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"the bundle cannot be written ({error.strerror}).", place=str(path)
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return count


def _all(
    connection: Connection, since: int, is_open: bool, begin: Callable[[int], None]
) -> Iterator[dict[str, object]]:
    head = find_head(connection)
    if not 0 <= since <= head.size or not head.size:
        raise InputError(
            f"the record has {head.size} entries; there are none after {since}.",
            remedy="Where your checkpoint tells more, the records were put back: run "
            "`bigpicture ledger verify --checkpoint FILE`.",
        )
    begin(head.size - since)
    peaks = tree_peaks(since, Tiles(connection).node)
    yield {
        "format": FORMAT,
        "kind": "range",
        "first": since,
        "size": head.size,
        "peaks": to_texts(peaks),
    }
    for start in range(since, head.size, _WINDOW):
        end = min(start + _WINDOW, head.size)
        notes = _notes(connection, start, end)
        rows = read_entries(connection, start, end)
        if len(rows) != end - start:
            raise IntegrityError(
                "entries are gone.",
                place=f"entries {start} to {end - 1}",
                remedy="Run `bigpicture ledger verify`.",
            )
        for row in rows:
            yield _line(row, is_open)
            if row.index + 1 in notes:
                yield {"checkpoint": notes[row.index + 1]}
    if since == head.size:
        yield {"checkpoint": head.note}


def _chosen(
    connection: Connection, chosen: Sequence[int], is_open: bool
) -> Iterator[dict[str, object]]:
    yield {"format": FORMAT, "kind": "events", "checkpoint": find_head(connection).note}
    for seq in chosen:
        proven = prove_event(connection, seq)
        line: dict[str, object] = {
            "index": proven.index,
            "leaf": proven.leaf,
            "proof": to_texts(proven.proof),
        }
        if is_open:
            line["openings"] = open_parts(proven.openings)
        yield line


def _line(row: EntryRow, is_open: bool) -> dict[str, object]:
    line: dict[str, object] = {"leaf": provable(row).told()}
    return line | {"openings": open_parts(row.openings)} if is_open else line


def open_parts(openings: Mapping[Part, Opening]) -> dict[str, dict[str, object]]:
    """Values and salts (hex; null where both were erased) as JSON."""
    return {
        str(part): {
            "salt": None if opening.salt is None else opening.salt.hex(),
            "value": opening.value,
        }
        for part, opening in openings.items()
    }


def to_texts(hashes: Sequence[bytes]) -> list[str]:
    """Hashes in base64, as C2SP writes them."""
    return [base64.b64encode(each).decode() for each in hashes]


def _notes(connection: Connection, start: int, end: int) -> dict[int, str]:
    rows = connection.execute(
        select(ledger_checkpoints.c.size, ledger_checkpoints.c.note).where(
            ledger_checkpoints.c.size > start, ledger_checkpoints.c.size <= end
        )
    )
    return {row.size: row.note for row in rows}
