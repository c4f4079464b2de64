"""Only what went through every check is accepted; after that, what was received is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bigpicture.model.errors import IntegrityError
from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.storage.records.tables import submission_files, upload_parts
from bigpicture.submission.accept import accept_file
from bigpicture.worker.ingest import STOPPED
from submitting import ingested, rows, sent, state, step, submission


@pytest.fixture
def cleaned(here, contributor, clean_contents):
    accession, attempt = sent(here, contributor, clean_contents)
    ingested(here, accession, attempt, until="convert")
    return accession, attempt


def test_accepted_is_sealed_anew_and_nothing_else_is_left(here, cleaned, clean_contents):
    accession, attempt = cleaned
    step(here, accession, attempt, "convert")
    step(here, accession, attempt, "accept")
    step(here, accession, attempt, "accept-batch")
    found = rows(here, accession)
    assert {path: here.vault.read(row.object) for path, row in found.items()} == clean_contents
    with here.records.read() as connection:
        assert connection.execute(select(upload_parts)).all() == []


@pytest.mark.parametrize("reached", [FileState.REFUSED, FileState.RECEIVED, FileState.CHECKED])
def test_an_image_that_was_not_cleaned_is_never_accepted(here, cleaned, reached):
    accession, _ = cleaned
    image = next(row for path, row in rows(here, accession).items() if path.endswith(".dcm"))
    with here.records.write() as connection:
        connection.execute(
            update(submission_files).where(submission_files.c.id == image.id).values(state=reached)
        )
    with pytest.raises(IntegrityError, match="not checked"):
        accept_file(here, image.id)


def test_accepting_again_changes_nothing(here, cleaned):
    accession, _ = cleaned
    file = rows(here, accession)["METADATA/dataset.xml"]
    accept_file(here, file.id)
    before = rows(here, accession)["METADATA/dataset.xml"]
    accept_file(here, file.id)
    assert rows(here, accession)["METADATA/dataset.xml"] == before


def test_an_image_whose_files_lie_in_another_folder(here, contributor, clean_contents):
    """Listed by their whole path, so nothing is missing; yet no folder is the image's."""
    moved = {
        path.replace("IMAGE_image-1", "IMAGE_other"): data for path, data in clean_contents.items()
    }
    moved["METADATA/image.xml"] = moved["METADATA/image.xml"].replace(
        b"IMAGES/IMAGE_image-1/", b"IMAGES/IMAGE_other/"
    )
    accession, attempt = sent(here, contributor, moved)
    row = ingested(here, accession, attempt)
    assert state(here, accession) is SubmissionState.REFUSED
    assert "image-1" in row.problem["what"]
    assert row.problem["place"].startswith("METADATA/image.xml:")
    assert step(here, accession, attempt, "publish") == STOPPED
    assert submission(here, accession) == row
