"""What a snapshot tells of the images of one dataset, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from bigpicture.catalogue.index.fields import OF_DATASET
from bigpicture.catalogue.index.read import erased_images
from bigpicture.catalogue.index.segment import Numbers, Segment, Terms
from bigpicture.catalogue.index.segments import load
from bigpicture.catalogue.terms import Term
from bigpicture.model.field import FIELDS, FieldKind

_Terms = tuple[Term, ...]

ONE = ("stain", "method", "scanner", "compression", "annotated", "type", "tier", "node")
"""Fields of which an image has one term at most."""
SEVERAL = tuple(
    name
    for name, each in FIELDS.items()
    if each.kind is FieldKind.TERM and name not in (*ONE, "image", "dataset")
)
NUMBERS = ("age", "mpp", "magnification", "size")
WHOLE = ("width", "height", "year")
"""Fields of whole numbers."""


@dataclass(frozen=True, slots=True)
class SnapshotRows:
    """A dataset's images in their order; every column has a value for each."""

    accessions: Sequence[str]
    aliases: Sequence[str]
    dataset: str
    title: str
    beings: Sequence[Sequence[str]]
    """Accessions: images of one being share it."""
    terms: Mapping[str, Sequence[_Terms]]
    numbers: Mapping[str, Sequence[float | None]]
    companion: Sequence[Mapping[str, Sequence[str]]]
    """Labels by companion variable."""


def read_rows(connection: Connection, dataset: str, seq: int) -> SnapshotRows:
    """The images of a dataset as it was published at `seq`, without those that were erased."""
    segment, _ = load(connection, dataset, seq)
    erased = {str(row[0]) for row in connection.execute(erased_images(dataset))}
    kept = np.array([name not in erased for name in segment.accessions], np.bool_)
    rows = np.flatnonzero(kept)
    return SnapshotRows(
        accessions=[segment.accessions[row] for row in rows],
        aliases=[segment.aliases[row] for row in rows],
        dataset=dataset,
        title=str(segment.info["title"]),
        beings=[[term.key for term in terms] for terms in _terms(segment.beings, rows)],
        terms={
            **{name: _terms(column, rows) for name, column in segment.terms.items()},
            **{name: [_shared(segment, name)] * len(rows) for name in OF_DATASET},
        },
        numbers=_numbers(segment, rows),
        companion=_companion(segment, rows),
    )


def _terms(column: Terms, rows: NDArray[np.intp]) -> list[_Terms]:
    told = column.terms()
    ends = column.offsets.tolist()
    places = column.items.tolist()
    sets = [tuple(told[place] for place in places[first:last]) for first, last in pairwise(ends)]
    return [sets[code] for code in column.codes[rows].tolist()]


def _shared(segment: Segment, field: str) -> _Terms:
    return tuple(Term(key, label) for key, label in segment.info["terms"][field])


def _numbers(segment: Segment, rows: NDArray[np.intp]) -> dict[str, list[float | None]]:
    width, height = segment.raw["width"][rows], segment.raw["height"][rows]
    return {
        **{name: _number(column, rows) for name, column in segment.numbers.items()},
        "width": width.astype(np.int64).tolist(),
        "height": height.astype(np.int64).tolist(),
        "size": (width * height / 1e6).tolist(),
        "year": [segment.info["year"]] * len(rows),
    }


def _number(column: Numbers, rows: NDArray[np.intp]) -> list[float | None]:
    values = column.values[column.codes[rows]].tolist()
    return [None if value != value else value for value in values]


def _companion(segment: Segment, rows: NDArray[np.intp]) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = [{} for _ in rows]
    for name, column in segment.companion.items():
        for held, terms in zip(found, _terms(column, rows), strict=True):
            if terms:
                held[name] = [term.label for term in terms]
    return found
