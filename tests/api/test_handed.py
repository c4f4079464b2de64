"""A sheet and the digests of its slides become a dataset that a submission takes."""

from __future__ import annotations

import hashlib
import json
import logging

import pytest

from describing import DIAGNOSIS, HERE, NAME, apart, asked, sheet
from filled_table import DATASET

__all__ = ["apart", "asked"]

SENT = {"file": "Meier/1.svs", "size": 9, "sha256": "0" * 64}
WHOLE = [f"{NAME}.svs", NAME, "w", "Kolon", "HE", DIAGNOSIS]


def describe(client, token, **more):
    given = sheet(rows=[WHOLE], fields=DATASET, slides=[SENT | {"file": f"Meier/{NAME}.svs"}])
    return client.post(f"{HERE}/dataset", token=token, json=given | more)


def test_a_dataset_is_made_that_a_submission_takes(asked):
    client, tokens = asked
    answer = describe(client, tokens["ada"])
    assert answer.status_code == 200, answer.text
    made = answer.json()
    [image] = made["images"]
    assert image["file"] == f"Meier/{NAME}.svs"
    assert image["path"].startswith("IMAGES/IMAGE_")
    assert NAME not in image["path"] + json.dumps(made["documents"])
    assert f"{NAME},being," in made["keys"]
    files = [
        {
            "path": each["path"],
            "size": len(each["text"].encode()),
            "sha256": hashlib.sha256(each["text"].encode()).hexdigest(),
        }
        for each in made["documents"]
    ]
    files.append({"path": image["path"], "size": SENT["size"], "sha256": SENT["sha256"]})
    wanted = {"alias": made["alias"], "title": made["title"], "files": files}
    opened = client.post("/api/v1/submissions", token=tokens["ada"], json=wanted)
    assert opened.status_code == 201, opened.text
    assert describe(client, tokens["ada"]).json() == made  # asked again, it goes on


def test_two_organisations_have_each_their_own_patient_1(asked):
    client, tokens = asked
    keys = [describe(client, tokens[name]).json()["keys"] for name in ("ada", "berta")]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"slides": []}, "not in the folder"),
        ({"fields": {}}, "missing"),
        ({"rows": [[NAME, NAME, "w", "Kolon", "", ""]]}, "nothing is stated"),
        ({"slides": [SENT | {"sha256": NAME}]}, "sha256"),
    ],
)
def test_what_is_not_whole_is_described_by_nobody(asked, caplog, more, says):
    client, tokens = asked
    caplog.set_level(logging.DEBUG)
    answer = describe(client, tokens["ada"], **more)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert NAME not in answer.text + caplog.text


def test_a_node_that_takes_nothing_identified_describes_nothing_identified(apart):
    client, tokens = apart
    answer = describe(client, tokens["ada"])
    assert answer.status_code == 403
    assert answer.json()["rule"] == "intake = deidentified"
