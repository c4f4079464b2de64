"""Identity: sign in at an issuer of OpenID Connect, and come back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from bigpicture.access.identity.accounts import account_of, link_identity
from bigpicture.access.identity.attempt import (
    LIFETIME,
    Attempt,
    begin_attempt,
    mark_attempt,
    read_attempt,
)
from bigpicture.access.identity.id_token import SignedIn
from bigpicture.access.identity.sign_in import Answer
from bigpicture.access.identity.trusted import Issuer
from bigpicture.access.passport.take import take_visas
from bigpicture.access.passport.token import TokenError
from bigpicture.access.people import find_person
from bigpicture.access.second_factor import has_factor
from bigpicture.api.asking import NodeAsked, SessionAsking
from bigpicture.api.node import Node
from bigpicture.api.signing_in import admit, give_session, give_ticket, set_cookie
from bigpicture.model.errors import (
    BigpictureError,
    BusyError,
    ConflictError,
    ForbiddenError,
    SealedError,
    SignInError,
    UnknownError,
)

router = APIRouter(prefix="/api/v1/identity", tags=["identity"])

ATTEMPT_COOKIE = "bigpicture_sign_in"
_OURS = re.compile(r"/(?![/\\])[\x21-\x7e]*")
_Text = Annotated[str, Query(max_length=4096)]


class IssuerShown(BaseModel):
    id: str
    label: str
    begin: str


class IssuerList(BaseModel):
    items: list[IssuerShown]


@router.get("/issuers")
def issuers(node: NodeAsked) -> IssuerList:
    """List who signs people in, besides this node itself."""
    shown = [
        IssuerShown(id=each.id, label=each.label, begin=f"/api/v1/identity/{each.id}/begin?next=/")
        for each in node.trusted.issuers
        if not node.seals.is_issuer_sealed(each.issuer)
    ]
    return IssuerList(items=shown)


@router.get("/{issuer}/begin", status_code=302, response_class=RedirectResponse)
def begin(
    node: NodeAsked,
    session: SessionAsking,
    issuer: str,
    onward: Annotated[str, Query(alias="next", max_length=2000)] = "/",
    link: bool = False,
) -> RedirectResponse:
    """Send the browser to an issuer; `link` adds the identity to the account signed in."""
    asked = _issuer(node, issuer)
    person = session.person.id if session and link else ""
    attempt = begin_attempt(
        issuer, onward=_our_address(onward), person=person, now=datetime.now(UTC)
    )
    try:
        where = node.signing_in.address(asked, attempt, callback=_callback(node, issuer))
    except BusyError:
        return _refuse(attempt.onward, "unreached")
    answer = RedirectResponse(where, 302)
    answer.set_cookie(
        _cookie(node),
        mark_attempt(attempt, node.keys),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",  # the answer comes by a link from the issuer's page
        secure=_is_secure(node),
    )
    return answer


@router.get("/{issuer}/callback", status_code=302, response_class=RedirectResponse)
def callback(
    node: NodeAsked,
    request: Request,
    issuer: str,
    code: _Text = "",
    state: _Text = "",
    iss: Annotated[str | None, Query(max_length=255)] = None,
    error: Annotated[str | None, Query(max_length=255)] = None,
) -> RedirectResponse:
    """Where an issuer sends the browser back to: on into the portal, signed in or told why not."""
    asked = _issuer(node, issuer)
    onward = "/"
    try:
        attempt = read_attempt(
            request.cookies.get(_cookie(node)),
            issuer=issuer,
            state=state,
            keys=node.keys,
            now=datetime.now(UTC),
        )
        onward = attempt.onward
        signed_in, visas = node.signing_in.finish(
            asked,
            attempt,
            Answer(code, iss, error),
            callback=_callback(node, issuer),
            now=datetime.now(UTC),
        )
        answer = _enter(node, asked, attempt, signed_in, visas)
    except (SignInError, ConflictError, ForbiddenError, SealedError, BusyError) as problem:
        _tell(problem)
        answer = _refuse(onward, _code_of(problem))
    answer.delete_cookie(_cookie(node), httponly=True, samesite="lax", secure=_is_secure(node))
    return answer


def _enter(
    node: Node, issuer: Issuer, attempt: Attempt, signed_in: SignedIn, visas: list[str] | None
) -> RedirectResponse:
    with node.records.write() as connection:
        linking = find_person(connection, attempt.person) if attempt.person else None
        if linking is not None:
            link_identity(connection, linking.id, signed_in.identity)
        person = linking or account_of(connection, signed_in, issuer)
        admit(node, person, issuer=issuer.issuer)
        is_half = (
            linking is None
            and signed_in.acr not in issuer.strong
            and has_factor(connection, person.id)
        )
        if is_half:
            secret = give_ticket(connection, person, issuer=issuer.issuer)
        elif linking is None:
            secret, _ = give_session(
                connection,
                node,
                person,
                issuer=issuer.issuer,
                is_strong=bool(signed_in.acr) and signed_in.acr in issuer.strong,
            )
        else:
            secret = ""
    if visas is not None:
        _take(node, issuer, person.id, visas)
    if linking is not None:
        return RedirectResponse(attempt.onward, 302)
    if is_half:
        # behind the #: it goes to no server, into no log and into no Referer
        return RedirectResponse(f"/sign-in?{urlencode({'next': attempt.onward})}#{secret}", 302)
    answer = RedirectResponse(attempt.onward, 302)
    set_cookie(node, answer, secret)
    return answer


def _take(node: Node, issuer: Issuer, person: str, visas: list[str]) -> None:
    """What visas open is beside the sign-in: where they are not to be had, it stands without."""
    try:
        take_visas(
            node.records,
            person,
            visas,
            broker=issuer.issuer,
            trusted=node.trusted,
            keys_of=node.key_sets.get,
            node_url=node.settings.url,
            is_complete=True,
            is_sealed=node.seals.is_issuer_sealed,
        )
    except (TokenError, BusyError) as error:
        _tell(error)


def _issuer(node: Node, name: str) -> Issuer:
    found = node.trusted.issuer(name)
    if found is None or node.seals.is_issuer_sealed(found.issuer):
        raise UnknownError("there is no such issuer.", place="issuer")
    return found


def _callback(node: Node, issuer: str) -> str:
    return f"{node.settings.url}/api/v1/identity/{issuer}/callback"


def _our_address(onward: str) -> str:
    """Only an address of this portal: a link must not send anybody elsewhere after signing in."""
    return onward if _OURS.fullmatch(onward) else "/"


def _refuse(onward: str, code: str) -> RedirectResponse:
    return RedirectResponse(f"/sign-in?refused={quote(code)}&next={quote(onward)}", 302)


def _code_of(problem: BigpictureError) -> str:
    """A short word that the portal has a sentence for."""
    if isinstance(problem, SealedError | ForbiddenError):
        return "sealed"
    if isinstance(problem, BusyError):
        return "unreached"
    return problem.rule.split()[0] if problem.rule else "refused"


def _tell(problem: BigpictureError) -> None:
    structlog.get_logger("bigpicture.identity").warning(
        "a sign-in was refused", what=problem.what, rule=problem.rule
    )


def _is_secure(node: Node) -> bool:
    return node.settings.url.startswith("https:")


def _cookie(node: Node) -> str:
    """With the prefix no other host of the same domain can set it (RFC 6265bis)."""
    return f"__Host-{ATTEMPT_COOKIE}" if _is_secure(node) else ATTEMPT_COOKIE
