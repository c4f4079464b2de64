"""Obligations: the duties of a grant as they are owed, from the policy it was given under."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, insert, select

from bigpicture.access.data_use.duties import DutyKind, add_months, duties
from bigpicture.ledger.record import record
from bigpicture.model.grant import Grant, GrantUse
from bigpicture.model.use_policy import UsePolicy
from bigpicture.storage.records import grant_tables

DAYS_TO_DELETE = 30
"""After the end of a grant under which copies could be taken."""
MONTHS_BETWEEN_REPORTS = 12
MOST_REPORTS = 25
"""Nobody's grant should last longer; one that does is not owed a thousand rows."""

_BEFORE = frozenset({DutyKind.ETHICS})
"""Owed before there is a grant, so not owed under it."""
_KEEPS_COPIES = frozenset({GrantUse.DOWNLOAD, GrantUse.STREAM})
_AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty of one grant; `due` is None where its occasion decides."""

    kind: DutyKind
    clause: str
    text: str
    due: datetime | None


def owed(grant: Grant, policy: UsePolicy, *, start: datetime, end: datetime) -> tuple[Owed, ...]:
    """What a grant from `start` to `end` obliges to: the policy's duties, reports, the deletion."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    by_policy = [
        Owed(each.kind, each.clause, each.text, _moment(each.kind, each.day, end))
        for each in duties(policy, start=first, end=last)
        if each.kind not in _BEFORE and not (each.kind is DutyKind.END and _is_copied(grant))
    ]
    return (*by_policy, *_reports(first, end), *_deletion(grant, end))


def open_duties(
    connection: Connection, grant: Grant, policy: UsePolicy, *, start: datetime, end: datetime
) -> None:
    """Put the duties of a grant that begins on record; event in the caller's transaction."""
    found = owed(grant, policy, start=start, end=end)
    rows = [
        {
            "id": secrets.token_hex(10),
            "grant": grant.id,
            "person": grant.person,
            "dataset": grant.dataset,
            "kind": str(each.kind),
            "clause": each.clause,
            "text": each.text,
            "due": each.due,
            "done_by": "",
            "evidence": "",
            "waived_by": "",
            "waived_reason": "",
        }
        for each in found
    ]
    connection.execute(insert(grant_tables.duties), rows)
    record(
        connection,
        actor="node",
        action="duty:open",
        subject=grant.id,
        details={"duties": {row["id"]: row["kind"] for row in rows}, "policy": policy.version},
    )


def has_missed(connection: Connection, person: str, dataset: str) -> bool:
    """Whether a person missed a duty of a dataset, and it is still owed."""
    table = grant_tables.duties
    missed = select(func.count()).where(
        table.c.person == person,
        table.c.dataset == dataset,
        table.c.missed.is_not(None),
        table.c.done.is_(None),
        table.c.waived.is_(None),
    )
    return bool(connection.scalar(missed))


def _moment(kind: DutyKind, day: date | None, end: datetime) -> datetime | None:
    """Until when: the end of that day (UTC); what must not come before a day is never overdue."""
    if day is None or kind in (DutyKind.EMBARGO, DutyKind.COLLABORATE):
        return None
    return max(end, datetime.combine(day + timedelta(days=1), time(), UTC))


def _reports(first: date, end: datetime) -> Iterator[Owed]:
    """Each year of use, and at its end."""
    for number in range(1, MOST_REPORTS + 1):
        year = _midnight(add_months(first, number * MONTHS_BETWEEN_REPORTS))
        if year >= end:
            break
        text = f"Report what you used the data for in year {number}."
        yield Owed(DutyKind.REPORT, _AGREEMENT, text, year + timedelta(days=DAYS_TO_DELETE))
    yield Owed(
        DutyKind.REPORT,
        _AGREEMENT,
        "Report what came of your use: results, publications, models, incidents.",
        end + timedelta(days=DAYS_TO_DELETE),
    )


def _deletion(grant: Grant, end: datetime) -> Iterator[Owed]:
    if _is_copied(grant):
        text = "Delete every copy of the data and what was derived of it, and confirm that."
        yield Owed(DutyKind.DELETION, _AGREEMENT, text, end + timedelta(days=DAYS_TO_DELETE))


def _is_copied(grant: Grant) -> bool:
    return not _KEEPS_COPIES.isdisjoint(grant.uses)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
