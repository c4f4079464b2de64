"""Barred: who may not have a dataset after a misuse, and the door by which that is lifted."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from bigpicture.access.blocks import lift_block, list_blocks
from bigpicture.access.people import find_people
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn
from bigpicture.api.concerned import require_over
from bigpicture.api.grant_shapes import ReasonWanted
from bigpicture.api.person_shown import PersonRef

router = APIRouter(prefix="/api/v1/datasets", tags=["grants"])


class BarredShown(BaseModel):
    person: PersonRef
    since: datetime
    by: PersonRef
    reason: str
    grant: str


class BarredList(BaseModel):
    items: list[BarredShown]
    next: str | None


@router.get("/{accession}/barred")
def barred(
    node: NodeAsked,
    person: SignedIn,
    accession: str,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> BarredList:
    """List who is barred from a dataset after a misuse: for stewards and its committee."""
    with node.records.read() as connection:
        require_over(connection, person, accession)
        found = list_blocks(connection, dataset=accession, after=after, limit=limit + 1)
        people = find_people(connection, [who for each in found for who in (each.person, each.by)])
    shown = [
        BarredShown(
            person=PersonRef.of(people.get(each.person), otherwise=each.person),
            since=each.since,
            by=PersonRef.of(people.get(each.by), otherwise=each.by),
            reason=each.reason,
            grant=each.grant,
        )
        for each in found[:limit]
    ]
    return BarredList(items=shown, next=shown[-1].person.id if len(found) > limit else None)


@router.delete("/{accession}/barred/{barred}", status_code=204)
def lift(
    node: NodeAsked, person: SignedIn, accession: str, barred: str, wanted: ReasonWanted
) -> None:
    """Let somebody apply for a dataset again. What was revoked stays so; nobody lifts their own."""
    with node.records.write() as connection:
        require_over(connection, person, accession)
        lift_block(connection, barred, accession, reason=wanted.reason, by=person.id)
    node.epochs.outdate()
