"""No submission stays under way with nobody at work on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bigpicture.model.submission import SubmissionState
from bigpicture.storage.records.tables import objects
from bigpicture.worker.resume import resume, sweep
from submitting import opened, sent, state, submission

FILES = {"METADATA/dataset.xml": b"abc"}


class Queue:
    """As much of the queue as resuming needs: what it knows of each attempt."""

    def __init__(self, **known):
        self.known = known
        self.started = []

    def status(self, accession, attempt):
        return self.known.get(f"attempt_{attempt}")

    def start(self, accession, attempt):
        self.started.append((accession, attempt))


def test_what_was_never_enqueued_is(stores, contributor):
    accession, attempt = sent(stores, contributor, FILES)
    opened(stores, contributor, FILES, alias="still arriving")
    queue = Queue()
    assert resume(stores, queue) == 1
    assert queue.started == [(accession, attempt)]


@pytest.mark.parametrize("status", ["ENQUEUED", "PENDING"])
def test_what_is_being_worked_on_is_left_alone(here, contributor, status):
    accession, _ = sent(here, contributor, FILES)
    queue = Queue(attempt_1=status)
    assert resume(here, queue) == 0
    assert queue.started == []
    assert state(here, accession) is SubmissionState.CHECKING


@pytest.mark.parametrize(
    "status", ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
)
def test_what_ended_without_a_word_has_failed(here, contributor, status):
    accession, _ = sent(here, contributor, FILES)
    resume(here, Queue(attempt_1=status))
    assert state(here, accession) is SubmissionState.FAILED
    assert "Complete the submission again" in submission(here, accession).problem["remedy"]


def test_a_sweep_takes_what_nobody_can_open(here):
    here.vault.keep([b"left behind"], owner="bb-dataset-aaaaaa-aaaaaa")
    with here.records.write() as connection:
        connection.execute(update(objects).values(created=datetime.now(UTC) - timedelta(hours=25)))
    sweep(here)
    with here.records.read() as connection:
        assert here.vault.owned_by(connection, "bb-dataset-aaaaaa-aaaaaa") == {}
