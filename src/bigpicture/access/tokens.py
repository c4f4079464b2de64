"""Tokens: the secrets by which a signed-in person is known again; only their SHA-256 is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bigpicture.access.epoch import Epoch, bump
from bigpicture.access.people import read_person
from bigpicture.ledger.record import record
from bigpicture.model.errors import SignInError, UnknownError
from bigpicture.model.person import ALL_SCOPES, Person, TokenScope
from bigpicture.storage.records.identity_tables import second_factors
from bigpicture.storage.records.tables import people, tokens

SECRET_BYTES = 32


class TokenKind(StrEnum):
    SESSION = "session"
    API = "api"
    TICKET = "ticket"
    """Half of a sign-in: the second factor is still to be shown. Opens nothing."""


TICKET_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Token:
    """What may be said of a token; `expires` is exclusive, in UTC, `last_used` coarse.

    `is_strong` says that a second factor was shown when it was made, `issuer` which issuer of
    OpenID Connect signed its person in, if one did.
    """

    id: str
    kind: TokenKind
    label: str
    created: datetime
    expires: datetime
    scopes: frozenset[TokenScope] = ALL_SCOPES
    is_strong: bool = False
    issuer: str | None = None
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A person known by a token; `has_factor` where the person has a confirmed second factor."""

    person: Person
    token: Token
    has_factor: bool = False
    must_enrol: bool = False

    def is_live(self, now: datetime) -> bool:
        return now < self.token.expires

    def narrowed(self, *, is_factor_required: bool) -> Session:
        """The session with what its token and its second factor leave of the person.

        This is the one place where they count; everything behind it asks the person.
        """
        person = replace(self.person, scopes=self.token.scopes)
        if not is_factor_required or self.token.is_strong:
            return replace(self, person=person)
        weak = person.without_strong_roles()
        must_enrol = weak.roles != person.roles and not self.has_factor
        return replace(self, person=weak, must_enrol=must_enrol)


def digest_secret(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits: a slow hash would add nothing."""
    return sha256(secret.encode()).hexdigest()


def issue_token(
    connection: Connection,
    person: Person,
    *,
    kind: TokenKind,
    label: str,
    lifetime: timedelta,
    scopes: Iterable[TokenScope] = ALL_SCOPES,
    is_strong: bool = False,
    issuer: str | None = None,
    by: str = "",
) -> tuple[str, Token]:
    """Make a token; returns its secret, which nobody can read again, beside it.

    `by` is the id of whoever makes it for somebody else. A ticket is no event: a sign-in that
    ends with it is one.
    """
    secret = f"bp{kind[0]}_{secrets.token_urlsafe(SECRET_BYTES)}"
    now = datetime.now(UTC)
    token = Token(
        id=secrets.token_hex(10),
        kind=kind,
        label=label,
        created=now,
        expires=now + lifetime,
        scopes=frozenset(scopes),
        is_strong=is_strong,
        issuer=issuer,
    )
    # What has expired is of no use to anybody: each new token sweeps the person's old ones.
    connection.execute(delete(tokens).where(tokens.c.person == person.id, tokens.c.expires <= now))
    connection.execute(
        insert(tokens).values(
            digest=digest_secret(secret),
            id=token.id,
            person=person.id,
            kind=str(kind),
            label=label,
            created=now,
            expires=token.expires,
            scopes=None if token.scopes == ALL_SCOPES else sorted(token.scopes),
            is_strong=is_strong,
            issuer=issuer,
        )
    )
    if kind is not TokenKind.TICKET:
        record(
            connection,
            actor=by or person.id,
            action=f"{_acted_on(kind)}:create",
            subject=token.id,
            details={
                "person": person.id,
                "expires": token.expires.isoformat(),
                "scopes": sorted(token.scopes),
                "has_second_factor": is_strong,
            }
            | ({"issuer": issuer} if issuer else {}),
        )
    return secret, token


def find_session(connection: Connection, secret: str) -> Session | None:
    """The session of a secret, expired or not; None when there is none, or it is a ticket."""
    found = _find(connection, secret)
    return None if found is None or found.token.kind is TokenKind.TICKET else found


def read_ticket(connection: Connection, secret: str) -> Session:
    """Who has come half of the way with this ticket; raises `SignInError`."""
    found = _find(connection, secret)
    if found is None or found.token.kind is not TokenKind.TICKET:
        raise SignInError("this sign-in was not begun here.", remedy="Sign in again.")
    if not found.is_live(datetime.now(UTC)):
        raise SignInError("this sign-in took too long.", remedy="Sign in again.")
    return found


def _find(connection: Connection, secret: str) -> Session | None:
    ours = [column.label(f"token_{column.name}") for column in tokens.c]
    question = (
        select(*ours, people, second_factors.c.confirmed)
        .join(people, people.c.id == tokens.c.person)
        .outerjoin(second_factors, second_factors.c.person == people.c.id)
        .where(tokens.c.digest == digest_secret(secret))
    )
    row = connection.execute(question).mappings().first()
    if row is None:
        return None
    token = _read_token({column.name: row[f"token_{column.name}"] for column in tokens.c})
    return Session(read_person(row), token, has_factor=row["confirmed"] is not None)


def _read_token(row: Mapping[Any, object]) -> Token:
    kept = row["scopes"]
    scopes = ALL_SCOPES if kept is None else frozenset(map(TokenScope, kept))  # type: ignore[arg-type]
    names = ("id", "label", "created", "expires", "is_strong", "issuer", "last_used")
    given = {name: row[name] for name in names}
    return Token(kind=TokenKind(str(row["kind"])), scopes=scopes, **given)  # type: ignore[arg-type]


def note_use(connection: Connection, token: Token, now: datetime) -> None:
    """Keep when a token was last used; callers do so once an hour at most."""
    connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used=now))


def strengthen(connection: Connection, token: Token) -> None:
    """A second factor was shown in this session: its person has all roles again."""
    connection.execute(update(tokens).where(tokens.c.id == token.id).values(is_strong=True))
    bump(connection, Epoch.SESSION)


def weaken(connection: Connection, person: str) -> None:
    """The person's second factor is gone: what was begun with it counts as begun without."""
    connection.execute(update(tokens).where(tokens.c.person == person).values(is_strong=False))
    bump(connection, Epoch.SESSION)


def drop_ticket(connection: Connection, ticket: Token) -> None:
    """A ticket is used once; raises `SignInError` for whoever comes second."""
    if connection.execute(delete(tokens).where(tokens.c.id == ticket.id)).rowcount == 0:
        raise SignInError("this sign-in was ended already.", remedy="Sign in again.")


def list_tokens(
    connection: Connection,
    person: Person,
    *,
    kind: TokenKind = TokenKind.API,
    after: str = "",
    limit: int = 50,
) -> list[Token]:
    """The person's live tokens of a kind, in the order of their ids."""
    rows = connection.execute(
        select(tokens)
        .where(
            tokens.c.person == person.id,
            tokens.c.kind == str(kind),
            tokens.c.expires > datetime.now(UTC),
            tokens.c.id > after,
        )
        .order_by(tokens.c.id)
        .limit(limit)
    ).mappings()
    return [_read_token(row) for row in rows]


def revoke_token(
    connection: Connection,
    person: Person,
    token: str,
    *,
    by: str = "",
    kind: TokenKind | None = None,
) -> None:
    """End a token of this person (of a `kind`); raises `UnknownError` where there is none.

    `by` is the id of whoever ends it for somebody else.
    """
    mine = (tokens.c.id == token, tokens.c.person == person.id)
    held = connection.execute(select(tokens.c.kind).where(*mine)).scalar()
    if held is None or held != str(kind or held):
        raise UnknownError("there is no such token.", place=token)
    connection.execute(delete(tokens).where(*mine))
    bump(connection, Epoch.SESSION)
    record(
        connection,
        actor=by or person.id,
        action=f"{_acted_on(TokenKind(held))}:revoke",
        subject=token,
        details={},
    )


def _acted_on(kind: TokenKind) -> str:
    return "session" if kind is TokenKind.SESSION else "token"
