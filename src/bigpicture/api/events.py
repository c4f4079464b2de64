"""Events: what happened on this node, for its stewards and auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from bigpicture.access.people import find_people_named, name_people
from bigpicture.api.asking import DEFAULT_LIMIT, NodeAsked, SignedIn, require
from bigpicture.ledger.read import Sought, events_after, events_before
from bigpicture.model.event import Event
from bigpicture.model.person import Permission
from bigpicture.model.query import LONGEST_PAGE

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


class EventsAsked(BaseModel):
    """What an auditor seeks; what is left out does not narrow."""

    after: int | None = Field(default=None, ge=0, le=2**62, description="the last number seen")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=LONGEST_PAGE)
    first: Order = Field(default=Order.OLDEST, description="which end the list begins at")
    who: str = Field(
        default="",
        max_length=200,
        description="`node`, or who did it: id, sign-in name, or a part of the name shown",
    )
    action: str = Field(
        default="", max_length=60, description="`grant:record`; `grant:` for all of grants"
    )
    thing: str = Field(default="", max_length=80, description="id or accession of the subject")
    mentioned: bool = Field(
        default=False, description="also where only the details name the thing; slower"
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(default=None, description="the moment itself is left out")

    def sought(self, connection: Connection) -> Sought:
        return Sought(
            actors=_actors(connection, self.who.strip()),
            action=self.action.strip(),
            thing=self.thing.strip(),
            is_mentioned_too=self.mentioned,
            since=self.since,
            until=self.until,
        )


@router.get("")
def events(node: NodeAsked, person: SignedIn, asked: Annotated[EventsAsked, Query()]) -> EventList:
    """List events, the oldest first unless asked otherwise; of all, or of what is sought."""
    require(person, Permission.EVENT_READ)
    limit = asked.limit
    with node.records.read() as connection:
        sought = asked.sought(connection)
        if asked.first is Order.NEWEST:
            found = events_before(connection, asked.after, limit + 1, sought)
        else:
            found = events_after(connection, asked.after or 0, limit + 1, sought)
        names = name_people(connection, _named(found[:limit]))
    shown = [EventShown.of(each) for each in found[:limit]]
    following = str(shown[-1].seq) if len(found) > limit else None
    return EventList(items=shown, next=following, names=names)


def _actors(connection: Connection, who: str) -> frozenset[str] | None:
    """Ids of those who are meant; an id of nobody known is sought as it is (a service's)."""
    if not who:
        return None
    return find_people_named(connection, who) | {who}


def _named(events: Iterable[Event]) -> Iterator[str]:
    """Every id in the events that may be a person's."""
    for event in events:
        yield event.actor
        yield event.subject
        named = event.details.get("person")
        if isinstance(named, str):
            yield named
