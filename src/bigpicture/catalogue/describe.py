"""Describe: all that the records say of one image, from its being down to its levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from bigpicture.catalogue.companions import read_variables
from bigpicture.catalogue.image_facts import ImageFacts
from bigpicture.catalogue.labels import Label, read_labels
from bigpicture.model.inheritance import Qualifier
from bigpicture.storage.records import tables as t

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Description:
    """Rows of the records, as their tables name them; levels from the finest down."""

    image: ImageFacts
    scanner: _Row
    pixels_root: str | None
    slide: _Row
    staining: _Row
    block: _Row
    specimens: tuple[_Row, ...]
    cases: tuple[_Row, ...]
    beings: tuple[_Row, ...]
    observations: tuple[tuple[_Row, Qualifier], ...]
    levels: tuple[_Row, ...]
    labels: tuple[Label, ...]
    """Of companion tables."""


def describe(connection: Connection, image: ImageFacts) -> Description:
    """Describe an image in a dozen queries."""
    row = _one(connection, t.images, image.accession)
    slide = _one(connection, t.slides, row["slide"])
    specimens = _specimens(connection, slide["block"])
    qualifiers = dict(image.observations)
    stated = _some(connection, t.observations, qualifiers)
    levels = select(t.levels).where(t.levels.c.image == image.accession).order_by(t.levels.c.level)
    return Description(
        image=image,
        scanner={"manufacturer": row["manufacturer"], "model": row["model"]},
        pixels_root=row["pixels_root"],
        slide=slide,
        staining=_one(connection, t.stainings, slide["staining"]),
        block=_one(connection, t.blocks, slide["block"]),
        specimens=specimens,
        cases=_some(connection, t.cases, {each["case"] for each in specimens if each["case"]}),
        beings=_some(connection, t.beings, {each["being"] for each in specimens}),
        observations=tuple((each, qualifiers[each["accession"]]) for each in stated),
        levels=tuple(dict(each) for each in connection.execute(levels).mappings()),
        labels=read_labels(
            connection, image.dataset, read_variables(connection, image.dataset), image.entities
        ),
    )


def _specimens(connection: Connection, block: str) -> tuple[_Row, ...]:
    parts = select(t.block_specimens.c.specimen).where(t.block_specimens.c.block == block)
    names = set(connection.execute(parts).scalars())
    return _some(connection, t.specimens, names)


def _one(connection: Connection, table: Table, accession: str) -> _Row:
    found = connection.execute(select(table).where(table.c.accession == accession))
    return dict(found.mappings().one())


def _some(
    connection: Connection, table: Table, accessions: set[str] | dict[str, Qualifier]
) -> tuple[_Row, ...]:
    question = select(table).where(table.c.accession.in_(accessions)).order_by(table.c.alias)
    return tuple(dict(row) for row in connection.execute(question).mappings())
