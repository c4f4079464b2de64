"""Refuse: end an attempt with everything that was found, and destroy what identifies anyone."""

from __future__ import annotations

from sqlalchemy import select

from bigpicture.ledger.record import record
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.accept import release_parts
from bigpicture.submission.files import files_in
from bigpicture.submission.refusal import Refusal
from bigpicture.submission.state import NODE, set_file, stop
from bigpicture.submission.stores import Stores


def refuse(stores: Stores, accession: str, refusal: Refusal) -> None:
    """Mark the submission and its files, keep the findings, destroy identified sources."""
    with stores.records.write() as connection:
        for file, error in refusal.files.items():
            set_file(connection, file, FileState.REFUSED, problem=error)
    destroy_identified(stores, accession)
    stop(stores, accession, SubmissionState.REFUSED, refusal.error, refusal.findings)


def destroy_identified(stores: Stores, accession: str) -> None:
    """Erase every scanner's own file of a submission, each with its event.

    Its row stays, with nothing received, so that a resubmission sends it again.
    """
    doomed: list[str] = []
    with stores.records.write() as connection:
        for file in files_in(stores, accession, roles=[FileRole.IMAGE]):
            if not file.is_identified:
                continue
            present = connection.execute(
                select(submission_files.c.state, submission_files.c.problem).where(
                    submission_files.c.id == file.id
                )
            ).one()
            doomed += release_parts(connection, stores, file.id)
            set_file(connection, file.id, FileState(present.state), received=0)
            connection.execute(
                submission_files.update()
                .where(submission_files.c.id == file.id)
                .values(problem=present.problem)
            )
            record(
                connection,
                actor=NODE,
                action="source:destroy",
                subject=accession,
                details={"file": file.id},
            )
    stores.vault.erase(doomed)
