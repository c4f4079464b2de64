"""Duties: what a grant obliges to, until when, and what follows where it is not done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from bigpicture.access.grant_rows import ends_of, title_datasets
from bigpicture.access.overdue import do_duty, find_obligation, list_obligations, waive_duty
from bigpicture.access.people import find_people
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.api.concerned import require_over
from bigpicture.api.dataset_ref import DatasetRef
from bigpicture.api.grant_shapes import ReasonWanted
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.errors import ForbiddenError, UnknownError
from bigpicture.model.obligation import Obligation, ObligationState
from bigpicture.model.person import Permission, Person

router = APIRouter(prefix="/api/v1/duties", tags=["duties"])


class View(StrEnum):
    MINE = "mine"
    ALL = "all"


class EvidenceWanted(BaseModel):
    evidence: Annotated[
        str, Field(min_length=1, max_length=4000, description="in words, or an address")
    ]


class DutyShown(BaseModel):
    id: str
    grant: str
    dataset: DatasetRef
    person: PersonRef
    kind: str
    text: str
    clause: str
    due: datetime | None
    state: ObligationState
    evidence: str | None
    done_at: datetime | None
    consequence: str


class DutyList(BaseModel):
    items: list[DutyShown]
    next: str | None


@router.get("")
def duties(
    node: NodeAsked,
    person: SignedIn,
    grant: Annotated[str, Query(max_length=40)] = "",
    state: ObligationState | None = None,
    view: View = View.MINE,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> DutyList:
    """List duties: one's own, or everybody's for stewards and auditors."""
    if view is View.ALL:
        require(person, Permission.DUTY_READ_ANY)
    with node.records.read() as connection:
        found = list_obligations(
            connection,
            now=datetime.now(UTC),
            person="" if view is View.ALL else person.id,
            grant=grant,
            state=state,
            after=after,
            limit=limit + 1,
        )
        shown = _shown(connection, found[:limit])
    return DutyList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.post("/{duty}/done")
def done(node: NodeAsked, person: SignedIn, duty: str, wanted: EvidenceWanted) -> DutyShown:
    """Say how a duty was met; a grant that was suspended for it goes on."""
    with node.records.write() as connection:
        _check_concerned(person, find_obligation(connection, duty))
        met = do_duty(connection, duty, evidence=wanted.evidence, by=person.id)
        (shown,) = _shown(connection, [met])
    node.epochs.outdate()
    return shown


@router.post("/{duty}/waive")
def waive(node: NodeAsked, person: SignedIn, duty: str, wanted: ReasonWanted) -> DutyShown:
    """Let somebody off a duty: for stewards, and the committee that decides on the dataset."""
    with node.records.write() as connection:
        _require_over(connection, person, duty)
        waived = waive_duty(connection, duty, reason=wanted.reason, by=person.id)
        (shown,) = _shown(connection, [waived])
    node.epochs.outdate()
    return shown


def _check_concerned(person: Person, owed: Obligation) -> None:
    """Other people's duties are as if they were not."""
    if owed.person != person.id and not person.may(Permission.GRANT_RECORD):
        raise UnknownError("there is no such duty.", place=owed.id)


def _require_over(connection: Connection, person: Person, duty: str) -> None:
    """Who waives is told whether there is such a duty; nobody lets themself off one."""
    found = list_obligations(
        connection, now=datetime.now(UTC), person="", grant="", duty=duty, limit=1
    )
    require_over(connection, person, found[0].dataset if found else None)
    if find_obligation(connection, duty).person == person.id:
        raise ForbiddenError(
            "nobody lets themself off a duty.", remedy="Ask another steward or member."
        )


def _shown(connection: Connection, found: Sequence[Obligation]) -> list[DutyShown]:
    now = datetime.now(UTC)
    people = find_people(connection, (each.person for each in found))
    titles = title_datasets(connection, (each.dataset for each in found))
    ends = ends_of(connection, (each.grant for each in found))
    return [
        DutyShown(
            id=each.id,
            grant=each.grant,
            dataset=DatasetRef(accession=each.dataset, title=titles.get(each.dataset, "")),
            person=PersonRef.of(people.get(each.person), otherwise=each.person),
            kind=each.kind,
            text=each.text,
            clause=each.clause,
            due=each.due,
            state=each.state(now),
            evidence=each.evidence or None,
            done_at=each.done,
            consequence=each.consequence(now, ends[each.grant]),
        )
        for each in found
    ]
