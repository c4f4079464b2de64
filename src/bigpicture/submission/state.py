"""State: moves a submission and its files on, each with its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from bigpicture.ledger.record import record
from bigpicture.model.errors import BigpictureError, UnknownError
from bigpicture.model.submission import UNDER_WAY, FileState, SubmissionState, move
from bigpicture.storage.records.tables import submission_files, submissions
from bigpicture.submission.problem import as_problem
from bigpicture.submission.stores import Stores

NODE = "node"
"""The actor of what the node does by itself."""


def state_of(connection: Connection, accession: str) -> SubmissionState:
    """The state of a submission; raises `UnknownError` where there is none."""
    state = connection.scalar(
        select(submissions.c.state).where(submissions.c.accession == accession)
    )
    if state is None:
        raise UnknownError("there is no such submission.")
    return SubmissionState(state)


def enter(stores: Stores, accession: str, state: SubmissionState) -> None:
    """Move a submission on; entering the present state again changes nothing."""
    with stores.records.write() as connection:
        enter_within(connection, accession, state)


def enter_within(connection: Connection, accession: str, state: SubmissionState) -> None:
    """As `enter`, in the caller's transaction."""
    present = state_of(connection, accession)
    if present == state:
        return
    _set(connection, accession, move(present, state))
    record(connection, actor=NODE, action=f"submission:{state}", subject=accession)


def stop(
    stores: Stores,
    accession: str,
    state: SubmissionState,
    error: BigpictureError,
    *,
    attempt: int,
) -> None:
    """Stop an attempt in a transaction of its own; see `stop_within`."""
    with stores.records.write() as connection:
        stop_within(connection, accession, state, error, attempt=attempt)


def stop_within(
    connection: Connection,
    accession: str,
    state: SubmissionState,
    error: BigpictureError,
    findings: Sequence[Mapping[str, object]] = (),
    *,
    attempt: int,
) -> bool:
    """End an attempt as refused or failed, and keep why; returns whether it was under way.

    A settled submission, or one that is at a later attempt, stays as it is.
    """
    if not is_under_way(connection, accession, attempt):
        return False
    end_within(connection, accession, state, error, findings)
    return True


def end_within(
    connection: Connection,
    accession: str,
    state: SubmissionState,
    error: BigpictureError,
    findings: Sequence[Mapping[str, object]] = (),
) -> None:
    """End a submission as refused or failed, whoever says so, and keep why."""
    _set(connection, accession, move(state_of(connection, accession), state))
    connection.execute(
        update(submissions)
        .where(submissions.c.accession == accession)
        .values(problem=as_problem(error), findings=list(findings) or None)
    )
    record(
        connection,
        actor=NODE,
        action=f"submission:{state}",
        subject=accession,
        details={"rule": error.rule, "findings": len(findings)},
    )


def is_under_way(connection: Connection, accession: str, attempt: int) -> bool:
    """Whether the node works on this very attempt: none came after it, and it is not settled."""
    return under_way(connection, accession, attempt) is not None


def under_way(connection: Connection, accession: str, attempt: int) -> SubmissionState | None:
    """The state of an attempt that the node works on; None where it is over, or waits."""
    row = connection.execute(
        select(submissions.c.state, submissions.c.attempt).where(
            submissions.c.accession == accession
        )
    ).first()
    if row is None or row.attempt != attempt or SubmissionState(row.state) not in UNDER_WAY:
        return None
    return SubmissionState(row.state)


def _set(connection: Connection, accession: str, state: SubmissionState) -> None:
    connection.execute(
        update(submissions)
        .where(submissions.c.accession == accession)
        .values(state=state, changed=datetime.now(UTC))
    )


def set_file(
    connection: Connection,
    file: str,
    state: FileState,
    *,
    problem: BigpictureError | None = None,
    **columns: object,
) -> None:
    """Move a file on; `columns` are further columns of its row."""
    connection.execute(
        update(submission_files)
        .where(submission_files.c.id == file)
        .values(
            state=state,
            problem=as_problem(problem) if problem else None,
            changed=datetime.now(UTC),
            **columns,
        )
    )
