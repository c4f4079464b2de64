"""Clean: the node repeats every check of de-identification; it trusts no contributor."""

from __future__ import annotations

from functools import partial

from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.sandbox.run import Limits, run
from bigpicture.submission.check import over_each
from bigpicture.submission.files import SubmittedFile, file_of, files_in, open_file
from bigpicture.submission.inspect import Inspection, inspect_instance
from bigpicture.submission.spool import spool, working_folder
from bigpicture.submission.state import enter, set_file
from bigpicture.submission.stores import Stores
from bigpicture.submission.whose import subjects_of

BATCH = 32


def begin_cleaning(stores: Stores, accession: str) -> None:
    """Say that cleaning begins."""
    enter(stores, accession, SubmissionState.CLEANING)


def clean_batch(stores: Stores, accession: str) -> int:
    """Inspect up to a batch of DICOM instances; returns how many there were (0: all done)."""
    waiting = [
        file
        for file in files_in(stores, accession, roles=[FileRole.IMAGE])
        if file.state is FileState.CHECKED and not file.is_identified
    ]
    batch = waiting[:BATCH]
    over_each(stores, clean_file, batch)
    return len(batch)


def clean_file(stores: Stores, identity: str) -> None:
    """Inspect one instance in a child process, keep its facts and its frame index (a task)."""
    file = file_of(stores, identity)
    if file.state is not FileState.CHECKED:
        return  # done by a worker that died before it could say so
    with working_folder(stores.settings) as folder:
        path = spool(open_file(stores, file), folder / "instance.dcm")
        inspection = run(inspect_instance, path, file.place, limits=limits_of(stores))
    _ = inspection.said  # refused now, if it is none, not when it is needed
    keep_inspection(stores, file, inspection, FileState.CLEANED)


def keep_inspection(
    stores: Stores, file: SubmittedFile, inspection: Inspection, state: FileState
) -> None:
    """Keep index and preview sealed, and the facts in the file's report: all or nothing."""
    keep = partial(stores.vault.keep, owner=file.submission, subjects=subjects_of(stores, file))
    index = keep([inspection.index])
    preview = keep([inspection.preview]) if inspection.preview else None
    report = inspection.as_json(index=index.key, preview=preview.key if preview else None)
    with stores.records.write() as connection:
        stores.vault.settle(connection, index)
        if preview:
            stores.vault.settle(connection, preview)
        set_file(connection, file.id, state, report=report)


def limits_of(stores: Stores) -> Limits:
    """The limits of one child process, from the settings."""
    return Limits(
        memory_bytes=stores.settings.parser_memory_bytes, seconds=stores.settings.parser_seconds
    )
