"""Authenticate: who is it that gives this name and password."""

from __future__ import annotations

from sqlalchemy import select

from bigpicture.access.password import DECOY, is_password
from bigpicture.access.people import fold_name, read_person
from bigpicture.access.throttle import Throttle
from bigpicture.model.errors import SignInError
from bigpicture.model.person import Person
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import people


def authenticate(records: Records, throttle: Throttle, *, name: str, password: str) -> Person:
    """Return the person; takes as long for an unknown name as for a wrong password.

    Raises `SignInError` (the same for both) or `TooSoonError`. No transaction is open while
    argon2 works.
    """
    folded = fold_name(name)
    throttle.check(folded)
    with records.read() as connection:
        row = connection.execute(select(people).where(people.c.name == folded)).mappings().first()
    is_right = is_password(password, row["password_hash"] if row else DECOY)
    if row is None or not is_right:
        throttle.failed(folded)
        raise SignInError(
            "the name or the password is wrong.", remedy="Check both, then try again."
        )
    throttle.succeeded(folded)
    return read_person(row)
