"""What one may open, until when, and what one owes for it; who uses a dataset; the register."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_access_data as data
from browser.test_phone import OVERFLOWING

pytestmark = pytest.mark.browser


@pytest.fixture
def filled(visit, world):
    world.desk.fill()
    world.grants[:] = data.grants()
    return visit


def test_an_empty_page_leads_to_find(visit):
    visit.sign_in("researcher")
    visit.page.get_by_role("link", name="My access").click()
    expect(visit.page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    visit.page.locator("main").get_by_role("link", name="Find data").click()
    visit.page.wait_for_url("**/find")


def test_grants_tell_state_days_uses_and_what_to_do(filled):
    filled.sign_in("researcher")
    filled.go("/access")
    cards = filled.page.get_by_role("region", name="Grants").locator("li.panel")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("40 days left")
    expect(cards.nth(0)).to_contain_text("Download: not allowed")
    expect(cards.nth(1)).to_contain_text("A duty is overdue")
    filled.page.get_by_text("Ended (1)").click()
    expect(filled.page.locator("details:not(.guide) li")).to_have_count(1)


def test_a_duty_that_is_done_opens_what_it_held(filled, world):
    filled.sign_in("researcher")
    filled.go("/access")
    row = filled.page.get_by_role("row", name="Report once a year")
    expect(row).to_contain_text("3 days late")
    row.get_by_role("button", name="Done").click()
    dialog = filled.page.get_by_role("dialog")
    done = dialog.get_by_role("button", name="It is done")
    expect(done).to_be_disabled()  # how it was done is said
    dialog.get_by_label("How it was done").fill("https://doi.org/10.5072/invented")
    done.click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("Done")
    expect(filled.page.get_by_text("A duty is overdue")).to_have_count(0)
    assert world.desk.duties[1]["evidence"] == "https://doi.org/10.5072/invented"


def test_the_bell_counts_and_leads(filled, world):
    filled.sign_in("researcher")
    bell = filled.page.get_by_role("button", name="Notices, 1 unread")
    bell.click()
    notices = filled.page.get_by_role("region", name="Notices")
    notices.get_by_role("link", name="A committee asks you something").click()
    filled.page.wait_for_url("**/applications/a-review")
    expect(filled.page.get_by_role("button", name="Notices", exact=True)).to_be_visible()
    assert all(one["is_read"] for one in world.desk.notices)


def test_a_contributor_sees_who_uses_their_data_and_others_see_nothing(filled):
    filled.sign_in("contributor")
    filled.go(f"/datasets/{data.SHUT['accession']}")
    region = filled.page.get_by_role("region", name="Who uses this data")
    expect(region.get_by_role("row", name="Ada Lindqvist")).to_contain_text("212")
    filled.sign_in("researcher")
    filled.go(f"/datasets/{data.SHUT['accession']}")
    expect(filled.page.get_by_role("region", name="Would my use be allowed?")).to_be_visible()
    expect(region).to_have_count(0)


def test_everybody_searches_the_register(filled):
    filled.go("/")
    filled.page.get_by_role("link", name="Approved uses").click()
    uses = filled.page.locator("main li.panel")
    expect(uses).to_have_count(2)
    filled.page.get_by_label("Search").fill("invented KIDNEY")
    expect(uses).to_have_count(1)
    expect(uses).to_contain_text("Ended early")
    filled.page.get_by_label("Search").fill("nothing like it")
    expect(filled.page.get_by_text("None of them has these words.")).to_be_visible()


def test_a_register_without_uses_says_so(visit):
    visit.go("/register")
    expect(visit.page.get_by_text("No use has been approved yet.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("researcher", "/access"),
        ("contributor", f"/datasets/{data.SHUT['accession']}"),
        ("researcher", "/register"),
    ],
)
def test_nothing_lies_beyond_the_edge(filled, width, name, path):
    filled.page.set_viewport_size({"width": width, "height": 900})
    filled.sign_in(name)
    filled.go(path)
    expect(filled.page.locator("main h2").first).to_be_visible()
    assert filled.page.evaluate(OVERFLOWING) == []
