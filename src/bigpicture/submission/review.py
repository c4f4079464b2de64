"""Review: a submission waits until people have released it; one refusal ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError
from bigpicture.model.identifiers import Accession
from bigpicture.model.person import Permission, Person
from bigpicture.model.review import IDENTIFIED_READERS, TOLD, Reason, Release
from bigpicture.model.submission import FileRole, SubmissionState
from bigpicture.settings import Settings
from bigpicture.storage.records.tables import releases, submission_files, submissions
from bigpicture.submission.announced import forget_file
from bigpicture.submission.compare import compare
from bigpicture.submission.erase_subject import end_keys
from bigpicture.submission.files import as_file
from bigpicture.submission.layout import DICOM_SUFFIXES
from bigpicture.submission.leftovers import doom_leftovers
from bigpicture.submission.pyramid import check_pyramids
from bigpicture.submission.read import owned
from bigpicture.submission.sheet import digest_of
from bigpicture.submission.state import end_within, enter_within, state_of
from bigpicture.submission.stores import Stores


def begin_reviewing(stores: Stores, accession: str) -> None:
    """Let the submission wait where people must release it first; nothing works on it meanwhile.

    Its metadata are compared with its slides before, so that its readers see what was found.
    Earlier releases of the very same files count: after a failure nobody reads them again.
    """
    check_pyramids(stores, accession)
    compare(stores, accession)
    with stores.records.write() as connection:
        present = digest_of(connection, accession)
        connection.execute(
            delete(releases).where(releases.c.submission == accession, releases.c.digest != present)
        )
        if not _is_released(connection, stores.settings, accession):
            enter_within(connection, accession, SubmissionState.REVIEWING)


def check_released(stores: Stores, accession: str) -> None:
    """Raises `ForbiddenError` unless enough people have released exactly what lies here."""
    with stores.records.read() as connection:
        present = digest_of(connection, accession)
        over_this = [one for one in releases_of(connection, accession) if one.digest == present]
        if len(over_this) < readers_needed(connection, stores.settings, accession):
            raise ForbiddenError(
                "this submission was not released.",
                place=accession,
                rule="what is received identified is released by two people",
                remedy="Complete the submission again; it will wait for its readers.",
            )


def readers_needed(connection: Connection, settings: Settings, accession: str) -> int:
    """How many people must release it: two at least where a scanner's own file was received."""
    identified = _was_identified(connection, accession)
    return max(settings.readers, IDENTIFIED_READERS) if identified else settings.readers


def _was_identified(connection: Connection, accession: str) -> bool:
    """Whether a scanner's own file was received, though it be destroyed by now."""
    table = submission_files
    path = func.lower(table.c.path)
    found = connection.execute(
        select(table.c.id)
        .where(
            table.c.submission == accession,
            table.c.role == FileRole.IMAGE,
            *(path.not_like(f"%{suffix}") for suffix in DICOM_SUFFIXES),
        )
        .limit(1)
    ).first()
    return found is not None


def releases_of(connection: Connection, accession: str) -> Sequence[Release]:
    """Who has released it so far, in their order."""
    rows = connection.execute(
        select(releases).where(releases.c.submission == accession).order_by(releases.c.time)
    ).all()
    return [Release(row.person, row.digest, row.time) for row in rows]


def release(stores: Stores, person: Person, accession: Accession, *, digest: str) -> bool:
    """Sign off what `digest` stands for; returns whether it was the last release needed.

    Releasing twice is once. Raises `UnknownError` or `ForbiddenError` where the person may not,
    `ConflictError` where it is not waiting, or is not what was read.
    """
    with stores.records.write() as connection:
        _check_reader(connection, person, accession)
        _check_read(connection, accession, digest)
        if person.id in {one.person for one in releases_of(connection, accession)}:
            return False
        connection.execute(
            insert(releases).values(
                submission=accession, person=person.id, digest=digest, time=datetime.now(UTC)
            )
        )
        needed = readers_needed(connection, stores.settings, accession)
        given = len(releases_of(connection, accession))
        record(
            connection,
            actor=person.id,
            action="review:release",
            subject=accession,
            details={"digest": digest, "released": given, "needed": needed},
        )
        if given < needed:
            return False
        _let_go_on(connection, accession)
    return True


def refuse_reviewed(
    stores: Stores, person: Person, accession: Accession, *, digest: str, reason: Reason | None
) -> None:
    """Refuse what was read, for good; raises as `release` does.

    What was received identified, or may still identify, is erased with all that was made of it.
    """
    if reason is None:
        raise InputError(
            "a refusal needs its reason.", place="reason", rule=", ".join(each for each in Reason)
        )
    with stores.records.write() as connection:
        _check_reader(connection, person, accession)
        _check_read(connection, accession, digest)
        record(
            connection,
            actor=person.id,
            action="review:refuse",
            subject=accession,
            details={"digest": digest, "reason": reason},
        )
        connection.execute(delete(releases).where(releases.c.submission == accession))
        erases = reason is Reason.IDENTIFYING or _was_identified(connection, accession)
        doomed = _erase(connection, stores, accession, actor=person.id) if erases else []
        end_within(connection, accession, SubmissionState.REFUSED, _refusal(reason, erased=erases))
    stores.vault.erase(doomed)
    stores.records.forget()
    if erases:
        end_keys(stores, accession)


def _is_released(connection: Connection, settings: Settings, accession: str) -> bool:
    given = len(releases_of(connection, accession))
    return given >= readers_needed(connection, settings, accession)


def _check_reader(connection: Connection, person: Person, accession: str) -> None:
    row = owned(connection, person, accession)
    if not person.may(Permission.SUBMISSION_REVIEW):
        raise ForbiddenError(
            "none of your roles may do this.",
            rule=str(Permission.SUBMISSION_REVIEW),
            remedy="Ask a steward of this node.",
        )
    if row["person"] == person.id:
        raise ForbiddenError(
            "nobody reviews what they submitted themselves.",
            place=accession,
            remedy="Ask another steward; withdraw it if it should not go on.",
        )


def _check_read(connection: Connection, accession: str, digest: str) -> None:
    """What was read is what lies here, and it waits."""
    if state_of(connection, accession) is not SubmissionState.REVIEWING:
        raise ConflictError("this submission does not wait for review.", place=accession)
    if digest != digest_of(connection, accession):
        raise ConflictError(
            "this is not the digest of what waits here.",
            place=accession,
            remedy="Open the review again and read what it shows now.",
        )


def _let_go_on(connection: Connection, accession: str) -> None:
    """Begin the next attempt, at accepting: the workflow of this one has ended."""
    connection.execute(
        update(submissions)
        .where(submissions.c.accession == accession)
        .values(attempt=submissions.c.attempt + 1)
    )
    enter_within(connection, accession, SubmissionState.ACCEPTING)


def _erase(connection: Connection, stores: Stores, accession: str, *, actor: str) -> list[str]:
    """Forget every file, and doom everything that was kept or made for the submission."""
    rows = connection.execute(
        select(submission_files).where(submission_files.c.submission == accession)
    ).all()
    doomed = [
        key for row in rows for key in forget_file(connection, stores, as_file(row), actor=actor)
    ]
    doomed += doom_leftovers(connection, stores, accession)
    record(
        connection,
        actor=actor,
        action="review:erase",
        subject=accession,
        details={"files": len(rows), "objects": len(doomed)},
    )
    return doomed


def _refusal(reason: Reason, *, erased: bool) -> InputError:
    return InputError(
        f"a reader of this node refused it: {TOLD[reason]}.",
        rule=f"review: {reason}",
        remedy="Mend it, then submit again."
        + (" Everything received was erased; all of it is sent again." if erased else ""),
    )
