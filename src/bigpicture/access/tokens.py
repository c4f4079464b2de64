"""Tokens: the secrets by which a signed-in person is known again; only their SHA-256 is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from bigpicture.access.epoch import Epoch, bump
from bigpicture.access.people import read_person
from bigpicture.ledger.record import record
from bigpicture.model.errors import UnknownError
from bigpicture.model.person import Person
from bigpicture.storage.records.tables import people, tokens

SECRET_BYTES = 32


class TokenKind(StrEnum):
    SESSION = "session"
    API = "api"


@dataclass(frozen=True, slots=True)
class Token:
    """What may be said of a token; `expires` is exclusive, in UTC."""

    id: str
    kind: TokenKind
    label: str
    created: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A person known by a token."""

    person: Person
    token: Token

    def is_live(self, now: datetime) -> bool:
        return now < self.token.expires


def digest_secret(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits: a slow hash would add nothing."""
    return sha256(secret.encode()).hexdigest()


def issue_token(
    connection: Connection, person: Person, *, kind: TokenKind, label: str, lifetime: timedelta
) -> tuple[str, Token]:
    """Make a token; returns its secret, which nobody can read again, beside it."""
    secret = f"bp{kind[0]}_{secrets.token_urlsafe(SECRET_BYTES)}"
    now = datetime.now(UTC)
    token = Token(
        id=secrets.token_hex(10), kind=kind, label=label, created=now, expires=now + lifetime
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
        )
    )
    record(
        connection,
        actor=person.id,
        action=f"{_acted_on(kind)}:create",
        subject=token.id,
        details={"expires": token.expires.isoformat()},
    )
    return secret, token


def find_session(connection: Connection, secret: str) -> Session | None:
    """The session of a secret, expired or not; None when there is none."""
    row = (
        connection.execute(
            select(
                tokens.c.id.label("token"),
                tokens.c.kind,
                tokens.c.label,
                tokens.c.created.label("issued"),
                tokens.c.expires,
                people,
            )
            .join(people, people.c.id == tokens.c.person)
            .where(tokens.c.digest == digest_secret(secret))
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    token = Token(row["token"], TokenKind(row["kind"]), row["label"], row["issued"], row["expires"])
    return Session(read_person(row), token)


def list_tokens(
    connection: Connection, person: Person, *, after: str = "", limit: int = 50
) -> list[Token]:
    """The person's live API tokens, in the order of their ids."""
    rows = connection.execute(
        select(tokens)
        .where(
            tokens.c.person == person.id,
            tokens.c.kind == str(TokenKind.API),
            tokens.c.expires > datetime.now(UTC),
            tokens.c.id > after,
        )
        .order_by(tokens.c.id)
        .limit(limit)
    ).mappings()
    return [
        Token(row["id"], TokenKind(row["kind"]), row["label"], row["created"], row["expires"])
        for row in rows
    ]


def revoke_token(connection: Connection, person: Person, token: str) -> None:
    """End a token of this person; raises `UnknownError` when the person has none of that id."""
    mine = (tokens.c.id == token, tokens.c.person == person.id)
    kind = connection.execute(select(tokens.c.kind).where(*mine)).scalar()
    if kind is None:
        raise UnknownError("there is no such token.", place=token)
    connection.execute(delete(tokens).where(*mine))
    bump(connection, Epoch.SESSION)
    record(
        connection,
        actor=person.id,
        action=f"{_acted_on(TokenKind(kind))}:revoke",
        subject=token,
        details={},
    )


def _acted_on(kind: TokenKind) -> str:
    return "session" if kind is TokenKind.SESSION else "token"
