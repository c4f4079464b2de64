"""Uses: who uses a dataset, for those who answer for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from bigpicture.access.committees import sits_over
from bigpicture.access.grant_rows import title_datasets
from bigpicture.access.people import find_people
from bigpicture.access.use_told import (
    MOST_GRANTS,
    UseTold,
    is_contributor,
    tell_uses,
    title_applications,
)
from bigpicture.api.asking import After, NodeAsked, SignedIn
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.errors import UnknownError
from bigpicture.model.grant import GrantState, GrantUse
from bigpicture.model.person import Permission, Person

router = APIRouter(prefix="/api/v1/datasets", tags=["grants"])


class ApplicationRef(BaseModel):
    id: str
    title: str


class UseShown(BaseModel):
    grant: str
    person: PersonRef
    application: ApplicationRef | None
    state: GrantState
    uses: list[GrantUse]
    start: datetime
    end: datetime
    last_read: datetime | None
    images_read: int
    files_delivered: int


class UseList(BaseModel):
    items: list[UseShown]
    next: str | None


@router.get("/{accession}/uses")
def uses(
    node: NodeAsked,
    person: SignedIn,
    accession: str,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MOST_GRANTS)] = MOST_GRANTS,
) -> UseList:
    """Tell who holds a grant to a dataset, and what they read and took, of all its grants.

    For its contributor, stewards, auditors and its committee; for others there is no such thing.
    """
    with node.records.read() as connection:
        _check_concerned(connection, person, accession)
        told = tell_uses(connection, accession, after=after, limit=limit + 1)
        people = find_people(connection, (each.grant.person for each in told))
        titles = title_applications(connection, (each.grant.application for each in told))
    shown = [_show(each, people, titles) for each in told[:limit]]
    return UseList(items=shown, next=shown[-1].grant if len(told) > limit else None)


def _check_concerned(connection: Connection, person: Person, dataset: str) -> None:
    sees_all = person.may(Permission.GRANT_RECORD) or person.may(Permission.EVENT_READ)
    is_concerned = (
        sees_all
        or is_contributor(connection, person.id, dataset)
        or sits_over(connection, person, dataset)
    )
    if not is_concerned or dataset not in title_datasets(connection, [dataset]):
        raise UnknownError("there is no such dataset.", place=dataset)


def _show(told: UseTold, people: Mapping[str, Person], titles: Mapping[str, str]) -> UseShown:
    grant = told.grant
    return UseShown(
        grant=grant.id,
        person=PersonRef.of(people.get(grant.person), otherwise=grant.person),
        application=ApplicationRef(id=grant.application, title=titles.get(grant.application, ""))
        if grant.application
        else None,
        state=grant.state(datetime.now(UTC)),
        uses=sorted(grant.uses),
        start=grant.start,
        end=grant.end,
        last_read=told.last_read,
        images_read=told.images_read,
        files_delivered=told.files_delivered,
    )
