"""Rows of grants as the noun: found, read, listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from bigpicture.model.errors import UnknownError
from bigpicture.model.grant import ALL_USES, Grant, GrantState, GrantUse, Hold
from bigpicture.storage.records.tables import datasets, grants


def find_grant(connection: Connection, grant: str) -> Mapping[str, Any]:
    """The row of a grant; raises `UnknownError`."""
    row = connection.execute(select(grants).where(grants.c.id == grant)).mappings().first()
    if row is None:
        raise UnknownError("there is no such grant.", place=grant)
    return dict(row)


def find_held(connection: Connection, grant: str) -> Grant | None:
    """A grant by its id, if there is one."""
    row = connection.execute(select(grants).where(grants.c.id == grant)).mappings().first()
    return read_grant(row) if row else None


def list_grants(
    connection: Connection,
    *,
    person: str = "",
    dataset: str = "",
    application: str = "",
    state: GrantState | None = None,
    now: datetime | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Grant]:
    """Grants in the order of their ids, in a `state` at `now` or in any; what is empty means any.

    Raises `ValueError` where a state is asked for without its moment.
    """
    question = select(grants).where(grants.c.id > after).order_by(grants.c.id).limit(limit)
    wanted = {"person": person, "dataset": dataset, "application": application}
    for column, value in wanted.items():
        if value:
            question = question.where(grants.c[column] == value)
    if state is not None:
        if now is None:
            raise ValueError("a grant is in a state at a moment")
        question = question.where(_in_state(state, now))
    return [read_grant(row) for row in connection.execute(question).mappings()]


def title_datasets(connection: Connection, accessions: Iterable[str]) -> dict[str, str]:
    """Titles of datasets by accession, of those that are there."""
    titles = select(datasets.c.accession, datasets.c.title)
    rows = connection.execute(titles.where(datasets.c.accession.in_(set(accessions))))
    return {row.accession: row.title for row in rows}


def ends_of(connection: Connection, ids: Iterable[str]) -> dict[str, datetime]:
    """When grants end or ended, by id."""
    wanted = select(grants.c.id, grants.c.end, grants.c.revoked).where(grants.c.id.in_(set(ids)))
    return {row.id: row.revoked or row.end for row in connection.execute(wanted)}


def read_grant(row: Mapping[Any, Any]) -> Grant:
    """A row of `grants` as the noun."""
    uses = row["uses"]
    return Grant(
        id=row["id"],
        person=row["person"],
        dataset=row["dataset"],
        start=row["start"],
        end=row["end"],
        revoked=row["revoked"],
        reason=row["reason"],
        uses=ALL_USES if uses is None else frozenset(GrantUse(use) for use in uses),
        conditions=tuple(row["conditions"] or ()),
        application=row["application"] or "",
        holds=frozenset(Hold(hold) for hold in held_since(row)),
        has_begun=row["begun"] is not None,
        expired=row["expired"],
        superseded_by=row["superseded_by"] or "",
        decider=row.get("decider") or "",
    )


def held_since(row: Mapping[Any, Any]) -> dict[str, str]:
    """Why a grant is held, and since when, in ISO 8601."""
    return cast("dict[str, str]", row["holds"] or {})


def _in_state(state: GrantState, now: datetime) -> ColumnElement[bool]:
    """`Grant.state` as a question to the records."""
    each = grants.c
    is_ended = and_(each.revoked.is_not(None), each.revoked <= now)
    is_running = or_(each.revoked.is_(None), each.revoked > now)
    is_late = or_(each.expired.is_not(None), each.end <= now)
    is_current = and_(is_running, each.expired.is_(None), each.end > now)
    is_free = each.holds.is_(None)
    answers = {
        GrantState.SUPERSEDED: and_(is_ended, each.superseded_by.is_not(None)),
        GrantState.REVOKED: and_(is_ended, each.superseded_by.is_(None)),
        GrantState.EXPIRED: and_(is_running, is_late),
        GrantState.PENDING_TERMS: and_(is_current, each.holds.is_not(None), each.begun.is_(None)),
        GrantState.SUSPENDED: and_(is_current, each.holds.is_not(None), each.begun.is_not(None)),
        GrantState.FUTURE: and_(is_current, is_free, each.start > now),
        GrantState.ACTIVE: and_(is_current, is_free, each.start <= now),
    }
    return answers[state]
