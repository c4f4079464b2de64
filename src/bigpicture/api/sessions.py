"""Sessions: sign in, who am I, sign out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from bigpicture.access.authenticate import authenticate
from bigpicture.access.second_factor import has_factor, show_factor
from bigpicture.access.tokens import (
    Token,
    TokenKind,
    drop_ticket,
    list_tokens,
    read_ticket,
    revoke_token,
)
from bigpicture.api.asking import (
    DEFAULT_LIMIT,
    After,
    Limit,
    NodeAsked,
    SessionAsking,
    SessionSignedIn,
)
from bigpicture.api.signing_in import (
    SessionShown,
    admit,
    drop_cookie,
    give_session,
    give_ticket,
    set_cookie,
    throttled_as,
)
from bigpicture.model.errors import SignInError

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


class Credentials(BaseModel):
    name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]


class Code(BaseModel):
    ticket: Annotated[str, StringConstraints(max_length=200)]
    code: Annotated[str, StringConstraints(max_length=40)]


class SessionListed(BaseModel):
    id: str
    created: datetime
    expires: datetime
    last_used: datetime | None = Field(description="to some minutes; null: not since it began")
    is_strong: bool = Field(description="with a second factor")
    issuer: str | None = Field(description="who signed you in; null: this node")
    is_this: bool = Field(description="the one that asks")

    @classmethod
    def of(cls, token: Token, asking: Token) -> Self:
        return cls(
            id=token.id,
            created=token.created,
            expires=token.expires,
            last_used=token.last_used,
            is_strong=token.is_strong,
            issuer=token.issuer,
            is_this=token.id == asking.id,
        )


class SessionList(BaseModel):
    items: list[SessionListed]
    next: str | None


@router.post("", status_code=201)
def sign_in(node: NodeAsked, given: Credentials, response: Response) -> SessionShown:
    """Sign in with name and password; sets the session cookie.

    A person with a second factor is answered 200, with a ticket to show the code with.
    """
    person = authenticate(node.records, node.throttle, name=given.name, password=given.password)
    admit(node, person)
    with node.records.write() as connection:
        if has_factor(connection, person.id):
            response.status_code = 200
            return SessionShown.half(give_ticket(connection, person))
        secret, session = give_session(connection, node, person)
    set_cookie(node, response, secret)
    return SessionShown.of(session)


@router.post("/second-factor", status_code=201)
def second_factor(node: NodeAsked, given: Code, response: Response) -> SessionShown:
    """Show the code of the second factor, or a recovery code; sets the session cookie."""
    with node.records.read() as connection:
        half = read_ticket(connection, given.ticket)
    admit(node, half.person, issuer=half.token.issuer)
    tried, now = throttled_as(half.person), datetime.now(UTC)
    node.throttle.check(tried)
    try:
        with node.records.write() as connection:
            show_factor(connection, half.person.id, node.keys, code=given.code, now=now)
            drop_ticket(connection, half.token)
            secret, session = give_session(
                connection, node, half.person, issuer=half.token.issuer, is_strong=True
            )
    except SignInError:
        node.throttle.failed(tried)
        raise
    node.throttle.succeeded(tried)
    set_cookie(node, response, secret)
    return SessionShown.of(session)


@router.get("/current")
def current(session: SessionAsking) -> SessionShown:
    """Say who is signed in; `person` is null for the world."""
    return SessionShown(person=None) if session is None else SessionShown.of(session)


@router.get("")
def mine(
    node: NodeAsked, session: SessionSignedIn, after: After = "", limit: Limit = DEFAULT_LIMIT
) -> SessionList:
    """List your sessions that have not ended: where you are signed in."""
    with node.records.read() as connection:
        found = list_tokens(
            connection, session.person, kind=TokenKind.SESSION, after=after, limit=limit + 1
        )
    shown = [SessionListed.of(each, session.token) for each in found[:limit]]
    return SessionList(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.delete("/current", status_code=204)
def sign_out(node: NodeAsked, session: SessionAsking, response: Response) -> None:
    """Sign out: the session ends everywhere, the cookie goes."""
    if session is not None:
        with node.records.write() as connection:
            revoke_token(connection, session.person, session.token.id)
        node.sessions.outdate()
    drop_cookie(node, response)
    response.headers["Clear-Site-Data"] = '"cache"'


@router.delete("/{session}", status_code=204)
def end(node: NodeAsked, asking: SessionSignedIn, session: str) -> None:
    """End one of your sessions now, wherever it is."""
    with node.records.write() as connection:
        revoke_token(connection, asking.person, session, kind=TokenKind.SESSION)
    node.sessions.outdate()
