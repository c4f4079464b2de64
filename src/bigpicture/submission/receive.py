"""Receive: open a submission, and hand it to the node when all is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bigpicture.access.standing import check_end
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError
from bigpicture.model.identifiers import Accession, AccessionKind, Alias
from bigpicture.model.person import Permission, Person
from bigpicture.model.submission import HANDED_OVER, SubmissionState, move
from bigpicture.storage.records.tables import datasets, submission_files, submissions
from bigpicture.submission.announced import Announced, announce, check_announced
from bigpicture.submission.read import owned
from bigpicture.submission.stores import Stores


def open_submission(
    stores: Stores,
    person: Person,
    *,
    alias: str,
    title: str,
    files: Sequence[Announced],
    embargo_until: datetime | None = None,
) -> Accession:
    """Open a submission, or continue the one of the same alias; returns its accession.

    What was received before and is announced with the same path, size and digest need not be sent
    again. With `embargo_until` the dataset is published under an embargo; where that is not said
    again, what was said before holds. Raises `ConflictError` when the alias is published, taken or
    being worked on, `InputError` for an embargo that is over.
    """
    if not person.may(Permission.SUBMISSION_CREATE):
        raise ForbiddenError(
            "your account may not submit.", remedy="Ask a steward for the role contributor."
        )
    Alias.parse(alias)
    check_announced(files, stores.settings)
    if embargo_until is not None:
        check_end(embargo_until, datetime.now(UTC))
    with stores.records.write() as connection:
        present = _present(connection, alias, person)
        accession = (
            _continue(connection, present, title)
            if present
            else _open(connection, person, alias=alias, title=title, center=stores.settings.center)
        )
        if embargo_until is not None:
            connection.execute(
                update(submissions)
                .where(submissions.c.accession == accession)
                .values(embargo_until=embargo_until)
            )
        doomed = announce(connection, stores, accession, files, actor=person.id)
        record(
            connection,
            actor=person.id,
            action="submission:continue" if present else "submission:open",
            subject=accession,
            details={"files": len(files), "bytes": sum(file.size for file in files)}
            | ({"embargo_until": embargo_until.isoformat()} if embargo_until else {}),
        )
    stores.vault.erase(doomed)
    return accession


def join_submission(stores: Stores, person: Person, *, alias: str) -> Accession:
    """Open a submission for files that nobody announced, or go on with the one of this alias.

    What it holds stays. Raises as `open_submission`.
    """
    if not person.may(Permission.SUBMISSION_CREATE):
        raise ForbiddenError(
            "your account may not submit.", remedy="Ask a steward for the role contributor."
        )
    Alias.parse(alias)
    with stores.records.write() as connection:
        present = _present(connection, alias, person)
        if present and present["state"] == SubmissionState.RECEIVING:
            return Accession.parse(present["accession"])
        accession = (
            _continue(connection, present, present["title"])
            if present
            else _open(connection, person, alias=alias, title="", center=stores.settings.center)
        )
        record(
            connection,
            actor=person.id,
            action="submission:continue" if present else "submission:open",
            subject=accession,
            details={"files": 0, "bytes": 0},
        )
    return accession


def _present(connection: Connection, alias: str, person: Person) -> Mapping[str, Any] | None:
    if connection.scalar(select(datasets.c.accession).where(datasets.c.alias == alias)):
        raise ConflictError(
            "a dataset of this alias is published already; published versions never change.",
            remedy="Choose another alias.",
        )
    present = (
        connection.execute(
            select(submissions).where(
                submissions.c.alias == alias, submissions.c.state != SubmissionState.REPLACED
            )
        )
        .mappings()
        .first()
    )
    if present is None:
        return None
    if present["person"] != person.id:
        raise ConflictError("this alias is in use on this node.", remedy="Choose another alias.")
    state = SubmissionState(present["state"])
    if state in HANDED_OVER:
        waits = state is SubmissionState.REVIEWING
        raise ConflictError(
            "this submission waits for review."
            if waits
            else "the node is working on this submission.",
            place=present["accession"],
            remedy="Wait until it is published or refused, then submit again.",
        )
    return dict(present)


def _open(
    connection: Connection, person: Person, *, alias: str, title: str, center: str
) -> Accession:
    accession = Accession.mint(center, AccessionKind.DATASET)
    now = datetime.now(UTC)
    connection.execute(
        insert(submissions).values(
            accession=accession,
            alias=alias,
            person=person.id,
            state=SubmissionState.RECEIVING,
            title=title,
            created=now,
            changed=now,
        )
    )
    return accession


def _continue(connection: Connection, present: Mapping[str, Any], title: str) -> Accession:
    state = SubmissionState(present["state"])
    connection.execute(
        update(submissions)
        .where(submissions.c.accession == present["accession"])
        .values(
            state=move(state, SubmissionState.RECEIVING),
            problem=None,
            findings=None,
            title=title,
            changed=datetime.now(UTC),
        )
    )
    return Accession.parse(present["accession"])


def close_submission(stores: Stores, person: Person, accession: Accession) -> int:
    """All files are there: hand the submission to the node; returns the number of the attempt."""
    with stores.records.write() as connection:
        row = owned(connection, person, accession, to_write=True)
        state = SubmissionState(row["state"])
        if state in HANDED_OVER or state is SubmissionState.PUBLISHED:
            return int(row["attempt"])
        missing = connection.scalar(
            select(func.count())
            .select_from(submission_files)
            .where(
                submission_files.c.submission == accession,
                submission_files.c.received < submission_files.c.size,
            )
        )
        if missing:
            raise ConflictError(
                f"{missing} files have not arrived completely.",
                place=accession,
                remedy="Send them, then complete the submission again.",
            )
        attempt = int(row["attempt"]) + 1
        connection.execute(
            update(submissions)
            .where(submissions.c.accession == accession)
            .values(
                state=move(state, SubmissionState.CHECKING),
                attempt=attempt,
                problem=None,
                findings=None,
                changed=datetime.now(UTC),
            )
        )
        record(
            connection,
            actor=person.id,
            action="submission:complete",
            subject=accession,
            details={"attempt": attempt},
        )
    return attempt
