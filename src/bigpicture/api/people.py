"""People: the accounts of this node, for its stewards."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.password import hash_password
from bigpicture.access.people import add_hashed_person, list_people
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.model.person import Permission, Person, Role

router = APIRouter(prefix="/api/v1/people", tags=["people"])


class PersonShown(BaseModel):
    id: str
    name: str
    display_name: str
    organisation: str
    roles: list[Role]
    permissions: list[Permission]

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            id=person.id,
            name=person.name,
            display_name=person.display_name,
            organisation=person.organisation,
            roles=sorted(person.roles),
            permissions=[each for each in Permission if person.may(each)],
        )


class PersonWanted(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    display_name: Annotated[str, Field(max_length=200)] = ""
    organisation: Annotated[str, Field(max_length=200)] = ""
    roles: Annotated[list[Role], Field(min_length=1)]
    password: Annotated[str, Field(max_length=1024)]


class PersonList(BaseModel):
    items: list[PersonShown]
    next: str | None


@router.get("")
def everyone(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> PersonList:
    """List the accounts, by name."""
    require(person, Permission.PERSON_MANAGE)
    with node.records.read() as connection:
        found = list_people(connection, after=after, limit=limit + 1)
    shown = [PersonShown.of(each) for each in found[:limit]]
    return PersonList(items=shown, next=shown[-1].name if len(found) > limit else None)


@router.post("", status_code=201)
def add(node: NodeAsked, person: SignedIn, wanted: PersonWanted) -> PersonShown:
    """Open an account."""
    require(person, Permission.PERSON_MANAGE)
    known = (wanted.name, wanted.display_name, wanted.organisation, node.settings.node_name)
    hashed = hash_password(wanted.password, words=known)  # before the one writer's turn: it is slow
    with node.records.write() as connection:
        added = add_hashed_person(
            connection,
            name=wanted.name,
            display_name=wanted.display_name,
            organisation=wanted.organisation,
            roles=wanted.roles,
            password_hash=hashed,
            by=person.id,
        )
    return PersonShown.of(added)
