"""By browser alone: a spreadsheet is dropped, slides are chosen, and the dataset is published."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from playwright.sync_api import expect

from filled_table import DATASET, SLIDE
from running import PASSWORD, STEWARD, settled
from scanned import scanned

pytestmark = [pytest.mark.browser, pytest.mark.long]
NAMES = ("Meier_1", "Meier_2")


@pytest.fixture
def slides(tmp_path):
    return scanned(tmp_path / "slides", NAMES)


def table():
    """An export with the fields of the dataset left to the form."""
    out = io.StringIO()
    rows = [
        {**SLIDE, "File": f"{name}.svs", "Being": f"P-{n}", "Case": f"C-{n}"}
        for n, name in enumerate(NAMES)
    ]
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def fill_in(page):
    """The form of the dataset, as a person fills it in."""
    for name, text in DATASET.items():
        field = page.locator(f"[data-field={name}]")
        if name == "allowed_uses":
            field.get_by_label(text).check()
        elif field.locator("select").count():
            field.locator("select").select_option(text)
        else:
            field.locator("input, textarea").fill(text)


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
    chooser = page.get_by_label("Spreadsheet", exact=True)
    chooser.set_input_files([{"name": "export.csv", "mimeType": "", "buffer": table()}])
    page.get_by_role("tab", name="Dataset").click()
    fill_in(page)
    expect(page.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "100")
    page.get_by_role("tab", name="Send").click()
    page.get_by_label("Slides", exact=True).set_input_files(sorted(slides.iterdir()))
    expect(page.get_by_text("2 of 2 rows have their slide")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Keys (CSV)").click()
    keys = tmp_path / "keys.csv"
    download.value.save_as(keys)
    held = {(row["kind"], row["local"]) for row in csv.DictReader(keys.open())}
    assert {("being", "P-0"), ("being", "P-1"), ("image", "Meier_1.svs")} <= held
    page.get_by_role("button", name="Send 2 slides").click()
    page.wait_for_url("**/submissions/bb-*")
    accession = page.url.rpartition("/")[2]
    context.close()
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
