"""The record of acts, as stewards and auditors read it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue

pytestmark = pytest.mark.browser


def rows(visit):
    return visit.page.locator("tbody tr")


def test_an_auditor_reads_who_did_what_when_to_what(visit):
    visit.sign_in("auditor")
    visit.page.get_by_role("link", name="Events", exact=True).click()
    expect(rows(visit)).to_have_count(50)
    newest = rows(visit).first
    expect(newest).to_contain_text("23 Nov 2026, 10:00:00 UTC")
    expect(newest).to_contain_text("Noor Haddad")
    expect(newest).to_contain_text("grant:record")
    expect(newest).to_contain_text("Ada Lindqvist")  # in the details, by name
    expect(newest).to_contain_text("24 Nov 2027, 00:00:00 UTC")
    expect(newest.get_by_role("link")).to_have_count(0)  # the grants are the stewards' page
    published = rows(visit).nth(1)
    expect(published).to_contain_text("The node")
    accession = catalogue.DATASETS[0]["accession"]
    expect(published.get_by_role("link", name=accession)).to_have_attribute(
        "href", f"/datasets/{accession}"
    )


def test_a_steward_goes_on_to_grants_and_submissions(visit):
    visit.sign_in("steward")
    visit.go("/events")
    expect(rows(visit).first.get_by_role("link")).to_have_attribute("href", "/steward")
    expect(rows(visit).nth(2).get_by_role("link")).to_have_attribute(
        "href", "/submissions/bb-submission-live22-aaaaaa"
    )


def test_older_ones_come_on_demand(visit):
    visit.sign_in("auditor")
    visit.go("/events")
    expect(visit.page.get_by_text("50 events loaded; there are older ones")).to_be_visible()
    older = visit.page.get_by_role("button", name="Older")
    older.click()
    expect(rows(visit)).to_have_count(100)
    older.click()
    expect(rows(visit)).to_have_count(120)
    expect(rows(visit).last).to_contain_text("08:01:00")
    expect(older).to_have_count(0)


def test_the_action_narrows_what_is_loaded(visit):
    visit.sign_in("auditor")
    visit.go("/events")
    visit.page.get_by_label("Action").fill("Grant:")
    expect(rows(visit)).to_have_count(1)
    expect(visit.page.get_by_text("1 of 50 events")).to_be_visible()
    visit.page.get_by_label("Action").fill("dataset:withdraw")
    expect(visit.page.get_by_text("None of them has an action like this.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Older")).to_be_visible()


def test_a_node_on_which_nothing_happened_says_so(visit, world):
    world.events.clear()
    visit.sign_in("auditor")
    visit.go("/events")
    expect(visit.page.get_by_text("Nothing has happened on this node yet.")).to_be_visible()


def test_the_record_is_shut_to_others(visit):
    visit.sign_in("researcher")
    expect(visit.page.get_by_role("link", name="Events", exact=True)).to_have_count(0)
    visit.go("/events")
    expect(visit.page.get_by_role("alert")).to_contain_text("stewards and auditors")
