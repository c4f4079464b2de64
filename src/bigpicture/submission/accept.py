"""Accept: what was checked becomes the node's own sealed objects; what was received is erased."""

from __future__ import annotations

from bigpicture.ledger.record import record
from bigpicture.model.errors import IntegrityError
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.submission.check import over_each
from bigpicture.submission.files import SubmittedFile, file_of, files_in, open_file
from bigpicture.submission.parts import release_parts, stream
from bigpicture.submission.pyramid import check_pyramids
from bigpicture.submission.review import check_released
from bigpicture.submission.state import NODE, enter, set_file
from bigpicture.submission.stores import Stores
from bigpicture.submission.whose import subjects_of

BATCH = 32
_ACCEPTED = frozenset({FileState.ACCEPTED, FileState.PUBLISHED})
_CHECKED = frozenset({FileState.CHECKED})
_CLEAN = frozenset({FileState.CLEANED, FileState.CONVERTED})


def begin_accepting(stores: Stores, accession: str) -> None:
    """See that each image is one whole pyramid and was released, then say that accepting begins."""
    check_pyramids(stores, accession)
    check_released(stores, accession)
    enter(stores, accession, SubmissionState.ACCEPTING)


def accept_batch(stores: Stores, accession: str) -> int:
    """Accept up to a batch of files; returns how many there were (0: all done)."""
    waiting = [
        file
        for file in files_in(stores, accession)
        if file.state not in _ACCEPTED and not file.is_identified
    ]
    batch = waiting[:BATCH]
    over_each(stores, accept_file, batch)
    return len(batch)


def accept_file(stores: Stores, identity: str) -> None:
    """Seal a file again under a key of its own, then let the received parts go (a task).

    The digest is compared once more on the way, so what is kept is what was announced.
    """
    file = file_of(stores, identity)
    if file.state in _ACCEPTED:
        return  # done by a worker that died before it could say so
    if file.state not in _ready(file):
        raise IntegrityError(
            f"a file that is {file.state} cannot be accepted: it was not checked to the end.",
            place=file.place,
            remedy="Submit again.",
        )
    kept = stores.vault.keep(
        stream(open_file(stores, file)),
        owner=file.submission,
        subjects=subjects_of(stores, file),
    )
    if kept.sha256 != file.sha256:
        stores.vault.discard([kept.key])
        raise IntegrityError(
            "the bytes changed between check and accept.", place=file.place, rule="SHA-256"
        )
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        set_file(connection, file.id, FileState.ACCEPTED, object=kept.key)
        doomed = release_parts(connection, stores.vault, file.id)
        record(
            connection,
            actor=NODE,
            action="file:accept",
            subject=file.submission,
            details={"file": file.id, "role": file.role, "bytes": file.size},
        )
    stores.vault.erase(doomed)


def _ready(file: SubmittedFile) -> frozenset[FileState]:
    """The states after the last check that a file of its role goes through."""
    return _CLEAN if file.role is FileRole.IMAGE else _CHECKED
