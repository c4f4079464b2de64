"""Standing: the door by which a steward holds a dataset back, takes it back, or releases it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from bigpicture.access.decide import Terms
from bigpicture.access.standing import set_standing
from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.api.node import Node
from bigpicture.model.person import Permission
from bigpicture.model.standing import Standing
from bigpicture.storage.records import tables as t

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class StandingGiven(BaseModel):
    standing: Standing
    until: AwareDatetime | None = Field(default=None, description="the end of an embargo")
    reason: Why = Field(description="of a withdrawal everybody may read it")


class StandingShown(BaseModel):
    dataset: str
    standing: Standing
    until: datetime | None
    since: datetime | None
    reason: str


class Tombstone(BaseModel):
    """What stays of a dataset that was withdrawn."""

    accession: str
    title: str
    version: str
    doi: str | None
    published: datetime
    standing: Literal[Standing.WITHDRAWN]
    withdrawn: datetime
    reason: str


@router.post("/{accession}/standing")
def give_standing(
    node: NodeAsked, person: SignedIn, accession: str, given: StandingGiven
) -> StandingShown:
    """Release a dataset, hold it back until a moment, or take it back; at once."""
    require(person, Permission.DATASET_SET_STANDING)
    with node.records.write() as connection:
        after = set_standing(
            connection,
            accession,
            given.standing,
            until=given.until,
            reason=given.reason,
            by=person.id,
            now=datetime.now(UTC),
        )
    node.epochs.outdate()
    return StandingShown(
        dataset=accession,
        standing=after.standing,
        until=after.until,
        since=after.since,
        reason=after.reason,
    )


def tombstone(node: Node, terms: Terms) -> Tombstone:
    """The tombstone of a withdrawn dataset. May block."""
    table, standing = t.datasets, terms.standing
    with node.records.read() as connection:
        row = (
            connection.execute(table.select().where(table.c.accession == terms.dataset))
            .mappings()
            .one()
        )
    return Tombstone(
        accession=row["accession"],
        title=row["title"],
        version=row["version"],
        doi=row["landing"].get("doi"),
        published=row["published"],
        standing=Standing.WITHDRAWN,
        withdrawn=standing.since or row["published"],
        reason=standing.reason,
    )
