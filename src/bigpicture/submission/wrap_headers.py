"""Wrap headers: what was published before subjects had keys is sealed under them now."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from bigpicture.metaflex.submission import read_submission
from bigpicture.model.submission import FileRole
from bigpicture.standard.files import METADATA_FILES
from bigpicture.storage.records.tables import (
    annotations,
    datasets,
    documents,
    image_reports,
    images,
    levels,
    submission_files,
)
from bigpicture.submission.layout import document_name, image_alias
from bigpicture.submission.stores import Stores
from bigpicture.submission.whose import note_beings, subjects_at
from bigpicture.vault.subject import DATASET, Subject
from bigpicture.vault.wrap_bare import bare_objects, wrap_bare


def wrap_dataset(stores: Stores, dataset: str) -> int:
    """Wrap every header of a published dataset that is not; returns how many there were.

    Only the headers change. Copies of the records made before hold them unwrapped: those close
    when they are deleted, or when the node's key is rotated and its old one destroyed.
    """
    with stores.records.read() as connection:
        bare = bare_objects(connection, dataset)
        places = _places(connection, dataset)
        kept = _documents(connection, dataset)
    if not bare:
        return 0
    study = read_submission({path: stores.vault.read(key) for path, key in kept.items()})
    with stores.records.write() as connection:
        note_beings(connection, dataset, study)
    subjects = {place: subjects_at(stores, dataset, place) for place in {*places.values()} if place}
    by_subjects: defaultdict[tuple[Subject, ...], list[str]] = defaultdict(list)
    for key in bare:
        by_subjects[tuple(subjects.get(places.get(key, ""), (DATASET,)))].append(key)
    for under, keys in by_subjects.items():
        wrap_bare(stores.records, stores.vault.key_store, keys, owner=dataset, subjects=under)
    stores.records.forget()
    return len(bare)


def published(stores: Stores) -> list[str]:
    """The accessions of all datasets."""
    with stores.records.read() as connection:
        return list(connection.scalars(select(datasets.c.accession).order_by(datasets.c.accession)))


def _documents(connection: Connection, dataset: str) -> dict[str, str]:
    """Document path to the key of its object."""
    paths = {document_name(path): path for path in METADATA_FILES}
    rows = connection.execute(
        select(documents.c.name, documents.c.object).where(documents.c.dataset == dataset)
    ).all()
    return {paths[row.name]: row.object for row in rows if row.name in paths}


def _places(connection: Connection, dataset: str) -> dict[str, str]:
    """Object key to the place that `note_beings` knows it by."""
    of_dataset = select(images.c.accession, images.c.alias, images.c.thumbnail).where(
        images.c.dataset == dataset
    )
    places: dict[str, str] = {}
    folders: dict[str, str] = {}
    for row in connection.execute(of_dataset).all():
        folders[row.accession] = f"IMAGES/IMAGE_{row.alias}"
        if row.thumbnail:
            places[row.thumbnail] = folders[row.accession]
    asked = select(levels.c.image, levels.c.object, levels.c.index_object).where(
        levels.c.image.in_(select(images.c.accession).where(images.c.dataset == dataset))
    )
    for row in connection.execute(asked).all():
        places[row.object] = places[row.index_object] = folders[row.image]
    for row in connection.execute(
        select(annotations.c.image, annotations.c.objects).where(annotations.c.dataset == dataset)
    ).all():
        places |= {key: folders[row.image] for key in row.objects if key and row.image in folders}
    for row in connection.execute(
        select(image_reports.c.image, image_reports.c.object).where(
            image_reports.c.submission == dataset
        )
    ).all():
        places[row.object] = f"IMAGES/IMAGE_{row.image}"
    table = submission_files
    for row in connection.execute(
        select(table.c.path, table.c.object).where(
            table.c.submission == dataset, table.c.role == FileRole.IMAGE
        )
    ).all():
        if row.object:  # instances that are no level, too
            places[row.object] = f"IMAGES/IMAGE_{image_alias(row.path)}"
    return places
