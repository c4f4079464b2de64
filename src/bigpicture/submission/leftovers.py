"""Leftovers: objects that a submission no longer needs once it is published or withdrawn."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bigpicture.storage.records.tables import (
    annotations,
    documents,
    image_reports,
    images,
    landing_thumbnails,
    levels,
    submission_files,
)
from bigpicture.submission.stores import Stores


def doom_leftovers(connection: Connection, stores: Stores, accession: str) -> list[str]:
    """Doom everything kept for a submission that no row refers to.

    Returns the keys to erase after the commit: working copies, previews that were not chosen,
    and what an interrupted attempt left.
    """
    needed = _needed(connection, accession)
    kept = stores.vault.owned_by(connection, accession)
    return stores.vault.doom(connection, [key for key in kept if key not in needed])


def _needed(connection: Connection, dataset: str) -> set[str]:
    needed: set[str] = set()
    of_dataset = select(images.c.accession).where(images.c.dataset == dataset)
    for query in (
        select(documents.c.object).where(documents.c.dataset == dataset),
        select(landing_thumbnails.c.object).where(landing_thumbnails.c.dataset == dataset),
        select(submission_files.c.object).where(submission_files.c.submission == dataset),
        select(image_reports.c.object).where(image_reports.c.submission == dataset),
        select(images.c.thumbnail).where(images.c.dataset == dataset),
        select(levels.c.object).where(levels.c.image.in_(of_dataset)),
        select(levels.c.index_object).where(levels.c.image.in_(of_dataset)),
    ):
        needed.update(key for key in connection.scalars(query) if key)
    for keys in connection.scalars(
        select(annotations.c.objects).where(annotations.c.dataset == dataset)
    ):
        needed.update(key for key in keys if key)
    return needed
