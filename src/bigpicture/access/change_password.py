"""Change a password: the person gives the old one, and all their other sessions end."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from bigpicture.access.epoch import Epoch, bump
from bigpicture.access.password import hash_password, is_made_up, is_password
from bigpicture.access.throttle import Throttle
from bigpicture.access.tokens import Token, TokenKind
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError
from bigpicture.model.person import Person
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import people, tokens


def change_password(
    records: Records,
    throttle: Throttle,
    person: Person,
    *,
    old: str,
    new: str,
    keep: Token,
    ends_tokens: bool = False,
    words: tuple[str, ...] = (),
) -> int:
    """Give the person another password; returns how many sessions and tokens ended.

    Every session but `keep` ends; with `ends_tokens` those of programs too. Wrong old passwords
    count as failures to sign in. No transaction is open while argon2 works.

    Raises `ForbiddenError`, `TooSoonError`, `InputError` for a new one that cannot be used,
    `ConflictError` where the account has none, or it was changed meanwhile.
    """
    throttle.check(person.name)
    with records.read() as connection:
        held = connection.scalar(select(people.c.password_hash).where(people.c.id == person.id))
    if held is None or is_made_up(held):
        raise ConflictError(
            "this account is entered without a password.",
            remedy="It is changed where you sign in.",
        )
    if not is_password(old, held):
        throttle.failed(person.name)
        raise ForbiddenError("the old password is wrong.", place="old", remedy="Check it.")
    throttle.succeeded(person.name)
    if new == old:
        raise InputError("this is the old password.", place="password", remedy="Take another.")
    known = (person.name, person.display_name, person.organisation, *words)
    hashed = hash_password(new, words=known)
    ending = [TokenKind.SESSION, TokenKind.TICKET, *([TokenKind.API] if ends_tokens else [])]
    with records.write() as connection:
        changed = connection.execute(
            update(people)
            .where(people.c.id == person.id, people.c.password_hash == held)
            .values(password_hash=hashed)
        )
        if changed.rowcount == 0:
            raise ConflictError("the password was changed meanwhile.", remedy="Sign in again.")
        ended = connection.execute(
            delete(tokens).where(
                tokens.c.person == person.id,
                tokens.c.kind.in_([str(kind) for kind in ending]),
                tokens.c.id != keep.id,
            )
        ).rowcount
        bump(connection, Epoch.SESSION)
        record(
            connection,
            actor=person.id,
            action="person:change-password",
            subject=person.id,
            details={"ended": ended, "of_programs_too": ends_tokens},
        )
    return ended
