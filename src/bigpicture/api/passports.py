"""Who one is elsewhere: linked identities, and the visas that others give out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field

from bigpicture.access.identity.accounts import identities_of, unlink_identity
from bigpicture.access.passport.passport import PASSPORT_BYTES, read_passport
from bigpicture.access.passport.take import take_visas, visas_of
from bigpicture.access.passport.token import TokenError
from bigpicture.access.people import find_person
from bigpicture.api.asking import NodeAsked, SignedIn
from bigpicture.api.node import Node

router = APIRouter(prefix="/api/v1/people/me", tags=["identity"])


class IdentityShown(BaseModel):
    issuer: str = Field(description="its id in this node's settings, else its address")
    label: str
    subject: str
    created: datetime


class IdentityList(BaseModel):
    items: list[IdentityShown]


class VisaShown(BaseModel):
    digest: str
    issuer: str
    type: str
    value: str
    source: str
    by: str
    expires: datetime
    trouble: str = Field(description="why it is not relied on; empty: it is")


class VisaList(BaseModel):
    items: list[VisaShown]
    registered_until: datetime | None


class PassportGiven(BaseModel):
    passport: Annotated[str, Field(max_length=PASSPORT_BYTES)]


@router.get("/identities")
def identities(node: NodeAsked, person: SignedIn) -> IdentityList:
    """List the identities that sign you in."""
    known = {each.issuer: each for each in node.trusted.issuers}
    with node.records.read() as connection:
        held = identities_of(connection, person.id)
    shown = [
        IdentityShown(
            issuer=known[each.identity.issuer].id
            if each.identity.issuer in known
            else each.identity.issuer,
            label=known[each.identity.issuer].label
            if each.identity.issuer in known
            else each.identity.issuer,
            subject=each.identity.subject,
            created=each.created,
        )
        for each in held
    ]
    return IdentityList(items=shown)


@router.delete("/identities/{issuer}", status_code=204)
def unlink(node: NodeAsked, person: SignedIn, issuer: Annotated[str, Path(max_length=40)]) -> None:
    """Take the identities of an issuer from your account."""
    known = node.trusted.issuer(issuer)
    with node.records.write() as connection:
        unlink_identity(connection, person.id, known.issuer if known else issuer)


@router.get("/visas")
def visas(node: NodeAsked, person: SignedIn) -> VisaList:
    """List the visas that were taken in of you last."""
    with node.records.read() as connection:
        held = visas_of(connection, person.id)
        now_is = find_person(connection, person.id)
    shown = [
        VisaShown(
            digest=each.digest,
            issuer=each.issuer,
            type=each.type,
            value=each.value,
            source=each.source,
            by=each.by,
            expires=each.expires,
            trouble=each.trouble,
        )
        for each in held
    ]
    return VisaList(items=shown, registered_until=now_is.registered if now_is else None)


@router.post("/passport")
def take(node: NodeAsked, person: SignedIn, given: PassportGiven) -> VisaList:
    """Hand in a GA4GH passport of yours; its visas count as far as this node trusts them."""
    whose, held = read_passport(
        given.passport,
        keys_of_issuer=lambda issuer, kid: _keys(node, issuer, kid),
        now=datetime.now(UTC),
    )
    with node.records.read() as connection:
        mine = {each.identity for each in identities_of(connection, person.id)}
    if whose not in mine:
        raise TokenError("the passport is somebody else's.", rule="sub, iss")
    take_visas(
        node.records,
        person.id,
        held,
        broker=whose.issuer,
        trusted=node.trusted,
        keys_of=node.key_sets.get,
        node_url=node.settings.url,
        is_complete=False,
        is_sealed=node.seals.is_issuer_sealed,
    )
    node.sessions.outdate()
    return visas(node, person)


def _keys(node: Node, issuer: str, kid: str) -> KeySet:
    """The keys of an issuer that may sign passports; nothing is fetched for any other."""
    known = next((each for each in node.trusted.issuers if each.issuer == issuer), None)
    is_sealed = node.seals.is_issuer_sealed(issuer)
    if known is None or not known.has_passports or is_sealed:
        raise TokenError("the issuer is not trusted with passports here.", rule="iss")
    return node.key_sets.get(node.discoveries.get(issuer).keys, kid)
