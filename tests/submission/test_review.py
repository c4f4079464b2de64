"""Two people release what was received identified; nobody skips them, and one refusal ends it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError, UnknownError
from bigpicture.model.review import Reason
from bigpicture.model.submission import SubmissionState
from bigpicture.settings import Intake
from bigpicture.storage.records.tables import image_reports, objects, releases
from bigpicture.submission.receive import close_submission
from bigpicture.submission.review import refuse_reviewed, release
from bigpicture.submission.withdraw import withdraw_submission
from bigpicture.worker.resume import resume
from published import add_person
from submitting import contents_of, digest, ingested, opened, reader, rows, sent, state, submission


@pytest.fixture
def waiting(here, contributor, raw_folder):
    """A submission with a scanner's file that waits for its readers."""
    accession, attempt = sent(here, contributor, contents_of(raw_folder))
    assert ingested(here, accession, attempt).state == SubmissionState.REVIEWING
    return accession


def set_to(stores, **settings):
    """The same stores of a node that is set otherwise."""
    return replace(stores, settings=stores.settings.model_copy(update=settings))


def events(stores, accession):
    with stores.records.read() as connection:
        found = events_after(connection, 0, 1000)
    return [each for each in found if each.subject == accession]


class Queue:
    """Knows that the first attempt's workflow has ended, and what it is told to start."""

    def __init__(self):
        self.started = []

    def status(self, accession, attempt):
        return "SUCCESS" if attempt == 1 else None

    def start(self, accession, attempt):
        self.started.append((accession, attempt))


def test_two_people_release_it_and_then_it_is_published(stores, contributor, raw_folder):
    stores = set_to(stores, intake=Intake.IDENTIFIED)
    waiting, attempt = sent(stores, contributor, contents_of(raw_folder))
    assert ingested(stores, waiting, attempt).state == SubmissionState.REVIEWING
    signed = digest(stores, waiting)
    queue = Queue()
    ada, ben = reader(stores, "ada"), reader(stores, "ben")
    assert release(stores, ada, waiting, digest=signed) is False
    assert release(stores, ada, waiting, digest=signed) is False
    assert state(stores, waiting) is SubmissionState.REVIEWING
    assert resume(stores, queue) == 0
    assert state(stores, waiting) is SubmissionState.REVIEWING
    assert release(stores, ben, waiting, digest=signed) is True
    assert resume(stores, queue) == 1
    assert queue.started == [(waiting, 2)]
    row = ingested(stores, waiting, 2)
    assert row.state == SubmissionState.PUBLISHED, row.problem
    told = [each for each in events(stores, waiting) if each.action == "review:release"]
    assert [each.actor for each in told] == [ada.id, ben.id]
    assert [each.details["released"] for each in told] == [1, 2]
    assert {each.details["digest"] for each in told} == {signed}


def test_the_digest_is_that_of_a_list_that_anyone_can_make(here, waiting):
    with here.records.read() as connection:
        kept = connection.execute(select(image_reports)).one()
    report = here.vault.read(kept.object)
    lines = {"IMAGES/IMAGE_image-1/report.json": hashlib.sha256(report).hexdigest()}
    lines |= {
        path: row.sha256
        for path, row in rows(here, waiting).items()
        if "source-removed" not in path
    }
    listed = "".join(f"{lines[path]}  {path}\n" for path in sorted(lines))
    assert digest(here, waiting) == hashlib.sha256(listed.encode()).hexdigest()
    written = {each["name"]: each["sha256"] for each in json.loads(report)["instances"]}
    made = {path.rsplit("/", 1)[1]: lines[path] for path in lines if path.endswith(".dcm")}
    assert written == made
    assert "BEGIN SSH SIGNATURE" in kept.signature


def test_nobody_releases_what_they_submitted(here, raw_folder):
    own = reader(here, "own")
    accession, attempt = sent(here, own, contents_of(raw_folder))
    ingested(here, accession, attempt)
    for act in (release, refuse):
        with pytest.raises(ForbiddenError, match="themselves"):
            act(here, own, accession, digest=digest(here, accession))


def refuse(stores, person, accession, *, digest, reason=Reason.IDENTIFYING):
    refuse_reviewed(stores, person, accession, digest=digest, reason=reason)


@pytest.mark.parametrize("act", [release, refuse])
def test_only_stewards_review_and_only_what_they_read(here, waiting, contributor, act):
    with pytest.raises(ForbiddenError):
        act(here, contributor, waiting, digest=digest(here, waiting))
    stranger = add_person(here, "rex", "researcher")[0]
    with pytest.raises(UnknownError):
        act(here, stranger, waiting, digest=digest(here, waiting))
    with pytest.raises(ConflictError, match="read what it shows now"):
        act(here, reader(here, "ada"), waiting, digest="0" * 64)
    assert state(here, waiting) is SubmissionState.REVIEWING
    assert not [each for each in events(here, waiting) if each.action.startswith("review:")]


def test_one_refusal_ends_it_and_nothing_of_it_is_left(here, waiting):
    release(here, reader(here, "ada"), waiting, digest=digest(here, waiting))
    ben = reader(here, "ben")
    with pytest.raises(InputError, match="needs its reason"):
        refuse(here, ben, waiting, digest=digest(here, waiting), reason=None)
    refuse(here, ben, waiting, digest=digest(here, waiting))
    row = submission(here, waiting)
    assert row.state == SubmissionState.REFUSED
    assert "may still identify a person" in row.problem["what"]
    told = events(here, waiting)[-3:]
    assert [each.action for each in told] == ["review:refuse", "review:erase", "submission:refused"]
    assert told[0].actor == ben.id
    assert told[0].details["reason"] == "identifying"
    with here.records.read() as connection:
        assert connection.execute(select(objects)).all() == []
        assert connection.execute(select(image_reports)).all() == []
        assert connection.execute(select(releases)).all() == []
    assert rows(here, waiting) == {}
    assert [path for path in (here.settings.data / "objects").rglob("*") if path.is_file()] == []
    with pytest.raises(ConflictError):
        release(here, ben, waiting, digest=digest(here, waiting))


def test_while_it_waits_nothing_is_added_and_it_may_be_taken_back(here, waiting, contributor):
    with pytest.raises(ConflictError, match="waits for review"):
        opened(here, contributor, {"METADATA/dataset.xml": b"other"})
    assert close_submission(here, contributor, waiting) == 1
    withdraw_submission(here, contributor, waiting)
    with here.records.read() as connection:
        assert connection.execute(select(objects)).all() == []


def test_what_was_not_released_is_not_accepted(here, waiting):
    """Even where the state says that it was."""
    release(here, reader(here, "ada"), waiting, digest=digest(here, waiting))
    with here.records.write() as connection:
        connection.exec_driver_sql("UPDATE submissions SET state = 'converting'")
    row = ingested(here, waiting, 1, since="accept")
    assert row.state == SubmissionState.FAILED
    assert "was not released" in row.problem["what"]


def test_deidentified_submissions_wait_only_where_the_node_says_so(
    here, contributor, clean_contents
):
    here = set_to(here, readers=1)
    accession, attempt = sent(here, contributor, clean_contents)
    assert ingested(here, accession, attempt).state == SubmissionState.REVIEWING
    ada = reader(here, "ada")
    refuse(here, ada, accession, digest=digest(here, accession), reason=Reason.METADATA)
    assert all(row.received == row.size for row in rows(here, accession).values())
    accession, attempt = sent(here, contributor, clean_contents)
    assert ingested(here, accession, attempt).state == SubmissionState.REVIEWING
    assert release(here, ada, accession, digest=digest(here, accession)) is True
    row = ingested(here, accession, attempt + 1)
    assert row.state == SubmissionState.PUBLISHED, row.problem


def test_after_a_failure_what_was_released_goes_on(here, contributor, clean_contents):
    """A release counts for the very files it was given for, after a failure too."""
    here = set_to(here, readers=1)
    accession, attempt = sent(here, contributor, clean_contents)
    ingested(here, accession, attempt)
    release(here, reader(here, "ada"), accession, digest=digest(here, accession))
    with here.records.write() as connection:
        connection.exec_driver_sql("UPDATE submissions SET state = 'failed'")
    assert ingested(here, accession, close_submission(here, contributor, accession)).state == (
        SubmissionState.PUBLISHED
    )


def test_a_changed_file_takes_earlier_releases_away(here, contributor, clean_contents):
    here = set_to(here, readers=1)
    accession, attempt = sent(here, contributor, clean_contents)
    ingested(here, accession, attempt)
    release(here, reader(here, "ada"), accession, digest=digest(here, accession))
    with here.records.write() as connection:
        connection.exec_driver_sql("UPDATE submissions SET state = 'failed'")
    listing = "METADATA/observation.xml"
    changed = clean_contents | {listing: clean_contents[listing] + b"\n"}
    accession, attempt = sent(here, contributor, changed)
    row = ingested(here, accession, attempt)
    assert row.state == SubmissionState.REVIEWING, row.problem
    with here.records.read() as connection:
        assert connection.execute(select(releases)).all() == []
