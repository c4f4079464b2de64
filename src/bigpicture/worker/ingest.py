"""Ingest: the steps of a submission in their order, each of which may be repeated."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bigpicture.model.errors import BigpictureError, ConflictError
from bigpicture.model.submission import SubmissionState
from bigpicture.submission.accept import accept_batch, begin_accepting
from bigpicture.submission.check import check
from bigpicture.submission.clean import begin_cleaning, clean_batch
from bigpicture.submission.convert_intake import begin_converting, convert_batch
from bigpicture.submission.publish import publish
from bigpicture.submission.refusal import REFUSES, Refusal
from bigpicture.submission.refuse import refuse
from bigpicture.submission.state import is_under_way, stop
from bigpicture.submission.stores import Stores
from bigpicture.worker.task import fault

Step = Callable[[Stores, str], int | None]
"""Takes the stores and an accession; a number says how much was done, 0 that nothing is left."""

STEPS: tuple[tuple[str, Step], ...] = (
    ("check", check),
    ("clean", begin_cleaning),
    ("clean-batch", clean_batch),
    ("convert", begin_converting),
    ("convert-batch", convert_batch),
    ("accept", begin_accepting),
    ("accept-batch", accept_batch),
    ("publish", publish),
)

GO_ON, AGAIN, STOPPED = "go on", "again", "stopped"


def perform(stores: Stores, accession: str, step: Step, *, attempt: int) -> str:
    """Run one step; what goes wrong ends in the records, never in the workflow's own state.

    Returns `AGAIN` while a batch step finds work, `GO_ON` when the next step may begin, and
    `STOPPED` when the submission was refused or failed. An attempt that is over does nothing: a
    node that dies after an attempt has stopped, and before its workflow knows, runs that step once
    more, perhaps while the contributor mends the submission.
    """
    log = structlog.get_logger().bind(submission=accession, step=step.__name__)
    with stores.records.read() as connection:
        if not is_under_way(connection, accession, attempt):
            return STOPPED
    try:
        return AGAIN if step(stores, accession) else GO_ON
    except Refusal as refusal:
        log.info("refused", rule=refusal.error.rule)
        refuse(stores, accession, refusal, attempt=attempt)
    except (*REFUSES, ConflictError) as error:
        log.info("refused", rule=error.rule)
        refuse(stores, accession, Refusal(error), attempt=attempt)
    except Exception as error:  # noqa: BLE001 - told in the log and in the submission
        told = error if isinstance(error, BigpictureError) else fault(error, step=step.__name__)
        log.warning("failed", what=told.what, place=told.place)
        stop(stores, accession, SubmissionState.FAILED, told, attempt=attempt)
    return STOPPED
