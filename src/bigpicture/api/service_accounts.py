"""Service accounts: programs of an organisation, for the stewards who answer for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.people import name_people
from bigpicture.access.service_accounts import (
    ServiceAccount,
    add_service_account,
    find_service_account,
    list_service_accounts,
)
from bigpicture.access.tokens import TokenKind, issue_token, list_tokens, revoke_token
from bigpicture.api.asking import (
    DEFAULT_LIMIT,
    After,
    Limit,
    NodeAsked,
    SessionSignedIn,
    SignedIn,
    require,
)
from bigpicture.api.tokens import TokenList, TokenMinted, TokenShown, TokenWanted, minted
from bigpicture.model.person import ALL_SCOPES, Permission, Role, TokenScope

router = APIRouter(prefix="/api/v1/service-accounts", tags=["identity"])


class ServiceAccountWanted(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=150)]
    organisation: Annotated[str, Field(min_length=1, max_length=200)]
    purpose: Annotated[str, Field(min_length=1, max_length=2000)]
    roles: Annotated[list[Role], Field(min_length=1)]


class ServiceAccountShown(BaseModel):
    id: str
    name: str
    display_name: str
    organisation: str
    purpose: str
    roles: list[Role]
    owner: str
    owner_name: str
    created: datetime

    @classmethod
    def of(cls, account: ServiceAccount, names: dict[str, str]) -> Self:
        person = account.person
        return cls(
            id=person.id,
            name=person.name,
            display_name=person.display_name,
            organisation=person.organisation,
            purpose=account.purpose,
            roles=sorted(person.roles),
            owner=account.owner,
            owner_name=names.get(account.owner, ""),
            created=account.created,
        )


class ServiceAccountList(BaseModel):
    items: list[ServiceAccountShown]
    next: str | None


@router.get("")
def accounts(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> ServiceAccountList:
    """List the service accounts, by name."""
    require(person, Permission.PERSON_MANAGE)
    with node.records.read() as connection:
        found = list_service_accounts(connection, after=after, limit=limit + 1)
        names = name_people(connection, (each.owner for each in found))
    shown = [ServiceAccountShown.of(each, names) for each in found[:limit]]
    return ServiceAccountList(items=shown, next=shown[-1].name if len(found) > limit else None)


@router.post("", status_code=201)
def add(node: NodeAsked, person: SignedIn, wanted: ServiceAccountWanted) -> ServiceAccountShown:
    """Make a service account, which you answer for."""
    require(person, Permission.PERSON_MANAGE)
    with node.records.write() as connection:
        made = add_service_account(
            connection,
            name=wanted.name,
            organisation=wanted.organisation,
            purpose=wanted.purpose,
            roles=wanted.roles,
            by=person.id,
        )
    return ServiceAccountShown.of(made, {person.id: person.display_name})


@router.get("/{account}/tokens")
def tokens(
    node: NodeAsked,
    person: SignedIn,
    account: str,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> TokenList:
    """List the live tokens of a service account."""
    require(person, Permission.PERSON_MANAGE)
    with node.records.read() as connection:
        served = find_service_account(connection, account).person
        found = list_tokens(connection, served, after=after, limit=limit + 1)
    shown = [TokenShown.of(each) for each in found[:limit]]
    return TokenList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.post("/{account}/tokens", status_code=201)
def mint(
    node: NodeAsked, session: SessionSignedIn, account: str, wanted: TokenWanted
) -> TokenMinted:
    """Make a token for a service account; unless said, one that does not govern."""
    require(session.person, Permission.PERSON_MANAGE)
    scopes = wanted.scopes or ALL_SCOPES - {TokenScope.GOVERN}
    with node.records.write() as connection:
        secret, token = issue_token(
            connection,
            find_service_account(connection, account).person,
            kind=TokenKind.API,
            label=wanted.label,
            lifetime=timedelta(days=wanted.days),
            scopes=scopes,
            by=session.person.id,
        )
    return minted(secret, token)


@router.delete("/{account}/tokens/{token}", status_code=204)
def revoke(node: NodeAsked, person: SignedIn, account: str, token: str) -> None:
    """End a token of a service account now."""
    require(person, Permission.PERSON_MANAGE)
    with node.records.write() as connection:
        served = find_service_account(connection, account).person
        revoke_token(connection, served, token, by=person.id)
    node.sessions.outdate()
