"""Permissions: our grants as visas for archives elsewhere, and the keys to check them by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.decide import Purpose
from bigpicture.access.grant_rows import list_grants
from bigpicture.access.passport.issue import issue_visas, public_keys
from bigpicture.access.people import find_person
from bigpicture.api.asking import NodeAsked, SignedIn
from bigpicture.model.errors import UnknownError
from bigpicture.model.grant import GrantState
from bigpicture.model.person import Permission

router = APIRouter(tags=["identity"])

MOST_VISAS = 100


class PassportShown(BaseModel):
    ga4gh_passport_v1: list[str] = Field(description="a visa for each dataset that is granted")


@router.get("/jwks")
def keys(node: NodeAsked) -> dict[str, Any]:
    """Give the public keys by which our visas are checked (RFC 7517)."""
    return public_keys(node.keys)


@router.get("/.well-known/jwks.json")
def well_known_keys(node: NodeAsked) -> dict[str, Any]:
    """Give the same where some programs look for it."""
    return public_keys(node.keys)


@router.get("/permissions/{user}")
def permissions(node: NodeAsked, person: SignedIn, user: str) -> PassportShown:
    """Give a person's grants as GA4GH visas: one's own (`me`), or anybody's for stewards.

    Each ends with its grant and within an hour. What is held, sealed, hidden or revoked is not
    among them.
    """
    wanted = person.id if user == "me" else user
    if wanted != person.id and not person.may(Permission.GRANT_RECORD):
        raise UnknownError("there is no such person.", place="user")
    now = datetime.now(UTC)
    with node.records.read() as connection:
        whose = find_person(connection, wanted)
        if whose is None:
            raise UnknownError("there is no such person.", place="user")
        held = list_grants(
            connection, person=wanted, state=GrantState.ACTIVE, now=now, limit=MOST_VISAS
        )
    names = node.decisions.listed(whose, {each.dataset for each in held})
    decided = node.decisions.decide_each(whose, names, Purpose.READ)
    opening = {decision.grant for decision in decided.values()}
    live = [each for each in held if each.id in opening]
    issued = issue_visas(
        live, subject=whose.id, node_url=node.settings.url, keys=node.keys, now=now
    )
    return PassportShown(ga4gh_passport_v1=issued)
