"""Runs in a real browser, of a node that really computes: begun, watched, read, found by."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
from playwright.sync_api import expect

import run_world as world
from bigpicture.analysis import registry
from bigpicture.analysis.card_shown import card_markdown
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.model.card import Card, Claim
from bigpicture.model.grant import GrantUse
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from browser.conftest import PORTAL, Visit
from browser.test_phone import OVERFLOWING
from published import CONTROLLED, add_person, make_stores, served

pytestmark = pytest.mark.browser

SLIDES = 6
FAILING = (2, 5)
WHITE = np.full((64, 128, 3), 255, np.uint8)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A node over six slides, at two of which the algorithm fails; and who may compute on them."""
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `python web/build.py`")
    stores = make_stores(tmp_path_factory.mktemp("runs") / "data")
    world.add_datasets(stores)
    for number in range(SLIDES):
        pixels = WHITE if number in FAILING else None
        world.add_slide(stores, CONTROLLED, number, pixels=pixels)
    rita, token = add_person(stores, "rita", "researcher")
    world.add_grant(stores, rita, CONTROLLED, uses=list(GrantUse))
    executor = PoolExecutor(stores, jobs=2)
    cohorts = RunCohorts(stores, executor, owner="0", task=world.compute)
    cohorts.start()
    patch = pytest.MonkeyPatch()
    patch.setattr(registry, "plugged", lambda: tuple(map(world.find, world.NAMES)))
    with served(build(Node.open(stores, start_work=lambda _: None))) as host:
        yield f"http://{host}", stores, token
    patch.undo()
    cohorts.stop()
    executor.close()
    stores.records.close()


@pytest.fixture
def visit(browser, here):
    """Rita's page, of the usual width."""
    yield from visiting(browser, here, here[2])


@pytest.fixture
def phone(browser, here):
    """The same in the hand."""
    yield from visiting(browser, here, here[2], width=390, height=844)


def visiting(browser, here, token, *, width=1280, height=900):
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": "bigpicture_session", "value": token, "url": here[0]}])
    visit = Visit(context.new_page(), here[0])
    yield visit
    context.close()
    assert visit.complaints == []
    assert visit.foreign == []


@pytest.fixture(scope="module")
def run(browser, here):
    """The address of a run that is over."""
    pages = visiting(browser, here, here[2])
    visit = next(pages)
    begin(visit)
    expect(visit.page.get_by_text(f"{SLIDES} of {SLIDES} slides are over")).to_be_visible(
        timeout=60_000
    )
    yield visit.page.url.removeprefix(here[0])
    next(pages, None)


def begin(visit, above="120"):
    """From the dataset's page to a run that has begun."""
    page = visit.page
    visit.go(f"/datasets/{CONTROLLED}")
    page.get_by_role("link", name="Run an algorithm").click()
    page.get_by_role("radio", name="Mean red").check()
    page.get_by_label("Above").fill(above)
    foreseen = page.get_by_role("complementary", name="What it will do")
    expect(foreseen.get_by_text(f"{SLIDES} slides")).to_be_visible()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_role("heading", level=1, name="Mean red")).to_be_visible()


def test_who_has_no_run_is_told_how_to_begin(browser, here):
    _, token = add_person(here[1], "newt", "researcher")
    pages = visiting(browser, here, token)
    visit = next(pages)
    visit.go("/runs")
    page = visit.page
    expect(page.get_by_role("heading", name="From a question")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Run an algorithm").last.click()
    expect(page.get_by_text("Choose the slides first.")).to_be_visible()
    expect(page.get_by_role("button", name="Start the run")).to_be_disabled()
    next(pages, None)


def test_a_run_says_why_slides_failed_and_shows_what_it_gave(visit, run):
    page = visit.page
    visit.go(run)
    bar = page.get_by_role("progressbar", name="Slides that are over")
    expect(bar).to_have_attribute("aria-valuetext", "6 of 6: 4 computed, 2 failed")
    why = page.get_by_role("region", name="Why slides were not computed")
    expect(why.get_by_role("listitem")).to_contain_text("It crashed")
    why.get_by_role("button", name="See 2 slides").click()
    slides = page.get_by_role("region", name="Slides")
    links = slides.get_by_role("row").get_by_role("link")
    expect(links).to_have_text([world.image_at(CONTROLLED, number) for number in FAILING])
    more = slides.get_by_role("button", name="More of").first
    more.focus()
    page.keyboard.press("Enter")
    expect(slides.locator("pre")).to_contain_text("ValueError")
    assert "secret-name" not in page.content()
    page.reload()  # the filter is in the address
    expect(links).to_have_count(2)
    slides.get_by_role("button", name="All 6").click()
    expect(links).to_have_count(SLIDES)
    slides.get_by_role("button", name="Computed 4").click()
    expect(links).to_have_count(4)
    slides.get_by_role("button", name="More of").first.click()
    expect(slides.get_by_text("Mean red", exact=True)).to_be_visible()
    with page.expect_download() as download:
        slides.get_by_role("link", name="Red", exact=True).click()
    assert download.value.path().read_bytes()[128:132] == b"DICM"
    links.first.click()
    panel = page.get_by_role("complementary", name="Results")
    expect(panel.get_by_role("switch", name="Red")).to_be_checked()
    expect(panel.get_by_role("list", name="Legend")).to_contain_text("red")


def test_what_is_known_is_told_before_a_run_begins_again(visit, run):
    page = visit.page
    visit.go(run)
    page.get_by_role("link", name="Run again").click()
    foreseen = page.get_by_role("complementary", name="What it will do")
    expect(page.get_by_label("Above")).to_have_value("120")
    items = foreseen.get_by_role("listitem")
    expect(items).to_have_text(
        [
            "0 will be computed",
            "4 are known: computed before, from the same of everything",
            "2 will end as before: the algorithm failed on them",
        ]
    )
    page.get_by_label("Above").fill("121")
    expect(items).to_have_text(["6 will be computed"])
    page.get_by_label("Above").fill("12.5")
    expect(page.get_by_text("This is no whole number.")).to_be_visible()
    expect(page.get_by_role("button", name="Start the run")).to_be_disabled()
    page.get_by_role("button", name="Model card of Mean red").click()
    card = page.get_by_role("dialog", name="Mean red")
    expect(card).to_contain_text("not evaluated")
    expect(card).to_contain_text("MIT")


def test_a_model_card_is_read_with_its_table(visit):
    """The card as our own writer writes it, with what Markdown would take for something else."""
    text = card_markdown(Card("Mean red", (("a_b", "c|d"),), "", (Claim("Dice of *tissue*", ()),)))
    page = visit.page

    def with_card(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "card": text})

    page.route("**/api/v1/algorithms/test.mean/versions/*", with_card)
    visit.go(f"/runs/new?dataset={CONTROLLED}")
    page.get_by_role("button", name="Model card of Mean red").click()
    card = page.get_by_role("dialog", name="Mean red")
    expect(card.get_by_role("columnheader")).to_have_text(
        ["Question", "Figure"]
    )  # others are empty
    cells = card.get_by_role("table").get_by_role("cell")
    expect(cells).to_have_text(["Dice of *tissue*", "not evaluated"])
    expect(card).to_contain_text("a_b: c|d")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_a_frozen_cohort_is_run_as_it_is(visit, run, here):
    page = visit.page
    headers = {"Authorization": f"Bearer {here[2]}"}
    with httpx.Client(base_url=here[0], headers=headers) as http:
        body = {"name": "Reds", "where": f"dataset:{CONTROLLED}"}
        cohort = http.post("/api/v1/cohorts", json=body).raise_for_status().json()["id"]
        http.post(f"/api/v1/cohorts/{cohort}/versions").raise_for_status()
    visit.go(f"/cohorts/{cohort}")
    page.get_by_role("link", name="Run an algorithm on version 1").click()
    expect(page.get_by_text("Cohort, version 1")).to_be_visible()
    page.get_by_role("radio", name="Mean red").check()
    page.get_by_label("Above").fill("120")
    expect(page.get_by_text("are known: computed before")).to_be_visible()
    page.get_by_role("button", name="Start the run").click()
    bar = page.get_by_role("progressbar", name="Slides that are over")
    expect(bar).to_have_attribute("aria-valuetext", "6 of 6: 4 known, 2 failed")
    expect(page.get_by_role("link", name="Reds, version 1")).to_be_visible()


def test_a_run_is_cancelled(visit, here):
    page = visit.page
    visit.go(f"/runs/new?dataset={CONTROLLED}&algorithm=test.mean")
    page.get_by_label("Seconds").fill("5")
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("button", name="Cancel …").click()
    page.get_by_role("button", name="Stop it, keep what is done").click()
    expect(page.get_by_role("main").get_by_text("Cancelled").first).to_be_visible()
    expect(page.get_by_role("link", name="Run the other")).to_be_visible()
    visit.go("/runs")
    expect(page.get_by_role("row").filter(has_text="Cancelled")).to_have_count(1)


def test_slides_are_found_by_what_a_run_gave(visit, run):
    page = visit.page
    visit.go(run)
    page.get_by_role("region", name="Find by this result").get_by_role("link").click()
    facets = page.get_by_role("complementary", name="Facets")
    expect(facets.get_by_role("heading", name="Computed by test.mean")).to_be_visible()
    expect(facets.get_by_role("button", name="Mean red")).to_have_attribute("aria-expanded", "true")
    totals = page.locator(".totals strong")
    expect(totals).to_have_text("6 images")
    facet = facets.locator("[id='facet-companion.test.mean.mean_red']")
    facet.get_by_role("button", name="124").click()
    page.wait_for_url("**where=*companion*")
    chips = page.get_by_role("list", name="What is asked for")
    expect(chips).to_contain_text("Mean red")
    expect(totals).to_have_text("1 image")


def test_the_report_on_the_dataset_draws_what_was_computed(visit, run):
    page = visit.page
    visit.go(f"/datasets/{CONTROLLED}")
    page.get_by_role("link", name="Quality report").click()
    expect(page.get_by_role("heading", level=1, name="Quality report")).to_be_visible()
    plot = page.get_by_role("img", name="Mean red: 4 images from 110 to 124")
    expect(plot).to_be_visible()
    assert plot.locator("rect").count() == 24
    heights = [float(one.get_attribute("height")) for one in plot.locator("rect").all()]
    assert sum(height > 0 for height in heights) == 4
    expect(page.get_by_text("2 images not evaluated")).to_be_visible()
    site = page.get_by_role("region", name="Site", exact=True)
    expect(site).to_contain_text("Not stated")
    expect(page.get_by_role("link", name="Compute them")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="HTML with plots").click()
    assert "<svg" in download.value.path().read_text("utf-8")


def test_on_a_phone_nothing_lies_beyond_the_edge(phone, run):
    page = phone.page
    for path, told in (
        ("/runs", "Mean red"),
        (run, "It crashed"),
        ("/runs/new?algorithm=test.mean", "What it will do"),
        (f"/datasets/{CONTROLLED}/report", "Mean red"),
    ):
        phone.go(path)
        expect(page.get_by_text(told).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate(OVERFLOWING) == [], path
