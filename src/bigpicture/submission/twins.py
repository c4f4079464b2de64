"""Twins: published images whose finest level shows the same as one that is submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.model.finding import Finding
from bigpicture.model.image_metadata import Image
from bigpicture.standard.duplicates import duplicate_of
from bigpicture.storage.records.tables import images, levels, submissions

_AT_ONCE = 500
"""Digests that one query asks for."""


@dataclass(frozen=True, slots=True)
class Twin:
    """`alias` is submitted; `image` is published, in `dataset`, which `person` submitted."""

    alias: str
    dataset: str
    image: str
    person: str


def twins_of(connection: Connection, roots: Mapping[str, str], *, besides: str) -> list[Twin]:
    """The published images whose finest level has one of these digests, by alias.

    What belongs to the dataset `besides`, the submission itself, is none.
    """
    aliases: dict[str, list[str]] = {}
    for alias, root in roots.items():
        aliases.setdefault(root, []).append(alias)
    wanted = list(aliases)
    found: list[Twin] = []
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(levels.c.frames_root, images.c.dataset, images.c.accession, submissions.c.person)
            .join(images, images.c.accession == levels.c.image)
            .join(submissions, submissions.c.accession == images.c.dataset)
            .where(
                levels.c.frames_root.in_(wanted[start : start + _AT_ONCE]),
                levels.c.level == 0,
                images.c.dataset != besides,
            )
            .order_by(images.c.accession)
        )
        for row in connection.execute(query):
            twins = aliases[row.frames_root]
            found += [Twin(alias, row.dataset, row.accession, row.person) for alias in twins]
    return found


def told_twins(members: Sequence[Image], twins: Sequence[Twin], person: str) -> Iterator[Finding]:
    """Yield what the submitter may know: of somebody else's dataset no more than that there is one.

    Whoever reviews the submission sees which it is.
    """
    by_alias: dict[str, list[Twin]] = {}
    for twin in twins:
        by_alias.setdefault(twin.alias, []).append(twin)
    for image in members:
        found = by_alias.get(image.alias, [])
        own = dict.fromkeys(twin.dataset for twin in found if twin.person == person)
        for dataset in own:
            remedy = "Leave it out, or say that this dataset complements that one."
            yield duplicate_of(image, f"an image of your dataset {dataset}", remedy)
        if found and not own:
            remedy = "If it was published by you or your organisation, leave it out."
            yield duplicate_of(image, "an image of a published dataset", remedy)
