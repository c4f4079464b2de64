"""Whatever the OpenAPI document allows is answered as it says, and never with a failure of ours."""

from datetime import timedelta

import pytest

from bigpicture.access.tokens import TokenKind, issue_token
from bigpicture.api.application import build
from bigpicture.api.node import Node
from openapi_fuzz import fuzz
from published import (
    CONTROLLED,
    OPEN,
    add_person,
    image_name,
    instance_uid,
    make_stores,
    named_series,
    publish_two,
    served,
)

ROLES = ("anonymous", "researcher", "contributor", "steward")
IMAGES = [image_name(OPEN, 0), image_name(CONTROLLED, 0)]
SERIES = [named_series(dataset, 0) for dataset in (OPEN, CONTROLLED)]
KNOWN = {
    "accession": [OPEN, CONTROLLED, *IMAGES],
    "dataset": [OPEN, CONTROLLED],
    "image": IMAGES,
    "level": ["0", "1"],
    "tile": ["0_0", "0_0.jpeg"],
    "first": ["0_0"],
    "last": ["1_1"],
    "file": ["document-dataset", "openzz-0-0", "cntrzz-0-0"],
    "study": [each["StudyInstanceUID"] for each in SERIES],
    "series": [each["SeriesInstanceUID"] for each in SERIES],
    "instance": [instance_uid(dataset, 0, 0) for dataset in (OPEN, CONTROLLED)],
    "within": ["series", "instances", "metadata", "rendered", "thumbnail"],
    "frames": ["1", "1,2"],
    "frame": ["1"],
    "region": ["full", "0,0,9,9"],
    "size": ["max", "9,"],
    "rotation": ["0", "!90"],
    "picture": ["default.jpg", "gray.png"],
}


def _asked(folder, role, examples, url=""):
    """What a node did wrong when somebody of this role asked it."""
    stores = make_stores(folder, url)
    publish_two(stores)
    person = None if role == "anonymous" else add_person(stores, role, role)[0]

    def make_headers():
        if person is None:
            return {}
        with stores.records.write() as connection:
            secret, _ = issue_token(
                connection, person, kind=TokenKind.API, label="x", lifetime=timedelta(days=1)
            )
        return {"Authorization": f"Bearer {secret}"}

    try:
        with served(build(Node.open(stores, start_work=lambda _: None))) as address:
            return fuzz(
                address,
                known=KNOWN,
                make_headers=make_headers,
                examples=examples,
                last=("POST /api/v1/seals",),
            )
    finally:
        stores.records.close()


@pytest.mark.parametrize("role", ROLES)
def test_what_the_document_allows_is_answered_as_it_says(tmp_path, role):
    assert _asked(tmp_path / "data", role, 4) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_so_it_is_at_length_on_sqlite(tmp_path, role):
    assert _asked(tmp_path / "data", role, 150) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_so_it_is_at_length_on_postgresql(tmp_path, role, make_postgresql_url):
    assert _asked(tmp_path / "data", role, 150, make_postgresql_url()) == []
