"""Gone back: a node whose records were put back to an earlier state seals itself.

A grant that was revoked since the backup was made runs again in it, and nobody is told. What this
machine signed last lies outside the records (`ledger/checkpoint`), as seals do: the one tells, the
other closes every door until two people have looked.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import structlog
from sqlalchemy import select

from bigpicture.access.seal_files import SealFiles
from bigpicture.app.ledger import open_sequencer
from bigpicture.ledger.sequence import Sequencer
from bigpicture.model.errors import EarlierStateError, IntegrityError
from bigpicture.model.seal import NODE, Seal, SealScope
from bigpicture.storage.records import Records
from bigpicture.storage.records.grant_tables import seals
from bigpicture.submission.stores import Stores


def seal_if_gone_back(stores: Stores) -> None:
    """Seal the node where its records are older than what it has signed: before it serves any.

    What else is wrong with the record stops its growth and not the node, and is told in the log.
    """
    files = SealFiles(stores.settings.seals_folder)
    files.make()
    try:
        sequencer = open_sequencer(stores.settings, stores.records)
        with sealing_what_went_back(sequencer, files):
            sequencer.check()
    except IntegrityError as error:
        structlog.get_logger().error("the record is not what was signed", exc_info=error)


@contextmanager
def sealing_what_went_back(sequencer: Sequencer, files: SealFiles) -> Generator[None]:
    """Seal the node where the block raises `EarlierStateError`, and let that go on.

    Once for each checkpoint: where two people opened that seal the node stays open.
    """
    try:
        yield
    except EarlierStateError as error:
        seal = _seal(sequencer.kept.read(), error)
        if seal.id not in files.names() and not _was_opened(sequencer.records, seal):
            files.write(seal)
        raise


def _seal(note: str, error: EarlierStateError) -> Seal:
    return Seal(
        id=f"earlier-{sha256(note.encode()).hexdigest()[:20]}",
        scope=SealScope.NODE,
        of="",
        reason=f"The records were put back: {error.what} Grants that were revoked since run "
        "again in them. Put newer records back, or revoke these again, before you open it.",
        since=datetime.now(UTC),
        by=NODE,
    )


def _was_opened(records: Records, seal: Seal) -> bool:
    with records.read() as connection:
        opened = select(seals.c.id).where(seals.c.id == seal.id, seals.c.opened.is_not(None))
        return connection.execute(opened).first() is not None
