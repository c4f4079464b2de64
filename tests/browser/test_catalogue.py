"""Finding a dataset, and what its page says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue

pytestmark = pytest.mark.browser

OPEN, SHUT = catalogue.DATASETS[0], catalogue.DATASETS[1]


def test_a_facet_narrows_and_its_chip_widens_again(visit):
    visit.go("/")
    results = visit.page.get_by_role("region", name="Datasets")
    expect(results.get_by_role("article")).to_have_count(4)
    visit.page.get_by_role("button", name="Rattus norvegicus 1").click()
    expect(results.get_by_role("article")).to_have_count(1)
    assert "species=Rattus" in visit.page.url
    visit.page.get_by_role("button", name="Remove filter Species").click()
    expect(results.get_by_role("article")).to_have_count(4)
    visit.page.go_back()
    expect(results.get_by_role("article")).to_have_count(1)


def test_the_address_alone_restores_a_search(visit):
    visit.go("/?q=receptors&stain=ER")
    expect(visit.page.get_by_role("searchbox")).to_have_value("receptors")
    expect(visit.page.get_by_role("article")).to_have_count(1)
    expect(visit.page.get_by_role("heading", name="Hormone receptors")).to_be_visible()


def test_nothing_found_says_what_to_do(visit):
    visit.go("/")
    visit.page.get_by_role("searchbox").fill("zebra")
    expect(visit.page.get_by_text("Nothing matches all of these")).to_be_visible()
    visit.page.get_by_role("button", name="Clear the search").click()
    expect(visit.page.get_by_role("article")).to_have_count(4)


def test_a_shut_dataset_says_why_and_how_to_apply(visit):
    visit.go(f"/datasets/{SHUT['accession']}")
    expect(visit.page.get_by_text("240 images lie behind a grant")).to_be_visible()
    panel = visit.page.get_by_role("region", name="The images open after you sign in")
    expect(panel.get_by_role("link", name="How to apply")).to_have_attribute(
        "href", "mailto:access@node.example"
    )
    expect(panel.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_grant_opens_it(visit, world):
    world.grants.append(
        {"id": "g", "person": "p-res", "dataset": SHUT["accession"], "end": "", "revoked": None}
    )
    visit.sign_in("researcher")
    visit.go(f"/datasets/{SHUT['accession']}")
    expect(
        visit.page.get_by_role("heading", name="You have a grant for this dataset")
    ).to_be_visible()
    expect(visit.page.locator("a[href^='/images/']")).to_have_count(3)


def test_the_gallery_filters_by_stain(visit):
    visit.go(f"/datasets/{OPEN['accession']}")
    expect(visit.page.locator("a[href^='/images/']")).to_have_count(9)
    visit.page.get_by_label("Stain").select_option("Ki-67")
    expect(visit.page.locator("a[href^='/images/']")).to_have_count(2)
    assert "stain=Ki-67" in visit.page.url


def test_an_unknown_page_and_an_unknown_dataset_say_so(visit):
    visit.go("/no/such/page")
    expect(visit.page.get_by_role("heading", name="An empty field of view")).to_be_visible()
    visit.go("/datasets/bb-dataset-zzzzzz-zzzzzz")
    expect(visit.page.get_by_role("alert")).to_contain_text(
        "No dataset is known under this accession."
    )


def test_the_theme_chosen_stays(visit):
    visit.go("/")
    visit.page.get_by_role("button", name="Switch to the dark theme").click()
    body = visit.page.locator("body")
    expect(body).to_have_css("background-color", "rgb(18, 16, 22)")
    visit.page.reload()
    expect(body).to_have_css("background-color", "rgb(18, 16, 22)")


@pytest.mark.parametrize(
    "path", ["/", f"/datasets/{OPEN['accession']}", "/submissions", "/about", "/sign-in"]
)
def test_nothing_is_wider_than_a_phone(visit, path):
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_recorded_beside_the_images_is_told_and_narrows_them(visit):
    visit.go(f"/datasets/{OPEN['accession']}")
    table = visit.page.get_by_role("region", name="Also recorded")
    expect(table.get_by_text("Histologic grade of neoplasm (SNOMED CT 371469007)")).to_be_visible()
    expect(table.get_by_text("consensus")).to_be_visible()
    visit.page.get_by_label("Histological grade").select_option("3")
    visit.page.wait_for_url("**companion.grade=3**")
    chip = visit.page.get_by_role("button", name="Remove filter Histological grade")
    expect(chip).to_contain_text("Poorly differentiated")
    chip.click()
    visit.page.wait_for_url(lambda url: "companion" not in url)
