"""The second factor of the one who asks: enrol, confirm, take away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import segno
from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.second_factor import (
    begin_factor,
    confirm_factor,
    has_factor,
    recovery_left,
    remove_factor,
    show_factor,
)
from bigpicture.access.tokens import TokenKind, strengthen
from bigpicture.api.asking import NodeAsked, SessionSignedIn, SignedIn, require
from bigpicture.api.signing_in import throttled_as
from bigpicture.model.errors import ForbiddenError, SignInError
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1", tags=["identity"])


class FactorShown(BaseModel):
    is_confirmed: bool
    recovery_left: int
    is_required: bool = Field(description="for stewards and committee members")


class EnrolmentShown(BaseModel):
    secret: str = Field(description="base32, shown this once")
    address: str = Field(description="otpauth://, for authenticator apps")
    picture: str = Field(description="the same as a QR code, SVG")


class CodeGiven(BaseModel):
    code: Annotated[str, Field(min_length=6, max_length=40)]


class RecoveryShown(BaseModel):
    codes: list[str] = Field(description="each works once, shown this once")


@router.get("/second-factor")
def standing(node: NodeAsked, person: SignedIn) -> FactorShown:
    """Say whether you have a second factor."""
    with node.records.read() as connection:
        return FactorShown(
            is_confirmed=has_factor(connection, person.id),
            recovery_left=recovery_left(connection, person.id),
            is_required=node.settings.second_factor == "required",
        )


@router.post("/second-factor", status_code=201)
def begin(node: NodeAsked, session: SessionSignedIn) -> EnrolmentShown:
    """Begin to enrol an authenticator app; it counts once it is confirmed."""
    _refuse_tokens(session.token.kind)
    with node.records.write() as connection:
        begun = begin_factor(
            connection,
            session.person,
            node.keys,
            node_name=node.settings.node_name,
            now=datetime.now(UTC),
        )
    picture = segno.make(begun.address, micro=False).svg_inline(scale=5, border=4, light="#fff")
    return EnrolmentShown(secret=begun.secret, address=begun.address, picture=picture)


@router.post("/second-factor/confirm")
def confirm(node: NodeAsked, session: SessionSignedIn, given: CodeGiven) -> RecoveryShown:
    """Confirm it with a first code; the session is a strong one from here."""
    _refuse_tokens(session.token.kind)
    tried, now = throttled_as(session.person), datetime.now(UTC)
    node.throttle.check(tried)
    try:
        with node.records.write() as connection:
            codes = confirm_factor(connection, session.person, node.keys, code=given.code, now=now)
            strengthen(connection, session.token)
    except SignInError as error:
        node.throttle.failed(tried)
        raise _wrong(error) from error
    node.throttle.succeeded(tried)
    node.sessions.outdate()
    return RecoveryShown(codes=codes)


@router.delete("/second-factor", status_code=204)
def remove(node: NodeAsked, session: SessionSignedIn, given: CodeGiven) -> None:
    """Take your second factor away, with one of its codes."""
    _refuse_tokens(session.token.kind)
    tried, now = throttled_as(session.person), datetime.now(UTC)
    node.throttle.check(tried)
    try:
        with node.records.write() as connection:
            show_factor(connection, session.person.id, node.keys, code=given.code, now=now)
            remove_factor(connection, session.person.id, by=session.person.id)
    except SignInError as error:
        node.throttle.failed(tried)
        raise _wrong(error) from error
    node.throttle.succeeded(tried)
    node.sessions.outdate()


@router.delete("/people/{person}/second-factor", status_code=204)
def reset(node: NodeAsked, asking: SignedIn, person: str) -> None:
    """Take away the second factor of somebody who lost it; never one's own."""
    require(asking, Permission.PERSON_MANAGE)
    if person == asking.id:
        raise ForbiddenError(
            "nobody takes the own second factor away without a code of it.",
            remedy="Use a recovery code, or ask another steward.",
        )
    with node.records.write() as connection:
        remove_factor(connection, person, by=asking.id)
    node.sessions.outdate()


def _refuse_tokens(kind: TokenKind) -> None:
    if kind is not TokenKind.SESSION:
        raise ForbiddenError(
            "a program has no business with a second factor.", remedy="Sign in in the portal."
        )


def _wrong(error: SignInError) -> ForbiddenError:
    """Somebody is signed in: a wrong code must not read as if nobody were (401)."""
    return ForbiddenError(error.what, remedy=error.remedy)
