"""Seals: the emergency stop over the node or a part of it; one person seals, two unseal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from bigpicture.access.grant_rows import title_datasets
from bigpicture.access.people import find_people
from bigpicture.access.seal import LONGEST_OF, Standing, enter_seals, lay_seal, list_seals
from bigpicture.access.seal import unseal as open_seal
from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.api.grant_shapes import ReasonWanted
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.person import Permission, Person
from bigpicture.model.seal import NODE, SealScope

router = APIRouter(prefix="/api/v1/seals", tags=["seals"])


class SealWanted(ReasonWanted):
    scope: SealScope
    of: Annotated[
        str, Field(max_length=LONGEST_OF, description="what is sealed; empty for the node")
    ] = ""


class AgreementShown(BaseModel):
    by: PersonRef
    at: datetime


class SealShown(BaseModel):
    id: str
    scope: SealScope
    of: str
    of_shown: str
    reason: str
    since: datetime
    by: Annotated[PersonRef | None, Field(description="null: sealed at the machine itself")]
    unseal: Annotated[
        AgreementShown | None, Field(description="who agreed to open it; another has to, too")
    ]


class SealList(BaseModel):
    items: list[SealShown]


class Opened(BaseModel):
    """The second person agreed: it is open."""

    is_open: Literal[True] = True


@router.get("")
def seals(node: NodeAsked, person: SignedIn) -> SealList:
    """List the seals that hold, the oldest first."""
    require(person, Permission.SEAL_READ)
    with node.records.read() as connection:
        return SealList(items=_shown(connection, list_seals(connection, node.seals.files)))


@router.post("", status_code=201)
def seal(node: NodeAsked, person: SignedIn, wanted: SealWanted) -> SealShown:
    """Seal at once; what is under way stops at its next piece."""
    require(person, Permission.SEAL_SET)
    laid = lay_seal(
        node.seals.files, scope=wanted.scope, of=wanted.of, reason=wanted.reason, by=person.id
    )
    node.seals.outdate()
    with node.records.write() as connection:
        enter_seals(connection, node.seals.files)
        (shown,) = _shown(connection, [Standing(laid, None)])
    node.epochs.outdate()
    return shown


@router.post("/{seal}/unseal")
def unseal(
    node: NodeAsked, person: SignedIn, seal: str, wanted: ReasonWanted
) -> SealShown | Opened:
    """Agree to open a seal: it waits for another person (`unseal`), or is open if you are that."""
    require(person, Permission.SEAL_SET)
    files = node.seals.files
    opening = open_seal(node.records, files, seal, person=person.id, reason=wanted.reason)
    node.seals.outdate()
    node.epochs.outdate()
    if opening is None:
        return Opened()
    with node.records.read() as connection:
        standing = [each for each in list_seals(connection, files) if each.seal.id == seal]
        (shown,) = _shown(connection, standing)
    return shown


def _shown(connection: Connection, standing: Sequence[Standing]) -> list[SealShown]:
    named = [each.seal.of for each in standing if each.seal.scope is SealScope.PERSON]
    agreed = [each.opening.person for each in standing if each.opening]
    people = find_people(connection, [*named, *agreed, *(each.seal.by for each in standing)])
    titles = title_datasets(
        connection, [each.seal.of for each in standing if each.seal.scope is SealScope.DATASET]
    )
    return [_show(each, people, titles) for each in standing]


def _show(standing: Standing, people: Mapping[str, Person], titles: Mapping[str, str]) -> SealShown:
    sealed, opening = standing.seal, standing.opening
    named = people[sealed.of].display_name if sealed.of in people else sealed.of
    is_own = sealed.by == NODE
    return SealShown(
        id=sealed.id,
        scope=sealed.scope,
        of=sealed.of,
        of_shown=titles.get(sealed.of, named),
        reason=sealed.reason,
        since=sealed.since,
        by=None if is_own else PersonRef.of(people.get(sealed.by), otherwise=sealed.by),
        unseal=opening
        and AgreementShown(
            by=PersonRef.of(people.get(opening.person), otherwise=opening.person), at=opening.at
        ),
    )
