"""Bytes and metadata are checked; what is told names the place and never a scanner's file."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import IntegrityError, MetadataError
from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.submission.check import check
from bigpicture.submission.receive import close_submission
from bigpicture.submission.refusal import Refusal
from submitting import contents_of, opened, rows, send, sent, state, step, submission


def refused(stores, person, contents):
    accession, attempt = sent(stores, person, contents)
    with pytest.raises(Refusal) as told:
        check(stores, accession)
    return accession, attempt, told.value


def test_good_bytes_and_good_metadata_pass(stores, contributor, clean_contents):
    accession, _ = sent(stores, contributor, clean_contents)
    check(stores, accession)
    assert {row.state for row in rows(stores, accession).values()} == {FileState.CHECKED}
    check(stores, accession)  # a repeat changes nothing


def test_bytes_that_changed_on_the_way(stores, contributor, clean_contents):
    accession = opened(stores, contributor, clean_contents)
    for path, row in rows(stores, accession).items():
        data = clean_contents[path]
        wrong = path == "METADATA/sample.xml"
        send(stores, contributor, row.id, data[::-1] if wrong else data)
    close_submission(stores, contributor, accession)
    with pytest.raises(Refusal) as told:
        check(stores, accession)
    assert isinstance(told.value.error, IntegrityError)
    assert told.value.error.place == "METADATA/sample.xml"
    assert set(told.value.files) == {rows(stores, accession)["METADATA/sample.xml"].id}


def test_the_alias_is_the_one_it_was_opened_under(here, contributor, clean_contents):
    """Else two submissions could carry one dataset to its publication."""
    accession, _ = sent(here, contributor, clean_contents, alias="another")
    with pytest.raises(MetadataError, match="submitted as another") as told:
        check(here, accession)
    assert told.value.place.startswith("METADATA/dataset.xml:")


def test_a_document_of_no_name_in_the_standard_is_left_out(here, contributor, clean_contents):
    accession, _ = sent(here, contributor, {**clean_contents, "METADATA/notes.xml": b"no xml"})
    check(here, accession)


def test_two_scanner_files_in_one_folder(here, contributor, raw_folder):
    contents = contents_of(raw_folder)
    contents["IMAGES/IMAGE_image-1/Rabenhorst.svs"] = b"another"
    _, _, told = refused(here, contributor, contents)
    assert "alone" in told.error.what
    assert told.error.place == "IMAGES/IMAGE_image-1"


def test_no_finding_names_a_scanner_file(here, contributor, raw_folder):
    contents = contents_of(raw_folder)
    old, new = "IMAGES/IMAGE_image-1/slide.svs", "IMAGES/IMAGE_image-1/Rabenhorst.svs"
    contents["METADATA/image.xml"] = contents["METADATA/image.xml"].replace(
        old.encode(), new.encode()
    )
    contents[new] = contents.pop(old) + b"and more than was listed"
    accession, attempt, told = refused(here, contributor, contents)
    assert told.error.rule == "BP-checksum"
    assert "Rabenhorst" not in f"{told.error}{told.findings}"
    step(here, accession, attempt, "check")
    assert state(here, accession) is SubmissionState.REFUSED
    assert "Rabenhorst" not in str(submission(here, accession))
