"""Tokens: secrets for programs that act for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.tokens import (
    Token,
    TokenKind,
    issue_token,
    list_tokens,
    revoke_token,
)
from bigpicture.api.asking import (
    DEFAULT_LIMIT,
    After,
    Limit,
    NodeAsked,
    SessionSignedIn,
    SignedIn,
)
from bigpicture.model.errors import ForbiddenError
from bigpicture.model.person import TokenScope

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])

MOST_DAYS = 366


class TokenWanted(BaseModel):
    label: Annotated[str, Field(min_length=1, max_length=200)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    scopes: Annotated[list[TokenScope], Field(min_length=1)] | None = Field(
        default=None, description="what it may be used for; all that you may unless said"
    )


class TokenMinted(BaseModel):
    id: str
    token: str = Field(description="shown this once")
    expires: datetime
    scopes: list[TokenScope]


class TokenShown(BaseModel):
    id: str
    label: str
    created: datetime
    expires: datetime
    scopes: list[TokenScope]
    last_used: datetime | None = Field(description="to the hour")

    @classmethod
    def of(cls, token: Token) -> Self:
        return cls(
            id=token.id,
            label=token.label,
            created=token.created,
            expires=token.expires,
            scopes=in_order(token.scopes),
            last_used=token.last_used,
        )


class TokenList(BaseModel):
    items: list[TokenShown]
    next: str | None


@router.post("", status_code=201)
def mint(node: NodeAsked, session: SessionSignedIn, wanted: TokenWanted) -> TokenMinted:
    """Make a token that acts for you until it expires or you revoke it."""
    carried = session.person.scopes
    scopes = carried if wanted.scopes is None else frozenset(wanted.scopes)
    if not scopes <= carried:
        raise ForbiddenError(
            "a token makes no token that may do more.",
            place="scopes",
            rule=f"of {', '.join(in_order(carried))}",
        )
    with node.records.write() as connection:
        secret, token = issue_token(
            connection,
            session.person,
            kind=TokenKind.API,
            label=wanted.label,
            lifetime=timedelta(days=wanted.days),
            scopes=scopes,
            is_strong=session.token.is_strong,
            issuer=session.token.issuer,
        )
    return minted(secret, token)


@router.get("")
def mine(
    node: NodeAsked, person: SignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> TokenList:
    """List your live tokens."""
    with node.records.read() as connection:
        found = list_tokens(connection, person, after=after, limit=limit + 1)
    shown = [TokenShown.of(each) for each in found[:limit]]
    return TokenList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.delete("/{token}", status_code=204)
def revoke(node: NodeAsked, person: SignedIn, token: str) -> None:
    """End one of your tokens now."""
    with node.records.write() as connection:
        revoke_token(connection, person, token)
    node.sessions.outdate()


def in_order(scopes: Iterable[TokenScope]) -> list[TokenScope]:
    """Scopes from the narrowest to the widest."""
    given = frozenset(scopes)
    return [scope for scope in TokenScope if scope in given]


def minted(secret: str, token: Token) -> TokenMinted:
    """What is shown of a new token, once."""
    return TokenMinted(
        id=token.id, token=secret, expires=token.expires, scopes=in_order(token.scopes)
    )
