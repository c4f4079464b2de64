"""What contributors and stewards do in the portal."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue
from places import REPOSITORY

pytestmark = pytest.mark.browser

LIVE, BAD = "bb-submission-live22-aaaaaa", "bb-submission-bad222-bbbbbb"


def test_a_submission_moves_while_one_watches(visit, world):
    visit.sign_in("contributor")
    visit.go(f"/submissions/{LIVE}")
    expect(visit.page.get_by_text("Updates live")).to_be_visible()
    expect(visit.page.locator("[aria-current=step]")).to_contain_text("Convert")
    world.move(LIVE, state="publishing", progress=None)
    expect(visit.page.locator("[aria-current=step]")).to_contain_text("Publish")
    world.move(
        LIVE, state="published", dataset=f"/api/v1/datasets/{catalogue.DATASETS[0]['accession']}"
    )
    link = visit.page.get_by_role("link", name="See the dataset")
    expect(link).to_have_attribute("href", f"/datasets/{catalogue.DATASETS[0]['accession']}")


def test_without_a_stream_it_is_asked_for(visit, world):
    world.streams_fail = True
    visit.sign_in("contributor")
    visit.go(f"/submissions/{LIVE}")
    expect(visit.page.get_by_text("Updates every few seconds")).to_be_visible()
    world.move(LIVE, state="accepting", progress=None)
    expect(visit.page.locator("[aria-current=step]")).to_contain_text("Accept", timeout=10_000)


def test_a_finding_names_place_rule_and_remedy(visit):
    visit.sign_in("contributor")
    visit.go(f"/submissions/{BAD}")
    findings = visit.page.get_by_role("region", name="What to mend")
    expect(findings).to_contain_text("which no file describes")
    expect(findings).to_contain_text("METADATA/image.xml:114")
    expect(findings).to_contain_text("Constraint 2")
    expect(findings).to_contain_text("Add the specimen to METADATA/sample.xml")
    expect(visit.page.get_by_role("row", name="METADATA/sample.xml")).to_contain_text(
        "Needs mending"
    )


def test_submissions_ask_a_visitor_to_sign_in_and_bring_them_back(visit):
    visit.go("/submissions")
    visit.page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    visit.page.get_by_label("Name").fill("contributor")
    visit.page.get_by_label("Password").fill("wrong")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("Name or password is wrong.")
    visit.page.get_by_label("Password").fill("demo")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.get_by_role("link", name="Kidney biopsies")).to_be_visible()


def test_signing_in_leads_nowhere_else(visit):
    visit.go("/sign-in?next=//evil.example/")
    visit.page.get_by_label("Name").fill("researcher")
    visit.page.get_by_label("Password").fill("demo")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.get_by_role("button", name="Ada Lindqvist")).to_be_visible()
    assert visit.page.url == visit.address + "/"


def test_a_token_is_shown_once_and_taken_back(visit):
    visit.sign_in("contributor")
    visit.go("/account")
    visit.page.get_by_label("What is it for?").fill("Laptop")
    visit.page.get_by_role("button", name="Make a token").click()
    expect(visit.page.get_by_text("it is shown only once")).to_be_visible()
    visit.page.get_by_role("button", name="Take back").click()
    expect(visit.page.get_by_role("row", name="Laptop")).to_have_count(0)


def test_a_steward_records_and_revokes_a_grant(visit, world):
    visit.sign_in("steward")
    visit.page.get_by_role("button", name="Govern").click()
    visit.page.get_by_role("link", name="Access", exact=True).click()
    visit.page.get_by_label("Person").select_option("p-res")
    visit.page.get_by_label("Dataset", exact=True).select_option(catalogue.DATASETS[1]["accession"])
    visit.page.get_by_label("Last day").fill("2031-05-30")
    visit.page.get_by_label("Reason").fill("Decision 7 of 2026")
    visit.page.get_by_role("button", name="Record the grant").click()
    row = visit.page.get_by_role("row", name="Ada Lindqvist 28-day")
    expect(row).to_contain_text("Decision 7 of 2026")
    expect(row).to_contain_text("30 May 2031")
    # The end is exclusive: the last day is over when the next begins.
    assert world.grants[0]["end"] == "2031-05-31T00:00:00.000Z"
    row.get_by_role("button", name="Revoke").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Left the project")
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")


def test_a_double_click_records_one_grant(visit, world):
    visit.sign_in("steward")
    visit.go("/steward")
    visit.page.get_by_label("Person").select_option("p-res")
    visit.page.get_by_label("Dataset", exact=True).select_option(catalogue.DATASETS[1]["accession"])
    visit.page.get_by_label("Reason").fill("Decision 7 of 2026")
    button = visit.page.get_by_role("button", name="Record the grant")
    button.dblclick()
    expect(visit.page.get_by_role("row", name="Ada Lindqvist 28-day")).to_be_visible()
    assert len(world.grants) == 1
    visit.page.get_by_label("Reason").fill("Decision 8 of 2026")
    button.click()
    expect(visit.page.get_by_text("Revoke it first.")).to_be_visible()
    assert len(world.grants) == 1


def test_who_may_not_submit_hears_what_to_ask_for(visit, world):
    world.submissions.clear()
    visit.sign_in("researcher")
    visit.go("/submissions")
    asked = visit.page.get_by_role("region", name="you need the role Contributor")
    expect(asked).to_contain_text("Ask a steward of this node for the role Contributor")
    expect(asked).to_contain_text("You have the role Researcher")
    expect(visit.page.get_by_text("pip install")).to_have_count(0)


def test_how_to_submit_reads_as_in_the_readme(visit):
    command = "pip install 'bigpicture[slides]'"
    assert command in (REPOSITORY / "README.md").read_text("utf-8")
    visit.sign_in("contributor")
    visit.go("/submissions")
    expect(visit.page.get_by_role("group", name="Install")).to_contain_text(command)


def test_the_steward_page_is_shut_to_others(visit):
    visit.sign_in("researcher")
    visit.go("/steward")
    expect(visit.page.get_by_role("alert")).to_contain_text("kept by the node's stewards")
