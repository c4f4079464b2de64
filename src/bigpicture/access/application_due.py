"""What falls due: drafts that expire, deadlines, agreements to accept again, grants that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from bigpicture.access.agreements import GRACE, list_agreements
from bigpicture.access.application_grants import adjust_holds
from bigpicture.access.application_notices import members_of
from bigpicture.access.application_rows import find_application
from bigpicture.access.application_told import DECIDE_WITHIN, SCREEN_WITHIN
from bigpicture.access.applications import Around, carry_out
from bigpicture.access.notices import notify
from bigpicture.model.agreement import Agreement
from bigpicture.model.application import State
from bigpicture.model.application_guards import NODE, Actor
from bigpicture.model.application_table import Command
from bigpicture.storage.records.application_tables import acceptances, applications
from bigpicture.storage.records.tables import datasets, grants

IDLE = timedelta(days=90)
_REMINDER = timedelta(days=14)
"""So long before it falls due somebody is reminded."""
ENDING_DAYS = (60, 30, 7)
_AT_A_TIME = 200
"""A turn of the clock is short; the next goes on."""


def applications_fall_due(connection: Connection, now: datetime) -> None:
    """Do what the time asks for, once: each reminder has a key by which it is not told again."""
    _expire_drafts(connection, now)
    _remind_of_drafts(connection, now)
    _remind_of_decisions(connection, now)
    _ask_again(connection, now)
    _remind_of_ends(connection, now)


def _expire_drafts(connection: Connection, now: datetime) -> None:
    table = applications
    idle = (
        select(table.c.id)
        .where(table.c.state == State.DRAFT, table.c.changed <= now - IDLE)
        .order_by(table.c.changed)
        .limit(_AT_A_TIME)
    )
    for application in connection.scalars(idle).all():
        before = find_application(connection, application)
        carry_out(connection, before, Actor(NODE), Command.EXPIRE, {}, around=Around(now))


def _remind_of_drafts(connection: Connection, now: datetime) -> None:
    """Nothing expires unless somebody was told that it would."""
    table = applications
    rows = connection.execute(
        select(table.c.id, table.c.applicant, table.c.seq, table.c.changed).where(
            table.c.state == State.DRAFT, table.c.changed <= now - IDLE + _REMINDER
        )
    ).all()
    for row in rows:
        notify(
            connection,
            [row.applicant],
            kind="application-idle",
            subject="A draft of an application is about to expire",
            text=f"It expires on {row.changed + IDLE:%Y-%m-%d} unless you change or submit it.",
            link=f"/applications/{row.id}",
            key=f"idle {row.id} {row.seq}",
        )


def _remind_of_decisions(connection: Connection, now: datetime) -> None:
    table = applications
    for state, within in ((State.SUBMITTED, SCREEN_WITHIN), (State.IN_REVIEW, DECIDE_WITHIN)):
        soon = now - within + min(_REMINDER, within / 2)
        rows = connection.execute(
            select(table.c.id, table.c.submitted).where(
                table.c.state == state, table.c.submitted <= soon
            )
        ).all()
        for row in rows:
            is_late = row.submitted + within <= now
            notify(
                connection,
                members_of(connection, find_application(connection, row.id)),
                kind="application-overdue" if is_late else "application-due",
                subject="An application is overdue" if is_late else "An application is due",
                text=f"Its day is {row.submitted + within:%Y-%m-%d}; it is {state}.",
                link=f"/applications/{row.id}",
                key=f"{'late' if is_late else 'due'} {row.id} {state} {row.submitted:%Y%m%d%H%M}",
            )


def _ask_again(connection: Connection, now: datetime) -> None:
    """Hold what runs on an agreement that was to be accepted again, once the grace is over."""
    lacking: set[str] = set()
    for each in list_agreements(connection):
        if not each.requires_reaccept or each.version == 1:
            continue
        rows = _without(connection, each, now)
        if each.since + GRACE <= now:
            lacking |= {row.application for row in rows}
        else:
            _tell_of_version(connection, each, rows)
    for application in sorted(lacking):
        adjust_holds(connection, find_application(connection, application), now=now)


def _without(
    connection: Connection, agreement: Agreement, now: datetime
) -> Sequence[Row[Any, Any]]:
    """Applications and people with a grant that runs free, and without this version."""
    signed = agreement.is_signed
    same = (
        acceptances.c.application == grants.c.application
        if signed
        else acceptances.c.person == grants.c.person
    )
    kept = exists().where(
        acceptances.c.agreement == agreement.id,
        acceptances.c.version >= agreement.version,
        acceptances.c.method == ("signature" if signed else "click"),
        same,
    )
    return connection.execute(
        select(grants.c.application, grants.c.person)
        .where(
            grants.c.application.in_(select(applications.c.id)),
            *((grants.c.dataset.in_(agreement.for_datasets),) if agreement.for_datasets else ()),
            grants.c.revoked.is_(None),
            grants.c.holds.is_(None),
            grants.c.end > now,
            ~kept,
        )
        .distinct()
        .limit(_AT_A_TIME)
    ).all()


def _tell_of_version(
    connection: Connection, agreement: Agreement, rows: Sequence[Row[Any, Any]]
) -> None:
    for row in rows:
        people = [row.person]
        if agreement.is_signed:
            signing = find_application(connection, row.application).signatory
            people = [signing.id] if signing else []
        notify(
            connection,
            people,
            kind="agreement-again",
            subject=f"{agreement.title}: accept the new version"[:200],
            text=f"Access is suspended from {agreement.since + GRACE:%Y-%m-%d} on without it.",
            link=f"/applications/{row.application}",
            key=f"again {agreement.id} {agreement.version} {row.application}",
        )


def _remind_of_ends(connection: Connection, now: datetime) -> None:
    """Tell people 60, 30 and 7 days before their access ends."""
    rows = connection.execute(
        select(grants.c.id, grants.c.person, grants.c.end, grants.c.application, datasets.c.title)
        .join(datasets, datasets.c.accession == grants.c.dataset)
        .where(
            grants.c.revoked.is_(None),
            grants.c.end > now,
            grants.c.end <= now + timedelta(days=ENDING_DAYS[0]),
        )
    ).all()
    for row in rows:
        days = min(each for each in ENDING_DAYS if row.end - now <= timedelta(days=each))
        notify(
            connection,
            [row.person],
            kind="grant-ends",
            subject=f"Your access to {row.title} ends"[:200],
            text=f"It ends on {row.end:%Y-%m-%d}. Renew the application if you need longer.",
            link=f"/applications/{row.application}" if row.application else "/my-access",
            key=f"ends {row.id} {days}",
        )
