"""Read: what a contributor or a steward sees of a submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from bigpicture.model.errors import ForbiddenError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.storage.records.tables import submission_files, submissions


def owned(
    connection: Connection, person: Person, accession: str, *, to_write: bool = False
) -> Mapping[str, Any]:
    """The submission's row, if this person may see it; raises `UnknownError` otherwise.

    Stewards see all; what goes into a submission is its contributor's alone (`to_write`).
    """
    row = (
        connection.execute(select(submissions).where(submissions.c.accession == accession))
        .mappings()
        .first()
    )
    sees_all = person.may(Permission.SUBMISSION_READ_ANY)
    if row is None or not (row["person"] == person.id or sees_all):
        raise UnknownError("there is no such submission, or it is not yours.")
    if to_write and row["person"] != person.id:
        raise ForbiddenError(
            "this submission is another person's.",
            place=accession,
            remedy="Its contributor may do this; a steward may look at it or remove it.",
        )
    return dict(row)


def submissions_of(
    connection: Connection,
    person: Person,
    *,
    after: str | None,
    limit: int,
    state: SubmissionState | None = None,
) -> list[Mapping[str, Any]]:
    """The submissions this person may see (in `state`), newest first, after accession `after`."""
    query = select(submissions).order_by(
        submissions.c.created.desc(), submissions.c.accession.desc()
    )
    if not person.may(Permission.SUBMISSION_READ_ANY):
        query = query.where(submissions.c.person == person.id)
    if state:
        query = query.where(submissions.c.state == state)
    if after:
        last = (
            select(submissions.c.created).where(submissions.c.accession == after).scalar_subquery()
        )
        query = query.where(
            (submissions.c.created < last)
            | ((submissions.c.created == last) & (submissions.c.accession < after))
        )
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def files_of(
    connection: Connection, accession: str, *, after: str | None, limit: int
) -> list[Mapping[str, Any]]:
    """The files of a submission in the order of their paths, after the path `after`."""
    query = (
        select(submission_files)
        .where(submission_files.c.submission == accession)
        .order_by(submission_files.c.path)
        .limit(limit)
    )
    if after:
        query = query.where(submission_files.c.path > after)
    return [dict(row) for row in connection.execute(query).mappings()]


def progress_of(connection: Connection, accession: str) -> dict[str, Any]:
    """Counts and bytes of a submission's files by state, and of its images alone."""
    table = submission_files
    rows = connection.execute(
        select(
            table.c.state,
            table.c.role,
            func.count().label("files"),
            func.coalesce(func.sum(table.c.size), 0).label("bytes"),
            func.coalesce(func.sum(table.c.received), 0).label("received"),
        )
        .where(table.c.submission == accession)
        .group_by(table.c.state, table.c.role)
    ).all()
    states: Counter[str] = Counter()
    images: Counter[str] = Counter()
    for row in rows:
        states[FileState(row.state).value] += row.files
        if row.role == FileRole.IMAGE:
            images[FileState(row.state).value] += row.files
    return {
        "total": states.total(),
        "bytes": int(sum(row.bytes for row in rows)),
        "received_bytes": int(sum(row.received for row in rows)),
        "by_state": dict(states),
        "images_by_state": dict(images),
    }
