"""Accounts behind identities: find, open, link, unlink."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bigpicture.access.identity.id_token import SignedIn
from bigpicture.access.identity.trusted import Issuer
from bigpicture.access.password import DECOY, is_made_up
from bigpicture.access.people import add_hashed_person, find_person, fold_name
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, SignInError, UnknownError
from bigpicture.model.person import Person, Role
from bigpicture.model.visa import Identity
from bigpicture.storage.records.identity_tables import identities
from bigpicture.storage.records.tables import people


@dataclass(frozen=True, slots=True)
class Linked:
    """An identity of a person, since when."""

    identity: Identity
    created: datetime


def account_of(connection: Connection, signed_in: SignedIn, issuer: Issuer) -> Person:
    """The person behind an identity; a new researcher where the issuer's settings permit that.

    Neither a name nor an address of mail ever joins an identity to an account: issuers differ in
    what they check of them. Raises `SignInError` (rule `unknown`) where nobody is behind it.
    """
    known = person_of(connection, signed_in.identity)
    if known is not None:
        return known
    if not issuer.opens_accounts:
        raise SignInError("nobody here has this identity.", rule="unknown")
    person = add_hashed_person(
        connection,
        name=_free_name(connection, signed_in.preferred, issuer.id),
        display_name=signed_in.name or signed_in.preferred or issuer.label,
        organisation=issuer.organisation,
        roles={Role.RESEARCHER},
        password_hash=DECOY,
        by="node",
    )
    link_identity(connection, person.id, signed_in.identity)
    return person


def person_of(connection: Connection, identity: Identity) -> Person | None:
    """The person with this identity."""
    person = connection.scalar(
        select(identities.c.person).where(
            identities.c.issuer == identity.issuer, identities.c.subject == identity.subject
        )
    )
    return find_person(connection, person) if person else None


def link_identity(connection: Connection, person: str, identity: Identity) -> None:
    """Let the identity be the person; raises `ConflictError` where it is somebody else's."""
    held = person_of(connection, identity)
    if held is not None and held.id == person:
        return
    try:
        if held is not None:
            raise ConflictError("this identity is somebody else's here.", rule="taken")
        connection.execute(
            insert(identities).values(
                issuer=identity.issuer,
                subject=identity.subject,
                person=person,
                created=datetime.now(UTC),
            )
        )
    except IntegrityError as error:
        raise ConflictError("this identity is somebody else's here.", rule="taken") from error
    record(
        connection,
        actor=person,
        action="identity:link",
        subject=person,
        details={"issuer": identity.issuer},
    )


def identities_of(connection: Connection, person: str) -> list[Linked]:
    """The identities of a person, by issuer."""
    question = select(identities).where(identities.c.person == person)
    rows = connection.execute(question.order_by(identities.c.issuer, identities.c.subject))
    return [Linked(Identity(row.issuer, row.subject), row.created) for row in rows]


def unlink_identity(connection: Connection, person: str, issuer: str) -> None:
    """Take an issuer's identities from a person.

    Raises `UnknownError` where there are none, `ConflictError` where nothing else would let the
    person in: an account that nobody opens any more is nobody's.
    """
    mine = identities_of(connection, person)
    gone = [each for each in mine if each.identity.issuer == issuer]
    if not gone:
        raise UnknownError("you have no such identity.", place=issuer)
    hashed = connection.scalar(select(people.c.password_hash).where(people.c.id == person))
    if len(gone) == len(mine) and is_made_up(str(hashed)):
        raise ConflictError(
            "it is your only way to sign in.", remedy="Link another identity first."
        )
    connection.execute(
        delete(identities).where(identities.c.person == person, identities.c.issuer == issuer)
    )
    record(
        connection,
        actor=person,
        action="identity:unlink",
        subject=person,
        details={"issuer": issuer},
    )


def _free_name(connection: Connection, preferred: str, issuer: str) -> str:
    """`preferred@issuer`, or a random one: names are unique, and an issuer's need not be."""
    name = fold_name(f"{preferred}@{issuer}") if preferred else ""
    taken = select(people.c.id).where(people.c.name == name)
    if not name or connection.execute(taken).first() is not None:
        return f"{secrets.token_hex(5)}@{issuer}"
    return name
