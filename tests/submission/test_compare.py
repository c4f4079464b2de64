"""At the node: findings are kept, missing attributes are published, twins are told with care."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bigpicture.model.submission import SubmissionState
from bigpicture.storage.records.tables import images, levels
from bigpicture.submission.compare import said_by
from bigpicture.submission.files import files_in
from bigpicture.submission.reviewed import images_to_review
from published import add_person
from small_dataset import IMAGE_DOCUMENT
from submitting import ingested, released, sent


def renamed(contents, alias):
    return {
        path: data.replace(b'"dataset-1"', f'"{alias}"'.encode()) if path.endswith(".xml") else data
        for path, data in contents.items()
    }


def without(contents, tag):
    """The contents whose image does not state a measurement set."""
    text = contents[IMAGE_DOCUMENT].decode()
    at = text.index(f"<TAG>{tag}</TAG>")
    start = text.rindex("<SET_ATTRIBUTE>", 0, at)
    end = text.index("</SET_ATTRIBUTE>", at) + len("</SET_ATTRIBUTE>")
    assert text.count("<SET_ATTRIBUTE>", start, end) == 1
    return {**contents, IMAGE_DOCUMENT: (text[:start] + text[end:]).encode()}


def rules(row):
    return {each["rule"] for each in row.findings or []}


def published(stores, person, contents, alias="dataset-1"):
    accession, attempt = sent(stores, person, renamed(contents, alias), alias=alias)
    row = ingested(stores, accession, attempt)
    if row.state == SubmissionState.REVIEWING:
        row = ingested(stores, accession, released(stores, accession), since="accept")
    assert row.state == SubmissionState.PUBLISHED, row.problem
    return accession, row


def test_what_an_image_leaves_out_is_published_as_its_slide_says(
    stores, contributor, clean_contents
):
    accession, row = published(stores, contributor, without(clean_contents, "pixel_spacing"))
    told = [each for each in row.findings if each["severity"] == "repaired"]
    assert "pixel_spacing" in told[0]["what"]
    with stores.records.read() as connection:
        [image] = connection.execute(select(images).where(images.c.dataset == accession)).all()
    stated = image.attributes["pixel_spacing"]
    assert stated["horizontal"]["value"] == pytest.approx(image.mpp_x)
    assert image.attributes["image_shape"]["image_width"]["value"] == image.columns


def test_contradictions_are_told_and_stop_nothing(here, contributor, clean_contents):
    _, row = published(here, contributor, clean_contents)
    assert {"6.2.7.1", "6.2.7.2"} <= rules(row)  # the invented image states 4096 by 4096
    told = json.dumps(row.findings)
    assert "line" in told
    assert all(each["severity"] != "error" for each in row.findings)


def test_a_twin_of_somebody_else_is_not_named_to_the_submitter(stores, contributor, clean_contents):
    first, _ = published(stores, contributor, clean_contents)
    other = add_person(stores, "olga", "contributor")[0]
    accession, attempt = sent(
        stores, other, renamed(clean_contents, "dataset-2"), alias="dataset-2"
    )
    row = ingested(stores, accession, attempt, until="accept")
    [finding] = [each for each in row.findings if each["rule"] == "BP-duplicate"]
    assert "a published dataset" in finding["what"]
    assert first not in json.dumps(row.findings)
    with stores.records.read() as connection:
        [image] = images_to_review(connection, stores, accession, after="", limit=9)
    assert [twin.dataset for twin in image.twins] == [first]


def test_a_twin_of_ones_own_is_named(here, contributor, clean_contents):
    first, before = published(here, contributor, clean_contents)
    assert "BP-duplicate" not in rules(before)
    _, row = published(here, contributor, clean_contents, alias="dataset-2")
    [finding] = [each for each in row.findings if each["rule"] == "BP-duplicate"]
    assert first in finding["what"]


def test_a_report_of_an_older_release_is_left_out(here, contributor, clean_contents):
    accession, attempt = sent(here, contributor, clean_contents)
    ingested(here, accession, attempt, until="review")
    files = [one for one in files_in(here, accession) if one.report and "level" in one.report]
    assert set(said_by(files)) == {"image-1"}
    del files[0].report["facts"]
    assert said_by(files) == {}


def test_digests_are_found_by_an_index():
    assert levels.c.frames_root.index
