"""Computed: the facets that algorithms of the node gave, as variables of their datasets.

They are found, counted and shown as what a companion table tells of an image. Facets of algorithms
that somebody published stay with their results: nobody fills everybody's catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, func, select

from bigpicture.storage.records.algorithm_tables import algorithms
from bigpicture.storage.records.run_tables import result_facets as facets
from bigpicture.storage.records.run_tables import results
from bigpicture.storage.records.tables import images

LONGEST_NAME = 60


def name_of(algorithm: str, facet: str) -> str:
    """By which a facet is asked for, behind `companion.`."""
    return f"{algorithm}.{facet}"[-LONGEST_NAME:]


def read_computed(connection: Connection, dataset: str) -> list[tuple[str, str, str, bool]]:
    """Algorithm, facet, unit of each facet of a dataset's images, and whether it is a number."""
    rows = connection.execute(
        select(
            facets.c.algorithm, facets.c.name, func.max(facets.c.unit), func.count(facets.c.text)
        )
        .join(images, images.c.accession == facets.c.image)
        .where(images.c.dataset == dataset, _is_the_nodes())
        .group_by(facets.c.algorithm, facets.c.name)
        .order_by(facets.c.algorithm, facets.c.name)
    )
    return [(algorithm, name, unit or "", not texts) for algorithm, name, unit, texts in rows]


def read_facets(
    connection: Connection, dataset: str, some: Iterable[str] = ()
) -> Mapping[str, Mapping[str, object]]:
    """The facets of each image of a dataset, or of some, by name: the newest result of each."""
    asked = (
        select(facets)
        .join(
            results,
            (results.c.key == facets.c.key)
            & (results.c.image == facets.c.image)
            & (results.c.output == facets.c.name),
        )
        .where(results.c.dataset == dataset, _is_the_nodes())
        .order_by(results.c.created, results.c.key)
    )
    wanted = list(some)
    if wanted:
        asked = asked.where(facets.c.image.in_(wanted))
    found: dict[str, dict[str, object]] = {}
    for row in connection.execute(asked):
        value = row.number if row.text is None else row.text
        held = found.setdefault(row.image, {})
        held.pop(name_of(row.algorithm, row.name), None)
        if value is not None:
            held[name_of(row.algorithm, row.name)] = value
    return found


def _is_the_nodes() -> ColumnElement[bool]:
    """Of an algorithm that is installed with the node, as published ones are not."""
    return facets.c.algorithm.not_in(select(algorithms.c.id))
