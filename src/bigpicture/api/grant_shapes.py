"""What doors of grants take, and how they show a grant."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field

from bigpicture.api.person_shown import PersonRef
from bigpicture.model.grant import Grant, GrantState, GrantUse, Hold
from bigpicture.model.person import Person

Reason = Annotated[str, Field(min_length=1, max_length=2000)]
Condition = Annotated[str, Field(min_length=1, max_length=2000)]


class ReasonWanted(BaseModel):
    reason: Reason


class GrantWanted(ReasonWanted):
    person: Annotated[str, Field(description="the person's id", max_length=40)]
    dataset: Annotated[str, Field(description="the dataset's accession", max_length=80)]
    start: AwareDatetime | None = None
    end: AwareDatetime
    uses: Annotated[list[GrantUse], Field(min_length=1, max_length=len(GrantUse))] = list(GrantUse)
    conditions: Annotated[list[Condition], Field(max_length=50)] = []


class RevocationWanted(ReasonWanted):
    is_misuse: Annotated[bool, Field(description="bars the person from the dataset")] = False


class GrantShown(BaseModel):
    id: str
    person: str
    person_shown: PersonRef
    dataset: str
    dataset_title: str
    start: datetime
    end: datetime
    revoked: datetime | None
    reason: str
    state: GrantState
    holds: list[Hold]
    uses: list[GrantUse]
    conditions: list[str]
    application: Annotated[str, Field(description="its id, or empty")]

    @classmethod
    def of(cls, grant: Grant, now: datetime, *, person: Person | None, title: str) -> Self:
        return cls(
            id=grant.id,
            person=grant.person,
            person_shown=PersonRef.of(person, otherwise=grant.person),
            dataset=grant.dataset,
            dataset_title=title,
            start=grant.start,
            end=grant.end,
            revoked=grant.revoked,
            reason=grant.reason,
            state=grant.state(now),
            holds=sorted(grant.holds),
            uses=sorted(grant.uses),
            conditions=list(grant.conditions),
            application=grant.application,
        )


class GrantList(BaseModel):
    items: list[GrantShown]
    next: str | None
