"""Choosing the terms of use step by step, and the guidelines beside the steps."""

from __future__ import annotations

import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from bigpicture.preparation.policy_preview import preview_policy
from bigpicture.preparation.read import read_tables
from bigpicture.preparation.understand import understand
from browser.mock_policy import TODAY
from browser.test_phone import OVERFLOWING
from browser.test_prepare import as_csv, begin, rows

pytestmark = pytest.mark.browser

STEPS = ["Data", "Access", "Uses", "Limits", "In return", "Responsibility"]


def wizard(visit):
    page = begin(visit, as_csv(rows(2)))
    page.get_by_role("tab", name="Terms of use").click()
    expect(page.get_by_role("heading", name="What data are these")).to_be_visible()
    return page


def step(page, name):
    steps = page.get_by_role("navigation", name="Steps of the terms of use")
    steps.get_by_role("button", name=name).click()


def meaning(page):
    return page.get_by_role("complementary", name="What this means")


def answer(page, name):
    return meaning(page).locator(f"[data-example={name}]")


def say_the_data(page):
    page.get_by_label("Type of dataset").select_option("Clinical/Pseudonymized")
    page.get_by_label("Legal basis").fill("Informed Consent Form")
    expect(meaning(page)).to_contain_text("these stay data of persons")


def test_consequences_are_told_as_one_chooses(visit, world):
    page = wizard(visit)
    expect(meaning(page)).to_contain_text("Choose the type of dataset")
    say_the_data(page)
    step(page, "Uses")
    page.get_by_label("Research Use").check()
    page.get_by_label("Only health and biomedical research").check()
    expect(meaning(page)).to_contain_text(
        "Your data may be used for health and biomedical research"
    )
    expect(answer(page, "ancestry")).to_contain_text("refused")
    expect(answer(page, "university-breast-cancer")).to_contain_text(
        "People judge", ignore_case=True
    )
    step(page, "Limits")
    page.get_by_label("Where it may be used").select_option("Worldwide")
    page.get_by_label("How long it may be used").select_option("Unlimited time")
    expect(answer(page, "university-breast-cancer")).to_contain_text("allowed")
    page.get_by_label("No commercial use NCU").check()
    expect(answer(page, "company-product")).to_contain_text("refused")
    expect(answer(page, "company-product")).to_contain_text("No commercial use (NCU)")
    page.get_by_label("Only in named countries").check()
    page.get_by_label("GS: countries as two letters").fill("EEA | CH")
    expect(answer(page, "university-japan")).to_contain_text("refused")
    expect(answer(page, "university-breast-cancer")).to_contain_text("allowed")
    # nothing but terms of use is told to the node
    names = {name for each in world.previewed for name in each["fields"]}
    assert names <= {
        *("type_of_dataset", "legal_basis", "allowed_uses", "geography", "duration_of_use"),
        "data_use",
    }


def test_what_cannot_be_is_refused_beside_its_field(visit):
    page = wizard(visit)
    say_the_data(page)
    step(page, "Access")
    page.get_by_label("Open or controlled").select_option("open")
    expect(page.locator("#about-access_tier")).to_contain_text("cannot be open to everyone")
    expect(meaning(page)).to_contain_text("No policy comes of this yet.")
    page.get_by_label("Open or controlled").select_option("")
    page.get_by_label("Access rests on").select_option("ehds-permit")
    expect(page.locator("#about-permit_number")).to_contain_text("whose number is missing")
    page.get_by_label("Permit number").fill("HDAB-7")
    expect(meaning(page)).to_contain_text("Programs come to your data")
    expect(meaning(page)).to_contain_text("a permit of a health data access body (HDAB-7)")


def test_what_a_code_lacks_is_said(visit):
    page = wizard(visit)
    say_the_data(page)
    step(page, "Limits")
    page.get_by_label("For a number of months").check()
    expect(page.get_by_text("TS does not say which").first).to_be_visible()
    page.get_by_label("TS: one number of months").fill("24")
    expect(meaning(page)).to_contain_text("ends after 24 months at the latest")


def test_the_keyboard_alone_leads_through_all_steps(visit):
    page = wizard(visit)
    for name in STEPS[1:]:
        page.get_by_role("button", name=f"Next: {name}").press("Enter")
        expect(page.locator("#step-title")).to_be_focused()
    page.get_by_role("button", name="Done with the terms").press("Enter")
    expect(page.get_by_role("tab", name="Finish")).to_have_attribute("aria-selected", "true")


def test_what_is_chosen_is_there_again_and_is_taken_along(visit, tmp_path):
    page = wizard(visit)
    say_the_data(page)
    step(page, "Uses")
    page.get_by_label("Only research on named diseases").check()
    page.get_by_label("DS: codes of diseases").fill("MONDO:0008903 | MONDO:0007254")
    step(page, "In return")
    page.get_by_label("Results are published").check()
    step(page, "Responsibility")
    page.get_by_label("Controllers").fill("Hospital A; Hospital B")
    page.get_by_role("tab", name="Slides").click()
    page.get_by_role("tab", name="Terms of use").click()
    step(page, "Uses")
    expect(page.get_by_label("Only research on named diseases")).to_be_checked()
    expect(page.get_by_label("DS: codes of diseases")).to_have_value(
        "MONDO:0007254 | MONDO:0008903"
    )
    step(page, "In return")
    expect(page.get_by_label("Results are published")).to_be_checked()
    page.get_by_role("tab", name="Finish").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (Excel)").click()
    place = tmp_path / "table.xlsx"
    download.value.save_as(place)
    assert load_workbook(place).sheetnames == ["slides", "dataset"]
    said = understand(read_tables(place)).plan.dataset
    fields = {name: "; ".join(values) for name, values in said.items()}
    policy = preview_policy(fields, today=TODAY).policy
    told = {each.known.shorthand: each.values for each in policy.terms}
    assert told == {"DS": ("MONDO:0007254", "MONDO:0008903"), "PUB": ()}
    assert policy.controllers == ("Hospital A", "Hospital B")


def test_the_guideline_stands_beside_the_step(visit):
    page = wizard(visit)
    note = page.get_by_text("Lawful basis: what law and standards say")
    note.click()
    item = page.get_by_role("listitem").filter(has_text="does not work alone")
    expect(item).to_contain_text("Law")
    expect(item).to_contain_text("GDPR, Art. 9(2)(j)")


def test_the_guidelines_have_pages(visit):
    visit.go("/guidelines")
    page = visit.page
    expect(page.get_by_role("heading", name="Guidelines", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Data access agreement")).to_have_attribute(
        "href", "/api/v1/guidelines/templates/agreement"
    )
    page.get_by_role("link", name="Incidents and breaches").click()
    expect(page.get_by_role("heading", name="For stewards")).to_be_visible()
    expect(page.locator("#incidents-and-breaches")).to_be_in_viewport()
    expect(page.get_by_text(re.compile("Not checked against the text")).first).to_be_visible()


def test_another_guideline_is_not_there(visit):
    visit.go("/guidelines/nobody")
    expect(visit.page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_lies_beyond_the_edge(visit, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    page = wizard(visit)
    say_the_data(page)
    for name in STEPS:
        step(page, name)
        expect(page.locator("#step-title")).to_be_visible()
        assert page.evaluate(OVERFLOWING) == []
    for path in ("/guidelines", "/guidelines/contributors"):
        visit.go(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(OVERFLOWING) == []
