"""Grants: who may open which controlled dataset until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from bigpicture.access.applications import reject_blocked
from bigpicture.access.grant import hold_grant, record_grant, release_hold, revoke_grant
from bigpicture.access.grant_rows import find_held, list_grants, title_datasets
from bigpicture.access.people import find_people
from bigpicture.api.applications import around_of
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.api.concerned import require_over
from bigpicture.api.grant_shapes import (
    GrantList,
    GrantShown,
    GrantWanted,
    ReasonWanted,
    RevocationWanted,
)
from bigpicture.api.node import Node
from bigpicture.model.grant import Grant, GrantState, Hold
from bigpicture.model.person import Permission, Person

router = APIRouter(prefix="/api/v1/grants", tags=["grants"])


@router.get("")
def grants(
    node: NodeAsked,
    person: SignedIn,
    whose: Annotated[str, Query(alias="person", max_length=40)] = "",
    dataset: Annotated[str, Query(max_length=80)] = "",
    state: GrantState | None = None,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> GrantList:
    """List grants, live or not: all for stewards and auditors, for everybody else their own."""
    if not (person.may(Permission.GRANT_RECORD) or person.may(Permission.EVENT_READ)):
        whose = person.id
    with node.records.read() as connection:
        found = list_grants(
            connection,
            person=whose,
            dataset=dataset,
            state=state,
            now=datetime.now(UTC),
            after=after,
            limit=limit + 1,
        )
        shown = _shown(connection, found[:limit])
    return GrantList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.post("", status_code=201)
def grant(node: NodeAsked, person: SignedIn, wanted: GrantWanted) -> GrantShown:
    """Grant a person a dataset."""
    require(person, Permission.GRANT_RECORD)

    def act(connection: Connection) -> Grant:
        return record_grant(
            connection,
            person=wanted.person,
            dataset=wanted.dataset,
            start=wanted.start,
            end=wanted.end,
            reason=wanted.reason,
            by=person.id,
            uses=frozenset(wanted.uses),
            conditions=wanted.conditions,
        )

    return _done(node, act)


@router.delete("/{grant}")
def revoke(node: NodeAsked, person: SignedIn, grant: str, wanted: RevocationWanted) -> GrantShown:
    """Revoke a grant; reads stop within a second. A misuse bars the person from the dataset."""
    require(person, Permission.GRANT_RECORD)

    def act(connection: Connection) -> Grant:
        revoked = revoke_grant(
            connection, grant, reason=wanted.reason, by=person.id, is_misuse=wanted.is_misuse
        )
        if wanted.is_misuse:
            of, dataset = revoked.person, revoked.dataset
            reject_blocked(connection, of, dataset, by=person.id, around=around_of(node))
        return revoked

    return _done(node, act)


@router.post("/{grant}/hold")
def hold(node: NodeAsked, person: SignedIn, grant: str, wanted: ReasonWanted) -> GrantShown:
    """Suspend a grant; reads stop within a second, and go on when it is released.

    For stewards, and for the committee that decides on the dataset.
    """

    def act(connection: Connection) -> Grant:
        _require_over(connection, person, grant)
        return hold_grant(connection, grant, Hold.STEWARD, reason=wanted.reason, by=person.id)

    return _done(node, act)


@router.post("/{grant}/release")
def release(node: NodeAsked, person: SignedIn, grant: str, wanted: ReasonWanted) -> GrantShown:
    """Let a suspended grant go on; what else it waits for, it still waits for."""

    def act(connection: Connection) -> Grant:
        _require_over(connection, person, grant)
        return release_hold(connection, grant, Hold.STEWARD, reason=wanted.reason, by=person.id)

    return _done(node, act)


def _require_over(connection: Connection, person: Person, grant: str) -> None:
    held = find_held(connection, grant)
    require_over(connection, person, held.dataset if held else None)


def _done(node: Node, act: Callable[[Connection], Grant]) -> GrantShown:
    with node.records.write() as connection:
        changed = act(connection)
        (shown,) = _shown(connection, [changed])
    node.epochs.outdate()
    return shown


def _shown(connection: Connection, found: Sequence[Grant]) -> list[GrantShown]:
    now = datetime.now(UTC)
    people = find_people(connection, (each.person for each in found))
    titles = title_datasets(connection, (each.dataset for each in found))
    return [
        GrantShown.of(each, now, person=people.get(each.person), title=titles.get(each.dataset, ""))
        for each in found
    ]
