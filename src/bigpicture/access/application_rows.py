"""Rows of applications: their events, and what lists need, kept and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bigpicture.ledger.record import Act, record_all
from bigpicture.model.application import Application, State
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import fold
from bigpicture.model.application_table import Command
from bigpicture.model.canonical import digest
from bigpicture.model.errors import ConflictError, UnknownError
from bigpicture.storage.records.application_tables import (
    application_events,
    application_lines,
    application_people,
    applications,
)
from bigpicture.storage.records.newest import behind

_ON_RECORD = (
    *("dataset", "committee", "vote", "outcome", "reason", "conditions", "uses", "end"),
    *("has_conflict", "person", "agreement", "version", "member", "basis", "document", "name"),
    *("sha256", "question", "into", "cohort", "policies", "matched"),
)
"""What of a command goes into the node's record: ids, codes and reasons. All else is its digest."""


def find_application(connection: Connection, application: str) -> Application:
    """One application; raises `UnknownError`."""
    return fold(read_events(connection, application))


def read_events(connection: Connection, application: str) -> list[ApplicationEvent]:
    """Its events in their order; raises `UnknownError` where there is no such application."""
    table = application_events
    rows = connection.execute(
        select(table).where(table.c.application == application).order_by(table.c.seq)
    ).mappings()
    events = [_read(row) for row in rows]
    if not events:
        raise UnknownError("there is no such application.")
    return events


def keep_events(
    connection: Connection, application: Application, events: Sequence[ApplicationEvent]
) -> None:
    """Keep new events, what lists need, and the node's record of them, in this transaction.

    Raises `ConflictError` where somebody else's event took the number meanwhile.
    """
    row = _row(application)
    try:
        if events[0].seq == 1:
            connection.execute(insert(applications).values(id=application.id, **row))
        connection.execute(
            insert(application_events),
            [
                {
                    "application": application.id,
                    "seq": each.seq,
                    "at": each.at,
                    "by": each.by,
                    "command": each.command,
                    "said": dict(each.said),
                }
                for each in events
            ],
        )
    except IntegrityError as error:
        raise ConflictError(
            "the application was changed meanwhile.",
            rule="one act after the other",
            remedy="Load it again.",
        ) from error
    connection.execute(update(applications).where(applications.c.id == application.id).values(row))
    _keep_parts(connection, application)
    record_all(connection, (_act(application, each) for each in events))


def _keep_parts(connection: Connection, application: Application) -> None:
    for table in (application_lines, application_people):
        connection.execute(delete(table).where(table.c.application == application.id))
    lines = [
        {
            "application": application.id,
            "dataset": each.dataset,
            "committee": each.committee,
            "state": each.state,
        }
        for each in application.lines
    ]
    if lines:
        connection.execute(insert(application_lines), lines)
    parts = {(application.applicant.id, "applicant")}
    parts |= {(each.id, "member") for each in application.members}
    parts |= {(each.by, "reviewer") for each in application.reviews}
    if application.signatory:
        parts.add((application.signatory.id, "signatory"))
    connection.execute(
        insert(application_people),
        [
            {"application": application.id, "person": person, "part": part}
            for person, part in sorted(parts)
        ],
    )


def _act(application: Application, event: ApplicationEvent) -> Act:
    said = {name: event.said[name] for name in _ON_RECORD if name in event.said}
    details = {**said, "seq": event.seq, "said": digest(dict(event.said))}
    if event.seq == application.seq:
        details["state"] = application.state
    return Act(event.by, f"application:{event.command}", application.id, details)


def list_ids(
    connection: Connection,
    where: ColumnElement[bool],
    *,
    state: State | None = None,
    after: str = "",
    limit: int = 50,
) -> list[tuple[str, str]]:
    """Ids with the page key behind each, of those that `where` leaves, the last changed first."""
    table = applications
    asked = (
        select(table.c.id, table.c.changed)
        .where(where, *behind(after, changed=applications.c.changed, key=applications.c.id))
        .order_by(table.c.changed.desc(), table.c.id.desc())
        .limit(limit)
    )
    if state:
        asked = asked.where(table.c.state == state)
    rows = connection.execute(asked).all()
    return [(row.id, f"{row.changed.isoformat()}~{row.id}") for row in rows]


def mine(person: str) -> ColumnElement[bool]:
    """Those in which a person has a part."""
    table = application_people
    own = select(table.c.application).where(table.c.person == person)
    return applications.c.id.in_(own)


def of_committees(committees: frozenset[str]) -> ColumnElement[bool]:
    """Those that committees decide on, from when they were submitted first."""
    table = application_lines
    theirs = select(table.c.application).where(table.c.committee.in_(committees))
    return and_(applications.c.id.in_(theirs), applications.c.submitted.is_not(None))


def open_for(person: str, dataset: str) -> ColumnElement[bool]:
    """Those of an applicant that ask for a dataset and are not decided on."""
    table = application_lines
    asking = select(table.c.application).where(table.c.dataset == dataset)
    waiting = (State.SUBMITTED, State.IN_REVIEW, State.RETURNED)
    return and_(
        applications.c.applicant == person,
        applications.c.state.in_(waiting),
        applications.c.id.in_(asking),
    )


def _row(application: Application) -> dict[str, object]:
    return {
        "applicant": application.applicant.id,
        "organisation": application.applicant.organisation,
        "title": application.title,
        "state": application.state,
        "created": application.created,
        "submitted": application.submitted,
        "changed": application.changed,
        "seq": application.seq,
    }


def _read(row: Mapping[Any, Any]) -> ApplicationEvent:
    return ApplicationEvent(row["seq"], row["at"], row["by"], Command(row["command"]), row["said"])
