"""Sessions: sign in, who am I, sign out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, StringConstraints

from bigpicture.access.authenticate import authenticate
from bigpicture.access.tokens import TokenKind, issue_token, revoke_token
from bigpicture.api.asking import COOKIE, NodeAsked, SessionAsking, refuse_sealed
from bigpicture.api.people import PersonShown
from bigpicture.model.errors import SealedError
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


class Credentials(BaseModel):
    name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]


class SessionShown(BaseModel):
    person: PersonShown | None
    expires: datetime | None = None


@router.post("", status_code=201)
def sign_in(node: NodeAsked, given: Credentials, response: Response) -> SessionShown:
    """Sign in with name and password; sets the session cookie."""
    person = authenticate(node.records, node.throttle, name=given.name, password=given.password)
    refuse_sealed(node, person)
    if node.seals.current().node is not None and not person.may(Permission.SEAL_SET):
        raise SealedError("this node is sealed.", remedy="Ask its stewards, or come back later.")
    lifetime = timedelta(hours=node.settings.session_hours)
    with node.records.write() as connection:
        secret, token = issue_token(
            connection, person, kind=TokenKind.SESSION, label="", lifetime=lifetime
        )
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=node.settings.public_url.startswith("https:"),
    )
    return SessionShown(person=PersonShown.of(person), expires=token.expires)


@router.get("/current")
def current(session: SessionAsking) -> SessionShown:
    """Say who is signed in; `person` is null for the world."""
    if session is None:
        return SessionShown(person=None)
    return SessionShown(person=PersonShown.of(session.person), expires=session.token.expires)


@router.delete("/current", status_code=204)
def sign_out(node: NodeAsked, session: SessionAsking, response: Response) -> None:
    """Sign out: the session ends everywhere, the cookie goes."""
    if session is not None:
        with node.records.write() as connection:
            revoke_token(connection, session.person, session.token.id)
        node.sessions.outdate()
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
