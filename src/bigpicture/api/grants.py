"""Grants: who may open which controlled dataset until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from bigpicture.access.grant import list_grants, record_grant, revoke_grant
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.model.grant import Grant
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1/grants", tags=["grants"])


class GrantWanted(BaseModel):
    person: Annotated[str, Field(description="the person's id", max_length=40)]
    dataset: Annotated[str, Field(description="the dataset's accession", max_length=80)]
    start: AwareDatetime | None = None
    end: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class RevocationWanted(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class GrantShown(BaseModel):
    id: str
    person: str
    dataset: str
    start: datetime
    end: datetime
    revoked: datetime | None
    reason: str

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(
            id=grant.id,
            person=grant.person,
            dataset=grant.dataset,
            start=grant.start,
            end=grant.end,
            revoked=grant.revoked,
            reason=grant.reason,
        )


class GrantList(BaseModel):
    items: list[GrantShown]
    next: str | None


@router.get("")
def grants(
    node: NodeAsked,
    person: SignedIn,
    whose: Annotated[str, Query(alias="person", max_length=40)] = "",
    dataset: Annotated[str, Query(max_length=80)] = "",
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> GrantList:
    """List grants, live or not: all for stewards and auditors, for everybody else their own."""
    if not (person.may(Permission.GRANT_RECORD) or person.may(Permission.EVENT_READ)):
        whose = person.id
    with node.records.read() as connection:
        found = list_grants(connection, person=whose, dataset=dataset, after=after, limit=limit + 1)
    shown = [GrantShown.of(each) for each in found[:limit]]
    return GrantList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.post("", status_code=201)
def grant(node: NodeAsked, person: SignedIn, wanted: GrantWanted) -> GrantShown:
    """Grant a person a dataset."""
    require(person, Permission.GRANT_RECORD)
    with node.records.write() as connection:
        recorded = record_grant(
            connection,
            person=wanted.person,
            dataset=wanted.dataset,
            start=wanted.start,
            end=wanted.end,
            reason=wanted.reason,
            by=person.id,
        )
    return GrantShown.of(recorded)


@router.delete("/{grant}")
def revoke(node: NodeAsked, person: SignedIn, grant: str, wanted: RevocationWanted) -> GrantShown:
    """Revoke a grant; reads stop within a second."""
    require(person, Permission.GRANT_RECORD)
    with node.records.write() as connection:
        revoked = revoke_grant(connection, grant, reason=wanted.reason, by=person.id)
    return GrantShown.of(revoked)
