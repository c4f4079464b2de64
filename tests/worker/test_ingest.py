"""A step of an attempt that is over does nothing, and what goes wrong ends in the records."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import InputError, StorageFullError
from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.submission.refusal import Refusal
from bigpicture.submission.refuse import refuse
from bigpicture.worker.ingest import AGAIN, GO_ON, STOPPED, perform
from submitting import opened, rows, sent, state, step, submission

PATH = "METADATA/dataset.xml"
FILES = {PATH: b"abc"}


def raising(error):
    def act(stores, accession):
        raise error

    return act


def forbidden(stores, accession):
    raise AssertionError("this attempt is over")


@pytest.mark.parametrize(("done", "outcome"), [(None, GO_ON), (0, GO_ON), (3, AGAIN)])
def test_a_number_says_whether_there_is_more(here, contributor, done, outcome):
    accession, attempt = sent(here, contributor, FILES)
    assert perform(here, accession, lambda *_: done, attempt=attempt) == outcome


def test_a_stale_attempt_leaves_a_submission_that_is_being_mended_alone(stores, contributor):
    """Killed after the refusal and before its workflow knew: the step runs once more."""
    accession, first = sent(stores, contributor, FILES)
    assert step(stores, accession, first, "check") == STOPPED
    opened(stores, contributor, {PATH: b"mended"})
    assert step(stores, accession, first, "check") == STOPPED
    assert state(stores, accession) is SubmissionState.RECEIVING
    _, second = sent(stores, contributor, {PATH: b"mended"})
    assert second == 2
    assert perform(stores, accession, forbidden, attempt=first) == STOPPED
    assert state(stores, accession) is SubmissionState.CHECKING


def test_a_stale_attempt_can_not_refuse_a_later_one(here, contributor):
    accession, first = sent(here, contributor, FILES)
    step(here, accession, first, "check")
    opened(here, contributor, {PATH: b"mended"})
    sent(here, contributor, {PATH: b"mended"})
    late = Refusal(InputError("late"), files={rows(here, accession)[PATH].id: InputError("late")})
    refuse(here, accession, late, attempt=first)
    assert state(here, accession) is SubmissionState.CHECKING
    assert rows(here, accession)[PATH].state == FileState.RECEIVED


def test_a_refusal_is_all_or_nothing(here, contributor, monkeypatch):
    """A kill in the middle must not leave a refused file in a submission that goes on."""
    accession, attempt = sent(here, contributor, FILES)
    file = rows(here, accession)[PATH].id
    refusal = Refusal(InputError("bad"), files={file: InputError("bad")})

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("bigpicture.submission.refuse.destroy_sources", killed)
    with pytest.raises(KeyboardInterrupt):
        refuse(here, accession, refusal, attempt=attempt)
    assert state(here, accession) is SubmissionState.CHECKING
    assert rows(here, accession)[PATH].state == FileState.RECEIVED


def test_what_the_contributor_can_mend_is_refused(here, contributor):
    accession, attempt = sent(here, contributor, FILES)
    error = InputError("it is wrong", place="here", rule="a rule", remedy="Mend it.")
    assert perform(here, accession, raising(error), attempt=attempt) == STOPPED
    row = submission(here, accession)
    assert row.state == SubmissionState.REFUSED
    assert row.problem == {
        "what": "it is wrong", "place": "here", "rule": "a rule", "remedy": "Mend it.",
    }  # fmt: skip


def test_the_node_s_own_trouble_fails_and_goes_on_when_asked_again(here, contributor):
    accession, attempt = sent(here, contributor, FILES)
    full = StorageFullError("no room", remedy="Make room.")
    assert perform(here, accession, raising(full), attempt=attempt) == STOPPED
    assert submission(here, accession).problem["what"] == "no room"
    assert state(here, accession) is SubmissionState.FAILED
    assert sent(here, contributor, FILES) == (accession, attempt + 1)


def test_a_fault_tells_no_value(here, contributor, capsys):
    accession, attempt = sent(here, contributor, FILES)
    assert perform(here, accession, raising(KeyError("Rabenhorst")), attempt=attempt) == STOPPED
    assert "Rabenhorst" not in str(submission(here, accession).problem)
