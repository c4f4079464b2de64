"""What stewards do on the pages of a review."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue

pytestmark = pytest.mark.browser

WAITS = "bb-submission-live22-aaaaaa"
TWIN = {"dataset": catalogue.IMAGES[1]["dataset"], "image": catalogue.IMAGES[1]["accession"]}
FIELDS = [
    {"name": "Patient name", "action": "drop", "reason": "names a person", "count": 2},
    {"name": "AppMag", "action": "keep", "reason": "optics", "count": 1},
]


@pytest.fixture
def waiting(world):
    """A submission that one person has released already."""
    image = catalogue.IMAGES[0]["accession"]
    report = {
        "sha256": "a" * 64,
        "fields": FIELDS,
        "by_action": {"drop": 2, "keep": 1},
        "left_out": [
            {"flavour": "label", "columns": 400, "rows": 300, "why": "it shows what was written"}
        ],
        "scan": {
            "strings": 12, "patterns": 340, "bytes": 5_200_000, "encodings": ["utf-8"],
            "findings": 0,
        },
        "marks": [],
        "remarks": ["The date is left out."],
        "protections": ["landlock"],
        "software": "bigpicture",
    }  # fmt: skip
    shared = {"instances": 3, "bytes": 5_000_000, "columns": 9000, "rows": 7000}
    world.reviews[WAITS] = {
        "submission": WAITS,
        "state": "reviewing",
        "needed": 2,
        "releases": [{"person": "p-oth", "name": "Rui Castel", "time": "2026-11-23T09:00:00Z"}],
        "digest": "d" * 64,
        "may_decide": True,
        "findings": [
            {"rule": "6.2.9", "severity": "warning", "entity": "image image-1",
             "place": "METADATA/image.xml:9", "what": "the spacing differs from the slide's.",
             "expected": "0.25 µm", "remedy": "It is published as the slide says it."},
            {"rule": "6.2.1", "severity": "repaired", "entity": "image image-2",
             "place": "METADATA/image.xml:40", "what": "left out: shape.", "expected": "",
             "remedy": "It is published as the slide says it."},
        ],
        "next": None,
        "items": [
            {**shared, "alias": "image-1", "twins": [TWIN], "format": "aperio-svs",
             "report": report, "preview": f"/api/v1/images/{image}/thumbnail"},
            {**shared, "alias": "image-2", "twins": [], "format": "DICOM", "report": None,
             "preview": None},
        ],
    }  # fmt: skip
    world.move(WAITS, state="reviewing", progress=None, review={"released": 1, "needed": 2})
    return world


def test_a_steward_reads_every_image_and_releases(visit, waiting):
    visit.sign_in("steward")
    visit.page.get_by_role("button", name="Contribute").click()
    visit.page.get_by_role("link", name="Review", exact=True).click()
    expect(visit.page.get_by_role("row", name="1 of 2")).to_be_visible()
    visit.page.get_by_role("table").get_by_role("link").first.click()
    first = visit.page.get_by_role("listitem").filter(has_text="image-1 aperio-svs")
    found = visit.page.get_by_role("region", name="What metadata and slides say differently")
    expect(found).to_contain_text("the spacing differs from the slide's.")
    expect(first).to_contain_text("This slide is here already")
    expect(first.get_by_role("link", name=TWIN["image"])).to_have_attribute(
        "href", f"/images/{TWIN['image']}"
    )
    expect(first).to_contain_text("Removed 2, Kept 1")
    expect(first).to_contain_text("it shows what was written")
    expect(first).to_contain_text("0 findings")
    first.get_by_text("Every field, and why").focus()
    visit.page.keyboard.press("Enter")
    expect(first.get_by_role("row", name="Patient name")).to_contain_text("names a person")
    asked = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    visit.page.get_by_role("button", name="Release").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("You have released it.")).to_be_visible()
    assert asked
    assert waiting.decisions == [{"decision": "release", "digest": "d" * 64}]


def test_a_steward_refuses_with_a_reason(visit, waiting):
    visit.sign_in("steward")
    visit.go(f"/reviews/{WAITS}")
    visit.page.get_by_label("Reason").select_option("identifying")
    visit.page.once("dialog", lambda dialog: dialog.dismiss())
    refuse = visit.page.get_by_role("button", name="Refuse")
    refuse.click()
    assert waiting.decisions == []
    visit.page.once("dialog", lambda dialog: dialog.accept())
    refuse.click()
    expect(visit.page.get_by_text("Nothing waits.")).to_be_visible()
    assert waiting.decisions[0]["reason"] == "identifying"


def test_others_are_told_who_reviews(visit, waiting):
    visit.sign_in("contributor")
    visit.go(f"/submissions/{WAITS}")
    expect(visit.page.get_by_text("Waiting for review (1 of 2)")).to_be_visible()
    visit.go("/reviews")
    expect(visit.page.get_by_role("alert")).to_contain_text("stewards")
