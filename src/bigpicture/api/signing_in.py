"""Signing in: what the doors that begin a session share."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from bigpicture.access.second_factor import has_factor
from bigpicture.access.tokens import TICKET_LIFETIME, Session, TokenKind, issue_token
from bigpicture.api.asking import COOKIE, HOST_COOKIE, refuse_sealed
from bigpicture.api.node import Node
from bigpicture.api.people import PersonShown
from bigpicture.model.errors import SealedError
from bigpicture.model.person import Permission, Person


class Needs(StrEnum):
    """What is missing before there is a session."""

    CODE = "code"


class SessionShown(BaseModel):
    """`is_strong`: with a second factor. `must_enrol`: without one, some roles do not count."""

    person: PersonShown | None
    expires: datetime | None = None
    is_strong: bool = False
    must_enrol: bool = False
    needs: Needs | None = None
    ticket: str | None = None

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(
            person=PersonShown.of(session.person),
            expires=session.token.expires,
            is_strong=session.token.is_strong,
            must_enrol=session.must_enrol,
        )

    @classmethod
    def half(cls, ticket: str) -> Self:
        return cls(person=None, needs=Needs.CODE, ticket=ticket)


def admit(node: Node, person: Person, *, issuer: str | None = None) -> None:
    """Let no session begin past a seal; raises `SealedError`, or as `refuse_sealed`.

    While the whole node is sealed those who may open it again come in, and nobody else.
    """
    refuse_sealed(node, person)
    if node.seals.current().node is not None and not person.may(Permission.SEAL_SET):
        raise SealedError("this node is sealed.", remedy="Ask its stewards, or come back later.")
    if issuer and node.seals.is_issuer_sealed(issuer):
        raise SealedError("this way to sign in is sealed.", remedy="Ask the node's stewards.")


def give_ticket(connection: Connection, person: Person, *, issuer: str | None = None) -> str:
    """The ticket of somebody who has still to show the second factor."""
    secret, _ = issue_token(
        connection,
        person,
        kind=TokenKind.TICKET,
        label="",
        lifetime=TICKET_LIFETIME,
        issuer=issuer,
    )
    return secret


def give_session(
    connection: Connection,
    node: Node,
    person: Person,
    *,
    issuer: str | None = None,
    is_strong: bool = False,
) -> tuple[str, Session]:
    """Begin a session; its secret and what it is, as the node will know it."""
    secret, token = issue_token(
        connection,
        person,
        kind=TokenKind.SESSION,
        label="",
        lifetime=timedelta(hours=node.settings.session_hours),
        issuer=issuer,
        is_strong=is_strong,
    )
    whole = Session(person, token, has_factor=has_factor(connection, person.id))
    return secret, node.sessions.narrow(whole)


def set_cookie(node: Node, response: Response, secret: str) -> None:
    """Let the browser keep the session."""
    response.set_cookie(
        HOST_COOKIE if node.is_https else COOKIE,
        secret,
        max_age=int(timedelta(hours=node.settings.session_hours).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=node.is_https,
    )


def drop_cookie(node: Node, response: Response) -> None:
    """Let the browser forget the session."""
    name = HOST_COOKIE if node.is_https else COOKIE
    response.delete_cookie(name, httponly=True, samesite="strict", secure=node.is_https)


def throttled_as(person: Person) -> str:
    """The name under which failures to show a second factor are counted."""
    return f"second-factor {person.id}"
