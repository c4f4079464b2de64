"""Results: kept sealed under the keys of the beings they come from, and read again.

All outputs of a key come to count in one transaction, so nobody sees half of them. Destroying a
being's key closes its results with its slides; what lies open in rows is deleted with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from bigpicture.analysis.values import Facet, Value, Values
from bigpicture.model.algorithm import Algorithm, OutputKind
from bigpicture.model.canonical import canonical_json
from bigpicture.model.errors import ErasedError, UnknownError
from bigpicture.model.run import SlideState
from bigpicture.storage.records.run_tables import result_facets, result_failures, results
from bigpicture.storage.records.tables import (
    beings,
    block_specimens,
    images,
    levels,
    objects,
    slides,
    specimens,
)
from bigpicture.vault.kept import Kept
from bigpicture.vault.subject import DATASET, Subject
from bigpicture.vault.vault import Vault

FACET_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as bytes of a media type."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """Whose result it is: the image, its dataset, and the run that computes it."""

    image: str
    dataset: str
    run: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One output of one key and image, as the records know it; `facet` where it is one."""

    key: str
    image: str
    output: str
    kind: OutputKind
    dataset: str
    run: str
    algorithm: str
    version: str
    object: str | None
    media_type: str
    size: int
    sha256: str
    created: datetime
    facet: Facet | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The outputs of one key, sealed and stored, that count once `settle` was committed."""

    key: str
    source: Source
    algorithm: Algorithm
    values: Values
    encoded: Mapping[str, Encoded]
    kept: Mapping[str, Kept]

    @property
    def objects(self) -> list[str]:
        return [kept.key for kept in self.kept.values()]


def subjects_of(connection: Connection, image: str) -> tuple[Subject, ...]:
    """The beings whose tissue an image shows: their keys seal what is computed of it."""
    found = connection.scalars(
        select(beings.c.alias)
        .join(specimens, specimens.c.being == beings.c.accession)
        .join(block_specimens, block_specimens.c.specimen == specimens.c.accession)
        .join(slides, slides.c.block == block_specimens.c.block)
        .join(images, images.c.slide == slides.c.accession)
        .where(images.c.accession == image)
        .distinct()
        .order_by(beings.c.alias)
    )
    return tuple(Subject.being(alias) for alias in found) or (DATASET,)


def prepare(
    vault: Vault,
    key: str,
    source: Source,
    algorithm: Algorithm,
    values: Values,
    encoded: Mapping[str, Encoded],
    *,
    subjects: Sequence[Subject],
) -> Prepared:
    """Seal and store the bytes of all outputs but facets, which are rows.

    Raises `ErasedError` where a being was erased meanwhile, `StorageError`; then nothing is left.
    """
    kept: dict[str, Kept] = {}
    try:
        for name, one in encoded.items():
            kept[name] = vault.keep([one.data], owner=source.dataset, subjects=subjects)
    except BaseException:
        vault.discard([one.key for one in kept.values()])
        raise
    return Prepared(key, source, algorithm, values, encoded, kept)


def settle(connection: Connection, vault: Vault, prepared: Prepared, *, now: datetime) -> bool:
    """Make results count, in the caller's transaction; False where they were there already.

    Then the caller discards the objects of `prepared`: somebody else computed the same. Raises
    `ErasedError` where the image was erased meanwhile: its facets would be open for ever.
    """
    key, source = prepared.key, prepared.source
    check_not_erased(connection, source.image)
    if is_kept(connection, key, source.image):
        return False
    for kept in prepared.kept.values():
        vault.settle(connection, kept)
    rows = [_row(prepared, name, now) for name in prepared.values]
    connection.execute(insert(results), rows)
    facets = [
        _facet_row(prepared, name, value)
        for name, value in prepared.values.items()
        if isinstance(value, Facet)
    ]
    if facets:
        connection.execute(insert(result_facets), facets)
    return True


def check_not_erased(connection: Connection, image: str) -> None:
    """Raise `ErasedError` where a level of the image was erased."""
    gone = (
        select(levels.c.level)
        .join(objects, objects.c.key == levels.c.object)
        .where(levels.c.image == image, objects.c.header.is_(None))
        .limit(1)
    )
    if connection.execute(gone).first() is not None:
        raise ErasedError("this slide was erased: the key of its subject was destroyed.")


def is_kept(connection: Connection, key: str, image: str) -> bool:
    """Whether there are results of a key for an image."""
    found = select(results.c.key).where(results.c.key == key, results.c.image == image).limit(1)
    return connection.execute(found).first() is not None


def keep_failure(
    connection: Connection,
    key: str,
    source: Source,
    *,
    state: SlideState,
    reason: str,
    text: str,
    now: datetime,
) -> None:
    """Remember an algorithm's own failure, for the next run of the same key."""
    known = select(result_failures.c.key).where(
        result_failures.c.key == key, result_failures.c.image == source.image
    )
    if connection.execute(known).first() is None:
        connection.execute(
            insert(result_failures).values(
                key=key,
                image=source.image,
                state=state,
                reason=reason,
                text=text,
                run=source.run,
                created=now,
            )
        )


def find_results(connection: Connection, key: str, image: str) -> list[ResultRow]:
    """The outputs of a key for an image; empty where nothing was computed."""
    return _read(connection, results.c.key == key, results.c.image == image)


def find_output(connection: Connection, key: str, output: str) -> list[ResultRow]:
    """An output of a key, for each image of the same pixels; raises `UnknownError` for none."""
    found = _read(connection, results.c.key == key, results.c.output == output)
    if not found:
        raise UnknownError("there is no such result.", place=f"{key}/{output}")
    return found


def image_results(connection: Connection, image: str) -> list[ResultRow]:
    """All that was computed of an image, the newest first."""
    found = _read(connection, results.c.image == image)
    return sorted(found, key=lambda row: (row.created, row.key), reverse=True)


def _read(connection: Connection, *which: Any) -> list[ResultRow]:  # noqa: ANN401 - conditions
    asked = (
        select(results, result_facets.c.unit, result_facets.c.number, result_facets.c.text)
        .outerjoin(
            result_facets,
            (result_facets.c.key == results.c.key)
            & (result_facets.c.image == results.c.image)
            & (result_facets.c.name == results.c.output),
        )
        .where(*which)
        .order_by(results.c.image, results.c.output)
    )
    return [_result(row) for row in connection.execute(asked).mappings()]


def _result(row: RowMapping) -> ResultRow:
    same = ("key", "image", "output", "dataset", "run", "algorithm", "version", "object")
    kind = OutputKind(row["kind"])
    value = row["number"] if row["text"] is None else row["text"]
    return ResultRow(
        **{name: row[name] for name in (*same, "media_type", "size", "sha256", "created")},
        kind=kind,
        facet=Facet(value, row["unit"] or "") if kind is OutputKind.FACET else None,
    )


def _row(prepared: Prepared, name: str, now: datetime) -> dict[str, Any]:
    source, encoded = prepared.source, prepared.encoded.get(name)
    kept = prepared.kept.get(name)
    return {
        "key": prepared.key,
        "image": source.image,
        "output": name,
        "kind": prepared.algorithm.output(name).kind,
        "dataset": source.dataset,
        "run": source.run,
        "algorithm": prepared.algorithm.id,
        "version": prepared.algorithm.version,
        "object": kept.key if kept else None,
        "media_type": encoded.media_type if encoded else FACET_TYPE,
        "size": kept.size if kept else len(_facet_bytes(prepared.values[name])),
        "sha256": kept.sha256
        if kept
        else hashlib.sha256(_facet_bytes(prepared.values[name])).hexdigest(),
        "created": now,
    }


def _facet_row(prepared: Prepared, name: str, facet: Facet) -> dict[str, Any]:
    is_text = isinstance(facet.value, str)
    return {
        "key": prepared.key,
        "image": prepared.source.image,
        "name": name,
        "algorithm": prepared.algorithm.id,
        "unit": facet.unit,
        "number": None if is_text or facet.value is None else float(facet.value),
        "text": facet.value if is_text else None,
    }


def _facet_bytes(value: Value) -> bytes:
    assert isinstance(value, Facet), "all else was kept as an object"
    return facet_json(value)


def facet_json(facet: Facet) -> bytes:
    """A facet as it is read: JSON of its value and its unit."""
    value = (
        facet.value if isinstance(facet.value, str) or facet.value is None else float(facet.value)
    )
    return canonical_json({"unit": facet.unit, "value": value})
