"""The policy of a dataset, and whether one's use would be allowed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue
from browser.test_phone import OVERFLOWING

pytestmark = pytest.mark.browser

OPEN, SHUT = catalogue.DATASETS[0], catalogue.DATASETS[1]


def region(visit):
    visit.go(f"/datasets/{SHUT['accession']}")
    found = visit.page.get_by_role("region", name="Would my use be allowed?")
    found.get_by_text("Describe a use").click()
    expect(found.get_by_role("button", name="Check my use")).to_be_visible()
    return found


def fill(form):
    form.get_by_label("Health or biomedical research").check()
    form.get_by_label("Country of your organisation").select_option("DE")
    form.get_by_label("Your organisation is").select_option("Not for profit")
    form.get_by_label("Is the use commercial?").select_option("No")
    form.get_by_label("Does anyone outside it get the data?").select_option("No")
    form.get_by_label("Has an ethics committee approved it?").select_option("Yes")
    form.get_by_label("For how many months?").fill("12")
    form.get_by_label("Research question").fill("Which?")


def test_the_policy_is_told_for_both_who_use_and_who_gave(visit):
    visit.go(f"/datasets/{SHUT['accession']}")
    terms = visit.page.get_by_role("region", name="Terms of use")
    expect(terms).to_contain_text("You may do health and biomedical research.")
    expect(terms).to_contain_text("Your use ends after 24 months at the latest.")
    terms.get_by_text("What this means for those who contributed").click()
    expect(terms).to_contain_text("Companies may not use your data")


def test_a_use_that_fits_leaves_only_what_people_judge(visit):
    form = region(visit)
    fill(form)
    form.get_by_role("button", name="Check my use").click()
    answer = form.get_by_role("status", name="Answer")
    expect(answer).to_be_focused()
    expect(answer.get_by_role("heading", name="People have to judge this")).to_be_visible()
    expect(answer).to_contain_text("No attempt may be made to uncover the sponsor.")
    expect(answer).to_contain_text("12 months are within the 24 allowed.")
    expect(answer).to_contain_text("Publish your results and tell us where.")
    expect(answer).not_to_contain_text("Not allowed")


def test_a_use_that_does_not_fit_is_told_by_its_clause(visit):
    form = region(visit)
    fill(form)
    form.get_by_label("Ancestry").check()
    form.get_by_label("Country of your organisation").select_option("US")
    form.get_by_role("button", name="Check my use").press("Enter")
    answer = form.get_by_role("status", name="Answer")
    expect(answer.get_by_role("heading", name="The policy does not allow this")).to_be_visible()
    expect(answer).to_contain_text("Ancestry: only health and biomedical research is allowed.")
    expect(answer).to_contain_text("Only in CH, EEA; not in US.")
    form.get_by_label("Ancestry").uncheck()
    expect(answer).to_contain_text("The answer comes here")  # it was of another use


def test_a_form_that_is_empty_is_for_people_never_allowed(visit):
    form = region(visit)
    form.get_by_role("button", name="Check my use").click()
    expect(form.get_by_role("heading", name="People have to judge this")).to_be_visible()
    expect(form).to_contain_text("The purpose does not say what kind it is.")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_lies_beyond_the_edge(visit, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    form = region(visit)
    fill(form)
    form.get_by_role("button", name="Check my use").click()
    expect(form.get_by_role("heading", name="People have to judge this")).to_be_visible()
    assert visit.page.evaluate(OVERFLOWING) == []


def test_an_open_dataset_asks_for_little_and_allows(visit):
    visit.go(f"/datasets/{OPEN['accession']}")
    form = visit.page.get_by_role("region", name="Would my use be allowed?")
    expect(form.get_by_role("button", name="Check my use")).to_be_hidden()  # until it is asked for
    form.get_by_text("Describe a use").click()
    form.get_by_label("Methods, software or AI").check()
    form.get_by_label("Is the use commercial?").select_option("No")
    form.get_by_label("Does anyone outside it get the data?").select_option("No")
    expect(form.get_by_label("Research question")).to_have_count(0)
    form.get_by_role("button", name="Check my use").click()
    expect(form.get_by_role("heading", name="The policy allows this")).to_be_visible()
