"""Notices: what the person who is signed in is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.notices import Notice, count_unread, list_notices, mark_read
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn

router = APIRouter(prefix="/api/v1/notices", tags=["notices"])

NoticeId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class NoticeShown(BaseModel):
    id: str
    at: datetime
    kind: str
    subject: str
    text: str
    link: str = Field(description="a path of the portal")
    is_read: bool

    @classmethod
    def of(cls, notice: Notice) -> Self:
        return cls(
            id=notice.id,
            at=notice.at,
            kind=notice.kind,
            subject=notice.subject,
            text=notice.text,
            link=notice.link,
            is_read=notice.is_read,
        )


class NoticeList(BaseModel):
    items: list[NoticeShown]
    unread: int
    next: str | None


class ReadWanted(BaseModel):
    ids: Annotated[list[NoticeId], Field(max_length=1000)] | None = Field(
        default=None, description="null: all of yours"
    )


@router.get("")
def notices(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> NoticeList:
    """List your notices, the newest first."""
    with node.records.read() as connection:
        found = list_notices(connection, person.id, after=after, limit=limit + 1)
        unread = count_unread(connection, person.id)
    shown = [NoticeShown.of(each) for each in found[:limit]]
    return NoticeList(items=shown, unread=unread, next=shown[-1].id if len(found) > limit else None)


@router.post("/read", status_code=204)
def read(node: NodeAsked, person: SignedIn, wanted: ReadWanted) -> None:
    """Mark notices of yours as read."""
    with node.records.write() as connection:
        mark_read(connection, person.id, wanted.ids)
