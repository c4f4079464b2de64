"""A scanner's own file becomes clean DICOM at the node, and itself is destroyed."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from bigpicture.ledger.read import events_after
from bigpicture.model.errors import StorageFullError
from bigpicture.model.submission import SubmissionState
from bigpicture.phantom.identity import identity
from bigpicture.storage.records.tables import objects
from bigpicture.submission.receive import close_submission
from bigpicture.worker.ingest import STOPPED, perform
from submitting import contents_of, ingested, released, rows, sent, state, step

OLD, NEW = "IMAGES/IMAGE_image-1/slide.svs", "IMAGES/IMAGE_image-1/Rabenhorst Aurelia.svs"
PLANTED = [b"Rabenhorst", *(str(v).encode() for v in vars(identity(5)).values() if len(str(v)) > 5)]


@pytest.fixture
def identified(raw_folder):
    """Its file's name tells a name, as its pages and tags do."""
    contents = contents_of(raw_folder)
    contents["METADATA/image.xml"] = contents["METADATA/image.xml"].replace(
        OLD.encode(), NEW.encode()
    )
    contents[NEW] = contents.pop(OLD)
    assert any(planted in contents[NEW] for planted in PLANTED)
    return contents


def found(stores):
    """Where anything planted lies: in what the vault opens, or in a file of the node."""
    with stores.records.read() as connection:
        keys = connection.scalars(select(objects.c.key).where(objects.c.header.is_not(None))).all()
    opened = {key: stores.vault.read(key) for key in keys}
    lying = {path: path.read_bytes() for path in stores.settings.data.rglob("*") if path.is_file()}
    return [
        (name, planted)
        for name, data in (opened | lying).items()
        for planted in PLANTED
        if planted in data
    ]


def actions(stores, accession):
    with stores.records.read() as connection:
        events = events_after(connection, 0, 1000)
    return [each.action for each in events if each.subject == accession]


def test_published_without_a_trace_of_anyone(here, contributor, identified):
    accession, attempt = sent(here, contributor, identified)
    assert found(here)
    assert ingested(here, accession, attempt).state == SubmissionState.REVIEWING
    row = ingested(here, accession, released(here, accession))
    assert row.state == SubmissionState.PUBLISHED, row.problem
    assert found(here) == []
    assert actions(here, accession).count("source:destroy") == 1
    assert list((here.settings.data / "tmp").iterdir()) == []


def test_refused_without_a_trace_of_anyone(here, contributor, identified):
    broken = identified[NEW] = identified[NEW][:-40_000]
    contents = identified["METADATA/image.xml"].decode()
    before = contents[contents.index('checksum="') + 10 :][:64]
    identified["METADATA/image.xml"] = contents.replace(
        before, hashlib.sha256(broken).hexdigest()
    ).encode()
    accession, attempt = sent(here, contributor, identified)
    row = ingested(here, accession, attempt)
    assert row.state == SubmissionState.REFUSED, row.problem
    assert found(here) == []
    assert "source:destroy" in actions(here, accession)
    assert row.problem["place"].startswith("IMAGES/IMAGE_image-1")


def test_mended_after_a_refusal_it_is_published(here, contributor, identified):
    accession, attempt = sent(here, contributor, {**identified, "METADATA/sample.xml": b"<no"})
    assert ingested(here, accession, attempt).state == SubmissionState.REFUSED
    assert sent(here, contributor, identified) == (accession, 2)
    assert ingested(here, accession, 2).state == SubmissionState.REVIEWING
    row = ingested(here, accession, released(here, accession))
    assert row.state == SubmissionState.PUBLISHED, row.problem
    assert found(here) == []


def test_failed_after_converting_it_goes_on_without_the_source(here, contributor, identified):
    """The scanner's file is gone, the metadata still list it, and nobody reads it again."""
    accession, attempt = sent(here, contributor, identified)
    ingested(here, accession, attempt, until="accept")
    attempt = released(here, accession)

    def full(*_):
        raise StorageFullError("no room")

    assert perform(here, accession, full, attempt=attempt) == STOPPED
    assert state(here, accession) is SubmissionState.FAILED
    again = close_submission(here, contributor, accession)
    row = ingested(here, accession, again)
    assert row.state == SubmissionState.PUBLISHED, row.problem
    assert found(here) == []


def test_a_kill_before_the_commit_leaves_the_source_and_no_instance(
    here, contributor, identified, monkeypatch
):
    accession, attempt = sent(here, contributor, identified)
    ingested(here, accession, attempt, until="convert-batch")

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bigpicture.submission.convert_intake.destroy_source", killed)
        with pytest.raises(KeyboardInterrupt):
            step(here, accession, attempt, "convert-batch")
    assert [path for path in rows(here, accession) if path.startswith("IMAGES")] == [NEW]
    row = ingested(here, accession, attempt, since="convert-batch")
    assert row.state == SubmissionState.REVIEWING, row.problem
    assert row.attempt == 1
    row = ingested(here, accession, released(here, accession))
    assert row.state == SubmissionState.PUBLISHED, row.problem
    assert found(here) == []
