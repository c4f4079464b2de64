"""Segments: read from the records where they are kept, made anew where they are not."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, delete, insert, select

from bigpicture.catalogue.index.read import read_segment
from bigpicture.catalogue.index.segment import VERSION, Segment
from bigpicture.model.errors import IntegrityError
from bigpicture.storage.records.tables import catalogue_segments as table


def keep_segment(connection: Connection, dataset: str) -> None:
    """Read a dataset's images and keep them in columns, in the caller's transaction."""
    save(connection, read_segment(connection, dataset))


def save(connection: Connection, segment: Segment) -> None:
    """Keep a segment in the place of what was kept of its dataset."""
    connection.execute(delete(table).where(table.c.dataset == segment.dataset))
    connection.execute(
        insert(table).values(
            dataset=segment.dataset,
            seq=segment.seq,
            version=VERSION,
            images=len(segment),
            body=segment.as_bytes(),
        )
    )


def load(connection: Connection, dataset: str, seq: int) -> tuple[Segment, bool]:
    """The segment of a dataset as it was published at `seq`, and whether it was made anew.

    That is so where none is kept, or where what is kept cannot be read: it is derived.
    """
    found = connection.execute(
        select(table.c.body).where(
            table.c.dataset == dataset, table.c.seq == seq, table.c.version == VERSION
        )
    ).scalar()
    if found is not None:
        with suppress(IntegrityError):
            return Segment.from_bytes(found, place=dataset), False
    return read_segment(connection, dataset), True
