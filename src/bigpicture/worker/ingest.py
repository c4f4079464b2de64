"""Ingest: the steps of a submission in their order, each of which may be repeated."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bigpicture.catalogue.index.segments import keep_segment
from bigpicture.model.errors import BigpictureError, ConflictError
from bigpicture.model.submission import SubmissionState
from bigpicture.submission.accept import accept_batch, begin_accepting
from bigpicture.submission.check import check
from bigpicture.submission.clean import begin_cleaning, clean_batch
from bigpicture.submission.convert_intake import begin_converting, convert_batch
from bigpicture.submission.publish import publish
from bigpicture.submission.refusal import REFUSES, Refusal
from bigpicture.submission.refuse import refuse
from bigpicture.submission.review import begin_reviewing
from bigpicture.submission.state import stop, under_way
from bigpicture.submission.stores import Stores
from bigpicture.worker.task import fault

Step = Callable[[Stores, str], int | None]
"""Takes the stores and an accession; a number says how much was done, 0 that nothing is left."""


def publish_and_index(stores: Stores, accession: str) -> None:
    """Publish, with what the catalogue's index needs: it shows the dataset at once."""
    publish(stores, accession, also=keep_segment)


STEPS: tuple[tuple[str, Step], ...] = (
    ("check", check),
    ("clean", begin_cleaning),
    ("clean-batch", clean_batch),
    ("convert", begin_converting),
    ("convert-batch", convert_batch),
    ("review", begin_reviewing),
    ("accept", begin_accepting),
    ("accept-batch", accept_batch),
    ("publish", publish_and_index),
)

_RELEASED = frozenset({SubmissionState.ACCEPTING, SubmissionState.PUBLISHING})
_BEFORE_RELEASE: frozenset[Step] = frozenset(
    {check, begin_cleaning, clean_batch, begin_converting, convert_batch, begin_reviewing}
)
"""Done in an earlier attempt, where the last release of a review began the present one."""

GO_ON, AGAIN, STOPPED = "go on", "again", "stopped"


def perform(stores: Stores, accession: str, step: Step, *, attempt: int) -> str:
    """Run one step; what goes wrong ends in the records, never in the workflow's own state.

    Returns `AGAIN` while a batch step finds work, `GO_ON` when the next step may begin, and
    `STOPPED` when the submission was refused or failed, or waits for people to release it. An
    attempt that is over does nothing: a node that dies after an attempt has stopped, and before its
    workflow knows, runs that step once more, perhaps while the contributor mends the submission.
    """
    log = structlog.get_logger().bind(submission=accession, step=step.__name__)
    with stores.records.read() as connection:
        present = under_way(connection, accession, attempt)
    if present is None:
        return STOPPED
    if present in _RELEASED and step in _BEFORE_RELEASE:
        return GO_ON
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
