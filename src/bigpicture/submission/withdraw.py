"""Withdraw: take back a submission that was not published."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update

from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError
from bigpicture.model.identifiers import Accession
from bigpicture.model.person import Person
from bigpicture.model.submission import UNDER_WAY, SubmissionState, move
from bigpicture.storage.records.tables import submission_files, submissions
from bigpicture.submission.announced import forget_file
from bigpicture.submission.erase_subject import end_keys
from bigpicture.submission.files import as_file
from bigpicture.submission.leftovers import doom_leftovers
from bigpicture.submission.read import owned
from bigpicture.submission.stores import Stores


def withdraw_submission(stores: Stores, person: Person, accession: Accession) -> None:
    """Take back what was not published; its bytes are erased, its row stays as `replaced`."""
    with stores.records.write() as connection:
        row = owned(connection, person, accession)
        state = SubmissionState(row["state"])
        if state in UNDER_WAY:
            raise ConflictError("the node is working on this submission.", place=accession)
        following = move(state, SubmissionState.REPLACED)
        rows = connection.execute(
            select(submission_files).where(submission_files.c.submission == accession)
        ).all()
        doomed = [
            key
            for row in rows
            for key in forget_file(connection, stores, as_file(row), actor=person.id)
        ]
        doomed += doom_leftovers(connection, stores, accession)
        connection.execute(
            update(submissions)
            .where(submissions.c.accession == accession)
            .values(state=following, changed=datetime.now(UTC))
        )
        record(connection, actor=person.id, action="submission:withdraw", subject=accession)
    stores.vault.erase(doomed)
    stores.records.forget()
    end_keys(stores, accession)
