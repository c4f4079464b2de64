"""Who is asking: the session behind a request, and the parts of the node it may be given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.datastructures import Headers

from bigpicture.access.tokens import Session
from bigpicture.api.node import Node
from bigpicture.model.errors import ForbiddenError, SignInError
from bigpicture.model.person import CHANGING, Permission, Person
from bigpicture.model.query import LONGEST_PAGE, PAGE_LENGTH

COOKIE = "bigpicture_session"
HOST_COOKIE = f"__Host-{COOKIE}"
"""Its name where the node is reached by https: no other host of the domain can set it (RFC 6265bis,
4.1.3.2)."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = "bearer "
_COOKIES = (HOST_COOKIE, COOKIE)


def read_secret(headers: Headers) -> str | None:
    """The secret that a request shows: a bearer token, else the session cookie."""
    authorization = headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    return read_cookie(headers)


def read_cookie(headers: Headers) -> str | None:
    """The session cookie's value. Which of its names count here, `Guard` has seen to."""
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name in _COOKIES and value:
                return value
    return None


def _node(request: Request) -> Node:
    return request.app.state.node


NodeAsked = Annotated[Node, Depends(_node)]


def _session(request: Request, node: NodeAsked) -> Session | None:
    secret = read_secret(request.headers)
    return node.sessions.find(secret) if secret else None


SessionAsking = Annotated[Session | None, Depends(_session)]


def _anyone(session: SessionAsking) -> Person | None:
    return session.person if session else None


def _signed_in(request: Request, session: SessionAsking, node: NodeAsked) -> Session:
    if session is None:
        raise SignInError("this needs somebody signed in.", remedy="Sign in, then try again.")
    refuse_sealed(node, session.person)
    if request.method not in SAFE and not session.person.scopes & CHANGING:
        raise ForbiddenError(
            "this token only reads.",
            rule="scope submit or govern",
            remedy="Use a token with such a scope.",
        )
    return session


SessionSignedIn = Annotated[Session, Depends(_signed_in)]
"""The session of the one asking; 401 for the world, 403 for a change by a token that reads."""


def _person(session: SessionSignedIn) -> Person:
    return session.person


def refuse_sealed(node: Node, person: Person) -> None:
    """Raise `ForbiddenError` where everything is closed to this person."""
    seal = node.seals.current().over_person(person.id)
    if seal is not None:
        raise ForbiddenError(
            f"this account is sealed since {seal.since:%Y-%m-%d %H:%M} UTC.",
            remedy="Ask the stewards of this node.",
        )


Anyone = Annotated[Person | None, Depends(_anyone)]
"""The person asking, or None for the world."""
SignedIn = Annotated[Person, Depends(_person)]
"""The person asking; 401 for the world."""

After = Annotated[str, Query(max_length=400, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="items on a page")]
DEFAULT_LIMIT = PAGE_LENGTH


def require(person: Person, permission: Permission) -> None:
    """Raise `ForbiddenError` where none of the person's roles has the permission."""
    if not person.may(permission):
        raise ForbiddenError(
            "none of your roles may do this.",
            rule=str(permission),
            remedy="Ask a steward of this node.",
        )
