"""Service accounts: programs of an organisation, owned by a steward; no password opens them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, insert, select
from sqlalchemy.engine import RowMapping

from bigpicture.access.password import DECOY
from bigpicture.access.people import add_hashed_person, read_person
from bigpicture.ledger.record import record
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.model.person import STRONG_ROLES, Person, Role
from bigpicture.storage.records.identity_tables import service_accounts
from bigpicture.storage.records.tables import people

PREFIX = "service:"
"""No person's name begins so: a colon beside a name would look like one at sign-in."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """`owner` is the id of the steward who answers for it."""

    person: Person
    owner: str
    purpose: str
    created: datetime


def add_service_account(
    connection: Connection,
    *,
    name: str,
    organisation: str,
    purpose: str,
    roles: Iterable[Role],
    by: str,
) -> ServiceAccount:
    """Make one. Raises `InputError` for a role that decides for others: no program holds one."""
    held = frozenset(roles)
    if held & STRONG_ROLES:
        raise InputError(
            "a program decides for nobody.",
            place="roles",
            rule=f"none of {', '.join(sorted(STRONG_ROLES))}",
        )
    if not organisation.strip() or not purpose.strip():
        raise InputError("say whose program it is, and what for.", place="organisation, purpose")
    person = add_hashed_person(
        connection,
        name=f"{PREFIX}{name.strip() or secrets.token_hex(4)}",
        display_name=name.strip(),
        organisation=organisation,
        roles=held,
        password_hash=DECOY,
        by=by,
    )
    made = ServiceAccount(person, by, purpose.strip(), datetime.now(UTC))
    connection.execute(
        insert(service_accounts).values(
            person=person.id, owner=by, purpose=made.purpose, created=made.created
        )
    )
    record(
        connection,
        actor=by,
        action="service-account:create",
        subject=person.id,
        details={"owner": by, "purpose": made.purpose},
    )
    return made


def list_service_accounts(
    connection: Connection, *, after: str = "", limit: int = 50
) -> list[ServiceAccount]:
    """Service accounts in the order of their names, from behind the name `after`."""
    question = _question().where(people.c.name > after).order_by(people.c.name).limit(limit)
    return [_read(row) for row in connection.execute(question).mappings()]


def find_service_account(connection: Connection, person: str) -> ServiceAccount:
    """The service account of this id; raises `UnknownError`."""
    row = connection.execute(_question().where(people.c.id == person)).mappings().first()
    if row is None:
        raise UnknownError("there is no such service account.", place=person)
    return _read(row)


def _question() -> Select[tuple[object, ...]]:
    return select(
        people,
        service_accounts.c.owner,
        service_accounts.c.purpose,
        service_accounts.c.created.label("made"),
    ).join(service_accounts, service_accounts.c.person == people.c.id)


def _read(row: RowMapping) -> ServiceAccount:
    return ServiceAccount(read_person(row), row["owner"], row["purpose"], row["made"])
