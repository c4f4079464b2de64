"""Refuse: end an attempt with everything that was found, and destroy what identifies anyone."""

from __future__ import annotations

from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.submission.destroy import destroy_sources
from bigpicture.submission.refusal import Refusal
from bigpicture.submission.state import set_file, stop_within
from bigpicture.submission.stores import Stores


def refuse(stores: Stores, accession: str, refusal: Refusal, *, attempt: int) -> None:
    """Mark the submission and its files, keep the findings, destroy identified sources.

    All in one transaction: after a kill the attempt is either refused or still under way, never
    under way with a file that no step looks at any more.
    """
    with stores.records.write() as connection:
        was_under_way = stop_within(
            connection,
            accession,
            SubmissionState.REFUSED,
            refusal.error,
            refusal.findings,
            attempt=attempt,
        )
        if not was_under_way:
            return
        for file, error in refusal.files.items():
            set_file(connection, file, FileState.REFUSED, problem=error)
        doomed = destroy_sources(connection, stores, accession)
    stores.vault.erase(doomed)
    if doomed:
        stores.records.forget()
