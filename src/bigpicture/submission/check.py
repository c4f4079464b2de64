"""Check: are the bytes those that were announced, and do the metadata keep the standard?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from sqlalchemy import select

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
from bigpicture.standard.files import METADATA_FILES, candidates
from bigpicture.standard.people.conceal import Concealer
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.companions import spooled
from bigpicture.submission.files import SubmittedFile, file_of, files_in, open_file, read_file
from bigpicture.submission.layout import is_dicom
from bigpicture.submission.parts import stream
from bigpicture.submission.refusal import REFUSES, Refusal
from bigpicture.submission.state import enter, set_file
from bigpicture.submission.stores import Stores
from bigpicture.submission.terms import terms_of
from bigpicture.submission.whose import note_beings

DOCUMENT_ROLES = (FileRole.METADATA, FileRole.LANDING_PAGE, FileRole.PRIVATE)
_MAX_DOCUMENT = 1 << 30


def check(stores: Stores, accession: str) -> None:
    """Compare every digest, then run the standard; raises `Refusal` with all that was found."""
    enter(stores, accession, SubmissionState.CHECKING)
    files = files_in(stores, accession)
    waiting = [file for file in files if file.state is FileState.RECEIVED]
    over_each(stores, check_bytes, waiting)
    study = study_of(stores, accession)
    _check_alias(stores, accession, study)
    _check_sources(files)
    with spooled(stores, accession) as companions:
        findings = [
            without_names(finding, study, files)
            for finding in check_study(
                study, _present(study, files), companions, terms=terms_of(stores.settings)
            )
        ]
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        raise Refusal(_summary(errors), [finding.as_json() for finding in findings])
    with stores.records.write() as connection:
        note_beings(connection, accession, study)


def _check_alias(stores: Stores, accession: str, study: Study) -> None:
    """The alias under which a submission was opened is the one that nobody else may publish."""
    with stores.records.read() as connection:
        opened = connection.scalar(
            select(submissions.c.alias).where(submissions.c.accession == accession)
        )
    if study.dataset.alias != opened:
        raise MetadataError(
            Concealer(()).told(
                f"the dataset is called {study.dataset.alias}, but was submitted as {opened}."
            ),
            place=str(study.dataset.place),
            remedy="Submit it under the alias that its metadata give it.",
        )


def _check_sources(files: Sequence[SubmittedFile]) -> None:
    """A slide that the node converts is one file."""
    images = Counter(file.image for file in files if file.role is FileRole.IMAGE)
    made = {file.image for file in files if file.role is FileRole.IMAGE and file.is_destroyed}
    crowded = [
        file
        for file in files
        if file.is_identified and images[file.image] > 1 and file.image not in made
    ]
    if crowded:
        error = MetadataError(
            "a scanner's own file does not lie alone in its folder.",
            place=crowded[0].place,
            rule="one scanner file an image",
            remedy="Convert the slide with `bigpicture convert`, or give each file an image.",
        )
        raise Refusal(error, files={file.id: error for file in crowded})


def _present(study: Study, files: Sequence[SubmittedFile]) -> dict[str, tuple[int, str]]:
    """Path to size and digest, as they were handed over.

    A scanner's file that was converted and destroyed in an earlier attempt counts under the name
    by which the metadata list it, and what was made of it does not.
    """
    destroyed = {file.image: file for file in files if file.is_destroyed}
    present = {
        file.path: (file.size, file.sha256)
        for file in files
        if file.role is not FileRole.IMAGE or file.image not in destroyed
    }
    for image in study.images:
        if source := destroyed.get(image.alias):
            for listed in image.files:
                present[candidates(image, listed.filename)[0]] = (source.size, source.sha256)
    return present


def without_names(finding: Finding, study: Study, files: Sequence[SubmittedFile]) -> Finding:
    """The finding without the names of scanners' own files: a name may identify someone."""
    names = {
        listed.filename: f"IMAGES/IMAGE_{image.alias}"
        for image in study.images
        for listed in image.files
        if not is_dicom(listed.filename)
    }
    names |= {file.path: file.place for file in files if file.is_identified}
    names |= {PurePosixPath(name).name: place for name, place in names.items()}

    def told(text: str) -> str:
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return text

    return replace(
        finding,
        place=replace(finding.place, file=told(finding.place.file)),
        what=told(finding.what),
        expected=told(finding.expected),
        remedy=told(finding.remedy),
    )


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
    """The standard's XML documents of a submission: path inside the dataset folder to bytes."""
    documents: dict[str, bytes] = {}
    for file in files_in(stores, accession, roles=DOCUMENT_ROLES):
        if file.path not in METADATA_FILES:
            continue  # told in the findings: it is left out
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
