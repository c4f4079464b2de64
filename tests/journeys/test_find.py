"""A researcher on a real node: from a question to a cohort, its parts and its manifest."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from bigpicture.storage.records import open_records
from bigpicture.storage.records.tables import datasets
from journeys.test_screen import look
from running import PASSWORD, STEWARD

pytestmark = [pytest.mark.browser, pytest.mark.long]

LIVERS = "organ:Liver severity:moderate,marked,severe control:treated"


@pytest.fixture
def node(make_node, tmp_path):
    """A node with twelve invented datasets, all of them open, and their terminology."""
    node = make_node(start=False, terminologies=tmp_path / "node" / "synthetic")
    (tmp_path / "node" / "synthetic").mkdir(exist_ok=True)
    node.run("catalogue", "synth", "--slides", 9000, "--datasets", 12, "--seed", 5)
    records = open_records(node.settings.records_url)
    with records.write() as connection:
        connection.execute(update(datasets).values(tier="open"))
    records.close()
    return node.start()


@pytest.fixture(params=[(1440, 900), (820, 1180), (390, 844)], ids=["desktop", "tablet", "phone"])
def page(request, browser):
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", accept_downloads=True
    )
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()
    assert page.problems == []


def sign_in(page, node):
    page.goto(f"{node.address}/sign-in")
    page.get_by_label("Name").fill(STEWARD)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def total(page):
    text = page.locator(".totals strong").inner_text()
    return int(re.sub(r"\D", "", text) or 0)


def test_livers_of_treated_animals_become_a_cohort(node, page, tmp_path):
    size = str(page.viewport_size["width"])
    sign_in(page, node)
    page.goto(f"{node.address}/find")
    box = page.get_by_role("combobox", name="Question")
    box.fill(LIVERS)
    box.press("Enter")
    expect(page.get_by_role("list", name="What is asked for")).to_contain_text("Organ is Liver")
    expect(page.locator(".totals strong")).to_have_text("18 images")
    look(page, f"find-{size}")
    page.get_by_role("button", name="Save as cohort").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("Treated livers")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Treated livers")).to_be_visible()
    link = page.url

    page.goto(f"{node.address}/")
    page.goto(link)  # reopened by its link
    expect(page.get_by_role("heading", name="Treated livers")).to_be_visible()
    page.get_by_role("button", name="Freeze it now").click()
    expect(page.get_by_role("button", name="Version 1")).to_be_visible()
    page.wait_for_load_state("networkidle")
    look(page, f"cohort-{size}")
    panel = page.get_by_role("region", name="Split")
    with page.expect_download() as waiting:
        panel.get_by_role("link", name="CSV").click()
    rows = waiting.value.path().read_text(encoding="utf-8").splitlines()
    assert len(rows) == 19
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("manifest", re.IGNORECASE)).first.click()
    lines = waiting.value.path().read_text(encoding="utf-8").splitlines()
    manifest = [line for line in lines if line and not line.startswith("#")]
    found = node.run("search", LIVERS, "--form", "list", "--node", node.address).stdout.split()
    assert sorted(manifest) == sorted(found)
    assert len(found) == 18


def test_datasets_side_by_side_and_a_mistyped_word(node, page):
    size = str(page.viewport_size["width"])
    told = node.run("search", "--form", "json", "--limit", 1, "--node", node.address).stdout
    dataset = json.loads(told)["images"][0]["dataset"]
    page.goto(f"{node.address}/datasets/{dataset}")
    page.get_by_role("link", name=re.compile("Compare")).first.click()
    expect(page.get_by_role("heading", name="Compare datasets")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Beings").first).to_be_visible()
    look(page, f"compare-{size}")
    page.goto(f"{node.address}/find?where=livre")
    expect(page.get_by_text("Understood livre as liver")).to_be_visible()
    assert total(page) > 0
    look(page, f"typo-{size}")
