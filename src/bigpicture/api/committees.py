"""Committees: who decides on which datasets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from bigpicture.access.application_facts import read_asked
from bigpicture.access.committees import (
    change_committee,
    create_committee,
    find_committee,
    give_dataset,
    list_committees,
    seat,
    take_dataset,
    unseat,
)
from bigpicture.access.people import find_named, find_people
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.api.dataset_ref import DatasetRef
from bigpicture.api.node import Node
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.committee import Committee
from bigpicture.model.person import Permission, Person
from bigpicture.model.voting import VotingRule

router = APIRouter(prefix="/api/v1/committees", tags=["committees"])


class CommitteeWanted(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    contact: Annotated[str, Field(max_length=200)] = ""
    rule: VotingRule
    quorum: Annotated[int, Field(ge=1, le=100)]


class CommitteeChange(BaseModel):
    """What is left out stays."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    contact: Annotated[str, Field(max_length=200)] | None = None
    rule: VotingRule | None = None
    quorum: Annotated[int, Field(ge=1, le=100)] | None = None


class CommitteeShown(BaseModel):
    id: str
    name: str
    contact: str
    rule: VotingRule
    quorum: int
    members: list[PersonRef] = Field(description="to stewards, auditors and its members only")
    datasets: list[DatasetRef]
    is_mine: bool

    @classmethod
    def of(
        cls, committee: Committee, asking: Person, people: dict[str, Person], titles: dict[str, str]
    ) -> Self:
        """`titles` are of the datasets that the one who asks may know of."""
        is_mine = asking.id in committee.members
        sees = is_mine or asking.may(Permission.APPLICATION_READ_ANY)
        return cls(
            id=committee.id,
            name=committee.name,
            contact=committee.contact,
            rule=committee.rule,
            quorum=committee.quorum,
            members=[PersonRef.of(people.get(each), otherwise=each) for each in committee.members]
            if sees
            else [],
            datasets=[
                DatasetRef(accession=each, title=titles[each])
                for each in committee.datasets
                if each in titles
            ],
            is_mine=is_mine,
        )


class CommitteeList(BaseModel):
    items: list[CommitteeShown]
    next: str | None


@router.get("")
def committees(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> CommitteeList:
    """List the committees, with the datasets that they decide on."""
    with node.records.read() as connection:
        found = list_committees(connection, after=after, limit=limit + 1)
        shown = _show(node, connection, found[:limit], person)
    return CommitteeList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.post("", status_code=201)
def create(node: NodeAsked, person: SignedIn, wanted: CommitteeWanted) -> CommitteeShown:
    """Found a committee."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        made = create_committee(
            connection,
            name=wanted.name,
            contact=wanted.contact,
            rule=wanted.rule,
            quorum=wanted.quorum,
            by=person.id,
        )
        return _show(node, connection, [made], person)[0]


@router.patch("/{committee}")
def change(
    node: NodeAsked, person: SignedIn, committee: str, wanted: CommitteeChange
) -> CommitteeShown:
    """Change a committee."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        before = find_committee(connection, committee)
        changed = change_committee(
            connection,
            committee,
            name=before.name if wanted.name is None else wanted.name,
            contact=before.contact if wanted.contact is None else wanted.contact,
            rule=wanted.rule or before.rule,
            quorum=wanted.quorum or before.quorum,
            by=person.id,
        )
        return _show(node, connection, [changed], person)[0]


@router.put("/{committee}/members/{member}")
def add_member(node: NodeAsked, person: SignedIn, committee: str, member: str) -> CommitteeShown:
    """Seat a person, by id or sign-in name, on a committee."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        find_committee(connection, committee)
        seat(connection, committee, find_named(connection, member).id, by=person.id)
        return _show(node, connection, [find_committee(connection, committee)], person)[0]


@router.delete("/{committee}/members/{member}")
def remove_member(node: NodeAsked, person: SignedIn, committee: str, member: str) -> CommitteeShown:
    """Take a person off a committee."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        find_committee(connection, committee)
        unseat(connection, committee, find_named(connection, member).id, by=person.id)
        return _show(node, connection, [find_committee(connection, committee)], person)[0]


@router.put("/{committee}/datasets/{accession}")
def add_dataset(
    node: NodeAsked, person: SignedIn, committee: str, accession: str
) -> CommitteeShown:
    """Let a committee decide on a dataset; another that did so does no longer."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        give_dataset(connection, committee, accession, by=person.id)
        shown = _show(node, connection, [find_committee(connection, committee)], person)[0]
    node.epochs.outdate()
    return shown


@router.delete("/{committee}/datasets/{accession}")
def remove_dataset(
    node: NodeAsked, person: SignedIn, committee: str, accession: str
) -> CommitteeShown:
    """Let a committee decide on a dataset no longer."""
    require(person, Permission.COMMITTEE_MANAGE)
    with node.records.write() as connection:
        take_dataset(connection, committee, accession, by=person.id)
        shown = _show(node, connection, [find_committee(connection, committee)], person)[0]
    node.epochs.outdate()
    return shown


def _show(
    node: Node, connection: Connection, found: Iterable[Committee], asking: Person
) -> list[CommitteeShown]:
    held = list(found)
    known = node.decisions.listed(asking, {each for one in held for each in one.datasets})
    people = find_people(connection, {each for one in held for each in one.members})
    asked = read_asked(connection, known)
    titles = {name: each.title for name, each in asked.items()}
    return [CommitteeShown.of(each, asking, people, titles) for each in held]
