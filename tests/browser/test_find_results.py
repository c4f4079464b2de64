"""What was found: views, keyboard, basket, and datasets side by side."""

from __future__ import annotations

import ast
import re

import pytest
from playwright.sync_api import expect

from bigpicture.model.field import FIELDS
from browser import mock_find
from browser.finding import (
    BREAST,
    COLON,
    OPENED,
    RAT,
    SKIN,
    box,
    expect_total,
    facet,
    total_of,
)

pytestmark = pytest.mark.browser


def test_more_images_come_until_a_clear_end(visit, world):
    visit.go("/find?where=organ%3AColon")
    number = total_of(world, "organ:Colon")
    assert number > 96
    cards = visit.page.get_by_role("article")
    expect(cards).to_have_count(48)
    for _ in range(12):
        visit.page.mouse.wheel(0, 6000)
        visit.page.wait_for_timeout(60)
    expect(cards).to_have_count(number)
    expect(visit.page.get_by_text(f"All {number} images: this is the end")).to_be_visible()
    names = [one.get_attribute("data-result") for one in visit.page.locator("[data-result]").all()]
    assert len(set(names)) == number
    # Counts are not asked for again with each page.
    assert world.asked[-1]["facets"] == []


def test_coming_back_from_an_image_one_finds_the_list_as_it_was(visit, world):
    visit.go("/find?where=organ%3AColon")
    cards = visit.page.get_by_role("article")
    expect(cards).to_have_count(48)
    visit.page.mouse.wheel(0, 6000)
    expect(cards).to_have_count(96)
    asked = len(world.asked)
    scrolled = visit.page.evaluate("scrollY")
    visit.page.evaluate("history.pushState(null, '', '/about')")
    visit.page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(cards).to_have_count(0)
    visit.page.go_back()
    expect(cards).to_have_count(96)
    visit.page.wait_for_function(f"Math.abs(scrollY - {scrolled}) < 4")
    assert len(world.asked) == asked


def test_charts_show_the_answer_and_tell_their_figures(visit, world):
    visit.go("/find?where=sex%3Afemale&view=charts")
    number = total_of(world, "sex:female")
    chart = visit.page.get_by_role("img", name=re.compile("^Sex:"))
    # The facet counts without its own condition; the chart shows what was found.
    expect(chart).to_have_attribute("aria-label", "Sex: Female 100%")
    figure = visit.page.get_by_role("figure").filter(has=chart)
    figure.get_by_text("Figures").click()
    expect(figure.get_by_role("row", name=f"Female {number} 100%")).to_be_visible()
    male = facet(visit, "Sex").get_by_role("button", name=re.compile("^Male"))
    expect(male).to_contain_text(str(total_of(world, "sex:male")))


def test_closed_datasets_are_a_quiet_strip(visit):
    visit.go("/find")
    strip = visit.page.get_by_role("button", name="2 more datasets you may apply for")
    strip.click()
    expect(visit.page.get_by_text("<5 beings")).to_be_visible()
    link = visit.page.get_by_role("link", name="Resection margins of basal cell carcinoma")
    expect(link).to_have_attribute("href", f"/datasets/{SKIN}")


def test_a_grant_opens_more(visit, world):
    end = {"end": "", "revoked": None}
    world.grants += [{"id": "g", "person": "p-res", "dataset": RAT, **end}]
    visit.sign_in("researcher")
    visit.page.get_by_role("link", name="Find", exact=True).click()
    expect_total(visit, total_of(world, "", OPENED | {RAT}))
    expect(visit.page.get_by_role("button", name="1 more dataset you may apply")).to_be_visible()


def test_pictures_are_only_those_that_the_node_gives(visit, world):
    visit.go("/find")
    first = visit.page.get_by_role("article").first
    assert world.corpus.images[0].card["thumbnail"] is None
    expect(first.locator("img")).to_have_count(0)
    expect(first.locator("svg").first).to_be_visible()


def test_everything_by_keyboard(visit, world):
    visit.go("/find")
    expect_total(visit, total_of(world, ""))
    press = visit.page.keyboard.press
    press("/")
    expect(box(visit)).to_be_focused()
    press("Escape")
    results = visit.page.locator("[data-result]")
    press("j")
    expect(results.nth(0)).to_be_focused()
    press("ArrowRight")
    expect(results.nth(1)).to_be_focused()
    press("x")
    press("j")
    press("x")
    press("x")
    press("k")
    press("k")
    press("x")
    expect(visit.page.get_by_role("button", name="Basket: 2 images")).to_be_visible()
    tops = visit.page.evaluate(
        "[...document.querySelectorAll('[data-result]')].map(x => x.getBoundingClientRect().top)"
    )
    wide = tops.count(tops[0])
    press("ArrowDown")
    expect(results.nth(wide)).to_be_focused()
    press("t")
    expect(visit.page.get_by_role("table")).to_be_visible()
    press("?")
    expect(visit.page.get_by_role("dialog", name="Keys")).to_be_visible()
    press("Escape")
    press("j")
    press("Enter")
    visit.page.wait_for_url("**/images/**")


@pytest.mark.parametrize("ending", ["Escape", "its button"])
@pytest.mark.parametrize(
    ("opener", "title"),
    [
        ("Use this question elsewhere", "Use this question elsewhere"),
        ("Save as cohort", "Save as a cohort"),
        ("Keys and how a question is written", "Keys"),
    ],
)
def test_a_dialog_holds_the_focus_and_gives_it_back(visit, world, opener, title, ending):
    """WAI-ARIA Authoring Practices, dialog (modal): keyboard interaction."""
    visit.sign_in("researcher")
    visit.go("/find?where=organ%3AColon")
    expect_total(visit, total_of(world, "organ:Colon"))
    button = visit.page.get_by_role("button", name=opener)
    button.focus()
    visit.page.keyboard.press("Enter")
    dialog = visit.page.get_by_role("dialog", name=title, exact=True)
    expect(dialog).to_be_visible()
    for _ in range(12):  # more than any of them has to tab through
        within = "document.querySelector('dialog').contains(document.activeElement)"
        outside = "document.activeElement === document.body"  # the window's own controls are next
        assert visit.page.evaluate(f"{within} || {outside}")
        visit.page.keyboard.press("Tab")
    if ending == "Escape":
        visit.page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_a_basket_stays_and_becomes_a_cohort(visit, world):
    visit.sign_in("researcher")
    visit.go("/find")
    for number in (0, 3):
        visit.page.locator("[data-result]").nth(number).focus()
        visit.page.keyboard.press("x")
    visit.page.reload()
    visit.page.get_by_role("button", name="Basket: 2 images").click()
    drawer = visit.page.get_by_role("complementary", name="Basket")
    drawer.get_by_role("button", name="Save as cohort").click()
    dialog = visit.page.get_by_role("dialog", name="Save as a cohort")
    dialog.get_by_label("Name").fill("Two of them")
    dialog.get_by_role("button", name="Save", exact=True).click()
    visit.page.wait_for_url("**/cohorts/c1")
    cards = [one.card for one in world.corpus.images]
    wanted = sorted(
        (one for one in cards if one["dataset"] in OPENED), key=mock_find.SORTS["dataset"]
    )
    accessions = [wanted[number]["accession"] for number in (0, 3)]
    assert world.cohorts == [
        {"name": "Two of them", "question": {"field": "image", "in": accessions}, "notes": ""}
    ]
    visit.go("/find")
    expect(visit.page.get_by_role("button", name="Basket: 0 images")).to_be_visible()


def test_a_question_becomes_a_cohort_after_signing_in(visit, world):
    visit.go("/find?where=organ%3AColon")
    visit.page.get_by_role("button", name="Save as cohort").click()
    link = visit.page.get_by_role("dialog").get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", re.compile(r"next=%2Ffind%3Fwhere"))
    visit.sign_in("researcher")
    visit.go("/find?where=organ%3AColon")
    visit.page.get_by_role("button", name="Save as cohort").click()
    dialog = visit.page.get_by_role("dialog", name="Save as a cohort")
    dialog.get_by_label("Name").fill("Colon")
    dialog.get_by_role("button", name="Save", exact=True).click()
    visit.page.wait_for_url("**/cohorts/c1")
    assert world.cohorts[0]["question"] == {"field": "organ", "in": ["Colon"]}


def test_the_question_is_copied_for_a_shell_and_for_python(visit, world):
    visit.go("/find?where=it%27s+stain%3A%22H%26E%22")
    visit.page.get_by_role("button", name="Use this question elsewhere").click()
    shell = visit.page.get_by_role("group", name="Copy for the command line")
    expect(shell.locator("code")).to_have_text(
        f"""bigpicture search 'it'\\''s stain:"H&E"' --node {world.address}"""
    )
    python = visit.page.get_by_role("group", name="Copy for Python").locator("code")
    loop = next(one for one in ast.parse(python.inner_text()).body if isinstance(one, ast.For))
    assert isinstance(loop.iter, ast.Call)
    assert ast.literal_eval(loop.iter.args[0]) == """it's stain:"H&E\""""
    assert ast.literal_eval(loop.iter.keywords[0].value) == world.address


def test_datasets_side_by_side(visit, world):
    visit.go("/find")
    for title in ("Adenoma to carcinoma", "Hormone receptors"):
        facet(visit, "Dataset").get_by_role("button", name=re.compile(title)).click()
    visit.page.get_by_role("link", name="Compare these 2 side by side").click()
    visit.page.wait_for_url(f"**/compare?datasets={COLON},{BREAST}")
    table = visit.page.get_by_role("table")
    row = table.get_by_role("row", name=re.compile("^H&E"))
    for dataset, column in ((COLON, 0), (BREAST, 1)):
        one = {dataset}
        count, whole = total_of(world, "stain:H&E", one), total_of(world, "", one)
        told = f"{round(100 * count / whole)}% {count}"
        expect(row.get_by_role("cell").nth(column)).to_contain_text(told)
    breast = table.get_by_role("row", name=re.compile("^Breast"))
    expect(breast).to_contain_text("100 points apart")
    expect(breast.get_by_role("cell").nth(1)).to_contain_text("only here")
    # A dataset that one may not open is there with what its page lists.
    visit.page.get_by_role("button", name="28-day oral toxicity study").click()
    expect(table.get_by_role("row", name=re.compile("^Spleen"))).to_contain_text("listed")
    visit.page.get_by_role("button", name="Leave out Hormone receptors").click()
    visit.page.wait_for_url(f"**/compare?datasets={COLON},{RAT}")


def test_a_dataset_page_leads_here(visit, world):
    visit.go(f"/datasets/{COLON}")
    visit.page.get_by_role("link", name="Find in this dataset").click()
    expect_total(visit, total_of(world, f"dataset:{COLON}"))


@pytest.mark.parametrize(
    "path",
    [
        "/find",
        "/find?view=table",
        "/find?view=charts&where=organ:Colon",
        f"/compare?datasets={COLON},{RAT},{BREAST}",
    ],
)
def test_nothing_is_wider_than_a_phone(visit, path):
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.fixture
def more_fields():
    """The language as it was before; other tests of this process ask for it too."""
    before = dict(FIELDS)
    yield
    FIELDS.clear()
    FIELDS.update(before)


@pytest.mark.usefixtures("more_fields")
def test_many_facets_with_many_values_keep_the_page_small(visit, world):
    """25 facets of 100 values: what is not looked at is not in the page."""
    world.corpus = mock_find.large()
    visit.go("/find")
    expect(visit.page.locator(".facet")).to_have_count(25)
    expect(visit.page.locator(".facet-value")).to_have_count(25 * 6)
    assert visit.page.evaluate("document.querySelectorAll('*').length") < 3000
    first = facet(visit, "Field 0").locator(".facet-value").first
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
