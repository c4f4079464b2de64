"""By browser alone: a spreadsheet is dropped, slides are chosen, and the dataset is published."""

from __future__ import annotations

import csv
import hashlib

import pytest

from contributing import describe, send
from running import PASSWORD, STEWARD, settled
from scanned import scanned

pytestmark = [pytest.mark.browser, pytest.mark.long]
NAMES = ("Meier_1", "Meier_2")


@pytest.fixture
def slides(tmp_path):
    return scanned(tmp_path / "slides", NAMES)


def test_a_person_with_a_browser_alone_gets_a_dataset_published(
    make_node, browser, slides, tmp_path
):
    node = make_node(intake="identified")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{node.address}/sign-in?next=/prepare")
    page.get_by_label("Name").fill(STEWARD)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    describe(page, NAMES)
    keys = tmp_path / "keys.csv"
    accession = send(page, sorted(slides.iterdir()), keys)
    context.close()
    held = {(row["kind"], row["local"]) for row in csv.DictReader(keys.open())}
    assert {("being", "P-0"), ("being", "P-1"), ("image", "Meier_1.svs")} <= held
    with node.client() as client:
        files = client.get(f"/api/v1/submissions/{accession}/files").json()["items"]
        sent = {each["sha256"] for each in files if each["path"].endswith("slide.svs")}
        assert sent == {hashlib.sha256(each.read_bytes()).hexdigest() for each in slides.iterdir()}
        for name in ("reader one", "reader two"):
            person = {"name": name, "roles": ["steward"], "password": PASSWORD}
            assert client.post("/api/v1/people", json=person).status_code == 201
        assert settled_or_reviewing(client, accession) == "reviewing"
    for name in ("reader one", "reader two"):
        with node.client(name) as client:
            door = f"/api/v1/submissions/{accession}/review"
            digest = client.get(door).json()["digest"]
            answer = client.post(door, json={"decision": "release", "digest": digest})
            assert answer.status_code == 200, answer.text
    with node.client() as client:
        ended = settled(client, accession)
        assert ended["state"] == "published", ended


def settled_or_reviewing(client, accession):
    """Follow the events until people are asked, or it ends."""
    with client.stream("GET", f"/api/v1/submissions/{accession}/events", timeout=300) as events:
        for line in events.iter_lines():
            for state in ("reviewing", "published", "refused", "failed"):
                if f'"state": "{state}"' in line:
                    return state
    return "nothing"
