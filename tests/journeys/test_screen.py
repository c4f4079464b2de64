"""A visitor in a real browser: from the catalogue to a slide of a real node, panned and zoomed."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from running import PASSWORD, STEWARD
from small_dataset import write_dataset

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def look(page, name):
    """A screenshot as pixels; kept in the folder SCREENS names, to be looked at by a person."""
    data = page.screenshot()
    if os.environ.get("SCREENS"):
        Path(os.environ["SCREENS"], f"{name}.png").write_bytes(data)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def tissue_share(picture):
    """Share of the middle of the screen that is stained: saturated, unlike glass and paper."""
    middle = picture[200:600, 300:800]
    saturation = cv2.cvtColor(middle, cv2.COLOR_BGR2HSV)[..., 1]
    return float((saturation > 40).mean())


def apart(first, second):
    """Mean difference of the middle of two screens."""
    return float(np.abs(first[200:600, 300:800].astype(int) - second[200:600, 300:800]).mean())


def test_from_the_catalogue_to_a_slide(node, page, tmp_path):
    node.submit(write_dataset(tmp_path, side=2400), tmp_path / "site")
    page.goto(node.address)
    page.get_by_role("link", name=re.compile("Invented livers")).first.click()
    expect(page.get_by_role("heading", name="Invented livers")).to_be_visible()
    look(page, "dataset")
    page.get_by_role("link", name=re.compile("image-1")).first.click()
    expect(page.locator("[data-magnification]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    whole = look(page, "slide")
    assert tissue_share(whole) > 0.3
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"#x=\d+"))
    page.wait_for_load_state("networkidle")
    near = look(page, "slide-near")
    assert tissue_share(near) > 0.3
    moved = apart(near, whole)
    assert moved > 10
    place = page.url
    page.goto("about:blank")
    page.goto(place)
    expect(page.locator("[data-magnification]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    again = look(page, "slide-again")
    assert apart(again, near) < moved / 3  # the link holds whole pixels, the view did not


def test_a_controlled_slide_says_how_to_get_there_and_opens_under_a_grant(node, page, tmp_path):
    node.submit(write_dataset(tmp_path, side=900, tier="controlled"), tmp_path / "site")
    with node.client() as steward:
        (card,) = steward.get("/api/v1/datasets").json()["items"]
        people = steward.get("/api/v1/people").json()["items"]
    page.goto(f"{node.address}/datasets/{card['accession']}")
    expect(page.get_by_text(re.compile("sign in", re.IGNORECASE)).first).to_be_visible()
    look(page, "controlled")
    page.goto(f"{node.address}/sign-in")
    page.get_by_label("Name").fill(STEWARD)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{node.address}/")
    with node.client() as steward:
        grant = {
            "person": people[0]["id"], "dataset": card["accession"], "reason": "a test",
            "end": "2999-01-01T00:00:00Z",
        }  # fmt: skip
        assert steward.get(f"/api/v1/datasets/{card['accession']}/images").status_code == 403
        assert steward.post("/api/v1/grants", json=grant).status_code == 201
        images = f"/api/v1/datasets/{card['accession']}/images"
        deadline = time.monotonic() + 2  # a decision may be a quarter of a second old
        while steward.get(images).status_code != 200:
            assert time.monotonic() < deadline
    page.goto(f"{node.address}/datasets/{card['accession']}")
    page.get_by_role("link", name=re.compile("image-1")).first.click()
    expect(page.locator("[data-magnification]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert tissue_share(look(page, "granted")) > 0.1


def test_a_contributor_watches_the_submission(node, page, tmp_path):
    node.submit(write_dataset(tmp_path, side=900), tmp_path / "site", "--no-follow")
    page.goto(f"{node.address}/sign-in")
    page.get_by_label("Name").fill(STEWARD)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{node.address}/")
    page.goto(f"{node.address}/submissions")
    page.get_by_role("link", name=re.compile("dataset-1|Invented livers")).first.click()
    expect(page.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible(
        timeout=60_000
    )
    look(page, "submission")
