"""Events: what happened on this node, for its stewards and auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from bigpicture.api.asking import DEFAULT_LIMIT, Limit, NodeAsked, SignedIn, require
from bigpicture.ledger.read import events_after
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1/events", tags=["events"])


class EventShown(BaseModel):
    seq: int
    time: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]


class EventList(BaseModel):
    items: list[EventShown]
    next: str | None


@router.get("")
def events(
    node: NodeAsked,
    person: SignedIn,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Limit = DEFAULT_LIMIT,
) -> EventList:
    """List events, the oldest first."""
    require(person, Permission.EVENT_READ)
    with node.records.read() as connection:
        found = events_after(connection, after, limit + 1)
    shown = [
        EventShown(
            seq=each.seq,
            time=each.time,
            actor=each.actor,
            action=each.action,
            subject=each.subject,
            details=dict(each.details),
        )
        for each in found[:limit]
    ]
    return EventList(items=shown, next=str(shown[-1].seq) if len(found) > limit else None)
