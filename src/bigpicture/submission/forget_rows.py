"""Forget rows: what companion tables and results tell of an erased being goes, here and there.

A table holds many beings, so it cannot be sealed under the key of each: it is sealed under the
dataset's, written anew without the being's rows, and the table before is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import ErasedError, InputError, IntegrityError, LimitError
from bigpicture.model.submission import FileRole
from bigpicture.standard.companions.parquet import drop_rows
from bigpicture.storage.records import run_tables
from bigpicture.storage.records import tables as t
from bigpicture.submission.companions import Companion, companions_of, spooled
from bigpicture.submission.files import SubmittedFile, files_in
from bigpicture.submission.stores import Stores
from bigpicture.vault.kept import Kept
from bigpicture.vault.subject import DATASET

_CHUNK = 500
_PIECE = 1 << 20
_UNREADABLE = (InputError, IntegrityError, LimitError, ErasedError)
"""What no repetition mends."""


@dataclass(frozen=True, slots=True)
class Shorter:
    """A table to be replaced; `kept` is None where it could not be read and only goes."""

    file: SubmittedFile
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is to happen in the transaction that closes a being."""

    dataset: str
    entities: tuple[str, ...] = ()
    tables: tuple[Shorter, ...] = ()


def prepare_forgetting(stores: Stores, dataset: str, being: str) -> Forgetting:
    """Write the tables of a published dataset without the rows of a being, by its alias.

    Nothing counts until `forget` has settled it. A table that cannot be read goes whole: that a
    being is erased does not wait for it. Raises `StorageError` where there is no room, or the store
    does not answer: then no table goes, and the erasure is repeated.
    """
    with stores.records.read() as connection:
        below = _below(connection, dataset, being)
    entities = tuple(accession for each in below.values() for accession in each)
    files = {
        file.path: file
        for file in files_in(stores, dataset, roles=[FileRole.COMPANION])
        if file.object
    }
    if not entities or not files:
        return Forgetting(dataset, entities)
    try:
        with spooled(stores, dataset) as places:
            tables = [
                _shorter_or_none(stores, files[each.path], each, frozenset(named))
                for each in companions_of(places)
                if (named := below[each.dictionary.entity].values())
            ]
    except _UNREADABLE:
        tables = [Shorter(file, None) for file in files.values()]
    return Forgetting(dataset, entities, tuple(tables))


def forget(connection: Connection, stores: Stores, forgetting: Forgetting) -> list[str]:
    """Do so in the caller's transaction; returns the keys of objects to `erase` after it."""
    for start in range(0, len(forgetting.entities), _CHUNK):
        some = forgetting.entities[start : start + _CHUNK]
        connection.execute(
            delete(t.companion_rows).where(
                t.companion_rows.c.dataset == forgetting.dataset,
                t.companion_rows.c.entity.in_(some),
            )
        )
        for table in (run_tables.result_facets, run_tables.results, run_tables.result_failures):
            connection.execute(delete(table).where(table.c.image.in_(some)))
    for each in forgetting.tables:
        if each.kept is not None:
            stores.vault.settle(connection, each.kept)
        connection.execute(
            update(t.submission_files)
            .where(t.submission_files.c.id == each.file.id)
            .values(object=each.kept.key if each.kept else None)
        )
    before = [each.file.object for each in forgetting.tables if each.file.object]
    return stores.vault.doom(connection, before)


def _shorter_or_none(
    stores: Stores, file: SubmittedFile, companion: Companion, aliases: frozenset[str]
) -> Shorter:
    try:
        return _shorter(stores, file, companion, aliases)
    except _UNREADABLE:
        return Shorter(file, None)


def _shorter(
    stores: Stores, file: SubmittedFile, companion: Companion, aliases: frozenset[str]
) -> Shorter:
    out = companion.place.with_name(f"shorter-{companion.place.name}")
    drop_rows(companion.place, out, key=companion.dictionary.key, aliases=aliases)
    with out.open("rb") as stream:
        pieces = iter(lambda: stream.read(_PIECE), b"")
        return Shorter(file, stores.vault.keep(pieces, owner=file.submission, subjects=[DATASET]))


def _below(
    connection: Connection, dataset: str, being: str
) -> Mapping[EntityKind, Mapping[str, str]]:
    """Accession to alias, by kind, of a being and of all that was made of it."""
    b = t.beings.c
    beings = select(b.accession).where(b.dataset == dataset, b.alias == being)
    cases = select(t.cases.c.accession).where(t.cases.c.being.in_(beings))
    specimens = select(t.specimens.c.accession).where(t.specimens.c.being.in_(beings))
    parts = t.block_specimens.c
    blocks = select(parts.block).where(parts.specimen.in_(specimens))
    slides = select(t.slides.c.accession).where(t.slides.c.block.in_(blocks))
    images = select(t.images.c.accession).where(t.images.c.slide.in_(slides))
    found = (
        (EntityKind.BEING, t.beings, beings),
        (EntityKind.CASE, t.cases, cases),
        (EntityKind.SPECIMEN, t.specimens, specimens),
        (EntityKind.BLOCK, t.blocks, blocks),
        (EntityKind.SLIDE, t.slides, slides),
        (EntityKind.IMAGE, t.images, images),
    )
    return {
        kind: {
            row.accession: row.alias
            for row in connection.execute(
                select(table.c.accession, table.c.alias).where(table.c.accession.in_(names))
            )
        }
        for kind, table, names in found
    }
