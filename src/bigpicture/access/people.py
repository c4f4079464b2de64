"""People: the accounts of this node."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, or_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from bigpicture.access.password import hash_password
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.person import Person, Role
from bigpicture.storage.records.tables import people

NAME_LENGTH = 200


def fold_name(name: str) -> str:
    """The form in which a sign-in name is kept and compared: NFKC, no case, no outer spaces."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def add_person(
    connection: Connection,
    *,
    name: str,
    display_name: str,
    organisation: str,
    roles: Iterable[Role],
    password: str,
    by: str,
) -> Person:
    """Open an account, with its event `person:create` in the caller's transaction.

    `by` is the acting person's id, or `node`. Raises `InputError` for a bad name or password,
    `ConflictError` when the name is taken. Argon2 takes a while: hash first where that matters,
    see `add_hashed_person`.
    """
    return add_hashed_person(
        connection,
        name=name,
        display_name=display_name,
        organisation=organisation,
        roles=roles,
        password_hash=hash_password(password, words=(name, display_name, organisation)),
        by=by,
    )


def add_hashed_person(
    connection: Connection,
    *,
    name: str,
    display_name: str,
    organisation: str,
    roles: Iterable[Role],
    password_hash: str,
    by: str,
) -> Person:
    """As `add_person`, with the password hashed before the transaction began."""
    folded = fold_name(name)
    if not folded or len(folded) > NAME_LENGTH or not folded.isprintable():
        raise InputError(
            "this is not a name to sign in with.",
            place="name",
            rule=f"1 to {NAME_LENGTH} printable characters",
        )
    person = Person(
        id=secrets.token_hex(10),
        name=folded,
        display_name=display_name.strip() or folded,
        organisation=organisation.strip(),
        roles=frozenset(roles),
    )
    row = {
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
        "organisation": person.organisation,
        "roles": sorted(person.roles),
        "password_hash": password_hash,
        "created": datetime.now(UTC),
    }
    try:
        connection.execute(insert(people).values(row))
    except IntegrityError as error:
        raise ConflictError("this name is taken.", place="name") from error
    record(
        connection,
        actor=by,
        action="person:create",
        subject=person.id,
        details={"roles": sorted(person.roles)},
    )
    return person


def find_person(connection: Connection, person: str) -> Person | None:
    """The person with this id."""
    row = connection.execute(select(people).where(people.c.id == person)).mappings().first()
    return read_person(row) if row else None


def find_people(connection: Connection, ids: Iterable[str]) -> dict[str, Person]:
    """People by id, of those among `ids` that are some."""
    found = connection.execute(select(people).where(people.c.id.in_(set(ids)))).mappings()
    return {row["id"]: read_person(row) for row in found}


def name_people(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Display names by id, of those among `ids` that are people."""
    rows = connection.execute(
        select(people.c.id, people.c.display_name).where(people.c.id.in_(set(ids)))
    )
    return {row.id: row.display_name for row in rows}


def find_people_named(connection: Connection, text: str) -> frozenset[str]:
    """Ids of those whom `text` names: by id, by sign-in name, or by a part of the name shown."""
    folded = fold_name(text)
    rows = connection.execute(
        select(people.c.id).where(
            or_(
                people.c.id == text,
                people.c.name == folded,
                people.c.display_name.icontains(text.strip(), autoescape=True),
            )
        )
    )
    return frozenset(rows.scalars())


def list_people(connection: Connection, *, after: str = "", limit: int = 50) -> list[Person]:
    """People in the order of their sign-in names, from behind the name `after`."""
    rows = connection.execute(
        select(people).where(people.c.name > after).order_by(people.c.name).limit(limit)
    ).mappings()
    return [read_person(row) for row in rows]


def read_person(row: RowMapping) -> Person:
    """A row of `people` as the noun."""
    return Person(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        organisation=row["organisation"],
        roles=frozenset(Role(role) for role in row["roles"]),
        registered=row["registered_until"],
        registered_by=row["registered_by"] or "",
    )


def find_named(connection: Connection, named: str) -> Person:
    """The person of this id or sign-in name; raises `UnknownError`."""
    wanted = select(people).where((people.c.id == named) | (people.c.name == fold_name(named)))
    row = connection.execute(wanted.order_by(people.c.id != named).limit(1)).mappings().first()
    if row is None:
        raise UnknownError("there is no such person.", place="person")
    return read_person(row)
