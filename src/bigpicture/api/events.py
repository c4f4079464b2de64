"""Events: what happened on this node, for its stewards and auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bigpicture.access.people import name_people
from bigpicture.api.asking import DEFAULT_LIMIT, Limit, NodeAsked, SignedIn, require
from bigpicture.ledger.read import events_after, events_before
from bigpicture.model.event import Event
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1/events", tags=["events"])


class Order(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"


class EventShown(BaseModel):
    seq: int
    time: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, object]

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(
            seq=event.seq,
            time=event.time,
            actor=event.actor,
            action=event.action,
            subject=event.subject,
            details=dict(event.details),
        )


class EventList(BaseModel):
    items: list[EventShown]
    next: str | None
    names: dict[str, str] = Field(description="display names of the people in these events, by id")


@router.get("")
def events(
    node: NodeAsked,
    person: SignedIn,
    after: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Limit = DEFAULT_LIMIT,
    first: Annotated[Order, Query(description="which end the list begins at")] = Order.OLDEST,
) -> EventList:
    """List events, the oldest first unless asked otherwise; `after` is the last number seen."""
    require(person, Permission.EVENT_READ)
    with node.records.read() as connection:
        if first is Order.NEWEST:
            found = events_before(connection, after, limit + 1)
        else:
            found = events_after(connection, after or 0, limit + 1)
        names = name_people(connection, _named(found[:limit]))
    shown = [EventShown.of(each) for each in found[:limit]]
    following = str(shown[-1].seq) if len(found) > limit else None
    return EventList(items=shown, next=following, names=names)


def _named(events: Iterable[Event]) -> Iterator[str]:
    """Every id in the events that may be a person's."""
    for event in events:
        yield event.actor
        yield event.subject
        named = event.details.get("person")
        if isinstance(named, str):
            yield named
