"""A landing page: everything on it derived from the records, nothing typed twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.storage.records import tables as t


@dataclass(frozen=True, slots=True)
class Landing:
    """`size_bytes` is of the images as a reader gets them, `resolutions` their distinct mpp."""

    facts: DatasetFacts
    policy: Mapping[str, object]
    typed: Mapping[str, object]
    """What only the submitter knows: center, keywords, citations, contact ..."""
    size_bytes: int
    resolutions: tuple[float, ...]


def read_landing(connection: Connection, facts: DatasetFacts) -> Landing:
    """Read what the facts of a dataset do not hold."""
    size = connection.execute(
        select(func.coalesce(func.sum(t.objects.c.size), 0))
        .select_from(t.levels)
        .join(t.images, t.images.c.accession == t.levels.c.image)
        .join(t.objects, t.objects.c.key == t.levels.c.object)
        .where(t.images.c.dataset == facts.accession)
    ).scalar_one()
    return Landing(
        facts=facts,
        policy=facts.row["policy"],
        typed=facts.row["landing"],
        size_bytes=int(size),
        resolutions=facts.resolutions,
    )
