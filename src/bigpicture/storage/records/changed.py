"""A published dataset says more, or less, than before: the catalogue reads it anew."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, update

from bigpicture.storage.records.tables import catalogue_segments, changes, datasets


def tell_changed(connection: Connection, dataset: str, kind: str) -> None:
    """Note the change, in the caller's transaction; `kind` is erased or computed.

    What the catalogue keeps of the dataset in columns goes at once; it is made again.
    """
    connection.execute(delete(catalogue_segments).where(catalogue_segments.c.dataset == dataset))
    change = connection.execute(
        insert(changes).values(dataset=dataset, kind=kind, time=datetime.now(UTC))
    )
    assert change.inserted_primary_key is not None
    connection.execute(
        update(datasets)
        .where(datasets.c.accession == dataset)
        .values(seq=change.inserted_primary_key[0])
    )
