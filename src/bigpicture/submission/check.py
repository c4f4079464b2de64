"""Check: are the bytes those that were announced, and do the metadata keep the standard?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import (
    BigpictureError,
    IntegrityError,
    LimitError,
    MetadataError,
    SettingsError,
)
from bigpicture.model.executor import Task
from bigpicture.model.finding import Finding
from bigpicture.model.study import Study
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.standard.check import check as check_study
from bigpicture.submission.files import SubmittedFile, file_of, files_in, open_file, read_file
from bigpicture.submission.parts import stream
from bigpicture.submission.refusal import REFUSES, Refusal
from bigpicture.submission.state import enter, set_file
from bigpicture.submission.stores import Stores

DOCUMENT_ROLES = (FileRole.METADATA, FileRole.LANDING_PAGE, FileRole.PRIVATE)
_MAX_DOCUMENT = 1 << 30


def check(stores: Stores, accession: str) -> None:
    """Compare every digest, then run the standard; raises `Refusal` with all that was found."""
    enter(stores, accession, SubmissionState.CHECKING)
    files = files_in(stores, accession)
    waiting = [file for file in files if file.state is FileState.RECEIVED]
    over_each(stores, check_bytes, waiting)
    study = study_of(stores, accession)
    findings = check_study(study, {file.path: (file.size, file.sha256) for file in files})
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        raise Refusal(_summary(errors), [finding.as_json() for finding in findings])


def _summary(errors: list[Finding]) -> MetadataError:
    first = errors[0]
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    return MetadataError(
        f"the metadata have {count}; the first: {first.what}",
        place=str(first.place),
        rule=first.rule,
        remedy=first.remedy,
    )


def check_bytes(stores: Stores, identity: str) -> None:
    """Compare the digest of one file that was received (a task)."""
    file = file_of(stores, identity)
    if file.state is not FileState.RECEIVED:
        return  # done by a worker that died before it could say so
    source = open_file(stores, file)
    digest = hashlib.sha256()
    for piece in stream(source):
        digest.update(piece)
    if source.size != file.size or digest.hexdigest() != file.sha256:
        raise IntegrityError(
            "the bytes that arrived are not those that were announced.",
            place=file.place,
            rule="SHA-256",
            remedy="The file changed while it was sent, or was damaged; submit again.",
        )
    with stores.records.write() as connection:
        set_file(connection, file.id, FileState.CHECKED)


def over_each(stores: Stores, task: Task, files: Sequence[SubmittedFile]) -> None:
    """Do `task` for each file, by its id; raises one `Refusal` for all that broke a rule.

    An error of the node's own stops at once.
    """
    if stores.executor is None:
        raise SettingsError("this process runs no steps of a submission.", place="executor")
    outcomes = stores.executor.each(task, [file.id for file in files])
    problems: list[tuple[SubmittedFile, BigpictureError]] = []
    for file, error in zip(files, outcomes, strict=True):
        if isinstance(error, REFUSES):
            problems.append((file, error))
        elif error is not None:
            raise error
    if problems:
        raise Refusal.of_files(problems)


def documents_of(stores: Stores, accession: str) -> dict[str, bytes]:
    """The XML documents of a submission: path inside the dataset folder to bytes."""
    documents: dict[str, bytes] = {}
    for file in files_in(stores, accession, roles=DOCUMENT_ROLES):
        if file.size > _MAX_DOCUMENT:
            raise LimitError(
                f"a document of {file.size} bytes is too large.",
                place=file.path,
                rule=f"at most {_MAX_DOCUMENT} bytes",
            )
        documents[file.path] = read_file(stores, file)
    return documents


def study_of(stores: Stores, accession: str) -> Study:
    """Read the metadata of a submission."""
    return read_submission(documents_of(stores, accession))
