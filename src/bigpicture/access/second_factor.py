"""The second factor: enrol, confirm, show, take away."""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from bigpicture.access.node_keys import NodeKeys
from bigpicture.access.tokens import weaken
from bigpicture.access.totp import address_of, make_secret, matching_step
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, SignInError, UnknownError
from bigpicture.model.person import Person
from bigpicture.storage.records.identity_tables import recovery_codes, second_factors

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10


@dataclass(frozen=True, slots=True, repr=False)
class Enrolment:
    """What an authenticator app needs: `secret` in base32, and the same as an address."""

    secret: str
    address: str


def begin_factor(
    connection: Connection, person: Person, keys: NodeKeys, *, node_name: str, now: datetime
) -> Enrolment:
    """Begin to enrol; it counts once it is confirmed. Raises `ConflictError` where it did."""
    if has_factor(connection, person.id):
        raise ConflictError(
            "there is a second factor already.", remedy="Take it away first, with one of its codes."
        )
    secret = make_secret()
    connection.execute(delete(second_factors).where(second_factors.c.person == person.id))
    connection.execute(
        insert(second_factors).values(
            person=person.id,
            secret=keys.seal(secret.encode(), of=person.id),
            created=now,
            last_step=0,
        )
    )
    return Enrolment(secret, address_of(secret, name=person.name, issuer=node_name))


def confirm_factor(
    connection: Connection, person: Person, keys: NodeKeys, *, code: str, now: datetime
) -> list[str]:
    """Confirm with a first code; returns the recovery codes, which nobody can read again.

    Raises `UnknownError` where nothing was begun, `ConflictError` where it was confirmed before,
    `SignInError` where the code is wrong.
    """
    row = _row(connection, person.id)
    if row is None:
        raise UnknownError("no second factor was begun.", remedy="Begin one first.")
    if row["confirmed"] is not None:
        raise ConflictError("this second factor was confirmed before.")
    _use_code(connection, person.id, keys, code, now)
    connection.execute(
        update(second_factors).where(second_factors.c.person == person.id).values(confirmed=now)
    )
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person.id))
    connection.execute(
        insert(recovery_codes),
        [{"person": person.id, "digest": _digest(each), "used": None} for each in codes],
    )
    record(connection, actor=person.id, action="second-factor:confirm", subject=person.id)
    return codes


def show_factor(
    connection: Connection, person: str, keys: NodeKeys, *, code: str, now: datetime
) -> None:
    """Use up a code of the app, or a recovery code, of this person; raises `SignInError`."""
    if not has_factor(connection, person):
        raise SignInError("there is no second factor to show.")
    spent = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.person == person,
            recovery_codes.c.digest == _digest(code),
            recovery_codes.c.used.is_(None),
        )
        .values(used=now)
    )
    if spent.rowcount:
        record(connection, actor=person, action="second-factor:recover", subject=person)
        return
    _use_code(connection, person, keys, code, now)


def remove_factor(connection: Connection, person: str, *, by: str) -> None:
    """Take the second factor away, with its codes; what was begun with it counts as weak."""
    if not has_factor(connection, person):
        raise UnknownError("there is no second factor.")
    for table in (second_factors, recovery_codes):
        connection.execute(delete(table).where(table.c.person == person))
    weaken(connection, person)
    record(connection, actor=by, action="second-factor:remove", subject=person)


def has_factor(connection: Connection, person: str) -> bool:
    """Whether this person has a confirmed second factor."""
    row = _row(connection, person)
    return row is not None and row["confirmed"] is not None


def recovery_left(connection: Connection, person: str) -> int:
    """How many recovery codes are not used."""
    unused = (recovery_codes.c.person == person, recovery_codes.c.used.is_(None))
    return len(connection.execute(select(recovery_codes.c.digest).where(*unused)).all())


def _use_code(
    connection: Connection, person: str, keys: NodeKeys, code: str, now: datetime
) -> None:
    row = _row(connection, person)
    if row is None:
        raise UnknownError("there is no second factor.")
    secret = keys.open(row["secret"], of=person).decode()
    last = row["last_step"]
    step = matching_step(secret, code, now=now.timestamp(), after=last)
    mine = (second_factors.c.person == person, second_factors.c.last_step == last)
    # of two that show the same code at once, one finds the row changed
    if (
        step is None
        or connection.execute(update(second_factors).where(*mine).values(last_step=step)).rowcount
        == 0
    ):
        raise SignInError(
            "the code is wrong, or was used before.",
            remedy="Wait for the next code of your app; check its clock.",
        )


def _row(connection: Connection, person: str) -> RowMapping | None:
    question = select(second_factors).where(second_factors.c.person == person)
    return connection.execute(question).mappings().first()


def _recovery_code() -> str:
    """80 random bits in four groups: a slow hash would add nothing."""
    text = b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(code: str) -> str:
    folded = "".join(each for each in code.lower() if each.isalnum())
    return sha256(folded.encode()).hexdigest()
