"""Tokens: secrets for programs that act for a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.tokens import TokenKind, issue_token, list_tokens, revoke_token
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])

MOST_DAYS = 366


class TokenWanted(BaseModel):
    label: Annotated[str, Field(min_length=1, max_length=200)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


class TokenMinted(BaseModel):
    id: str
    token: str = Field(description="shown this once")
    expires: datetime


class TokenShown(BaseModel):
    id: str
    label: str
    created: datetime
    expires: datetime


class TokenList(BaseModel):
    items: list[TokenShown]
    next: str | None


@router.post("", status_code=201)
def mint(node: NodeAsked, person: SignedIn, wanted: TokenWanted) -> TokenMinted:
    """Make a token that acts for you until it expires or you revoke it."""
    with node.records.write() as connection:
        secret, token = issue_token(
            connection,
            person,
            kind=TokenKind.API,
            label=wanted.label,
            lifetime=timedelta(days=wanted.days),
        )
    return TokenMinted(id=token.id, token=secret, expires=token.expires)


@router.get("")
def mine(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> TokenList:
    """List your live tokens."""
    with node.records.read() as connection:
        found = list_tokens(connection, person, after=after, limit=limit + 1)
    shown = [
        TokenShown(id=each.id, label=each.label, created=each.created, expires=each.expires)
        for each in found[:limit]
    ]
    return TokenList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.delete("/{token}", status_code=204)
def revoke(node: NodeAsked, person: SignedIn, token: str) -> None:
    """End one of your tokens now."""
    with node.records.write() as connection:
        revoke_token(connection, person, token)
    node.sessions.outdate()
