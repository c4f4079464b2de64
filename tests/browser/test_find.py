"""Asking: facets, chips, and the question as text."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import expect

from bigpicture.model.question_text import parse_question
from browser.finding import OPENED, box, expect_total, facet, total_of, where

pytestmark = pytest.mark.browser


def test_values_of_a_facet_add_up_and_chips_take_away(visit, world):
    visit.go("/find")
    expect_total(visit, total_of(world, ""))
    stains = facet(visit, "Stain")
    stains.get_by_role("button", name=re.compile("^PAS")).click()
    expect_total(visit, total_of(world, "stain:PAS"))
    stains.get_by_role("button", name=re.compile("^ER")).click()
    expect_total(visit, total_of(world, "stain:PAS,ER"))
    assert where(visit.page) == "stain:PAS,ER"
    expect(box(visit)).to_have_value("stain:PAS,ER")
    # The facet's own counts stay those without its own condition.
    told = f"H&E{total_of(world, 'stain:H&E')}"
    expect(stains.get_by_role("button", name=re.compile("^H&E"))).to_have_text(told)
    chips = visit.page.get_by_role("list", name="What is asked for")
    expect(chips).to_contain_text("PAS or ER")
    chips.get_by_role("button", name="turn to “is not”").click()
    expect_total(visit, total_of(world, "NOT stain:PAS,ER"))
    chips.get_by_role("button", name="Take away").click()
    expect_total(visit, total_of(world, ""))
    visit.page.go_back()
    expect_total(visit, total_of(world, "NOT stain:PAS,ER"))
    visit.page.go_forward()
    expect_total(visit, total_of(world, ""))


def test_clicks_faster_than_answers_are_all_heard(visit, world):
    visit.go("/find")
    expect_total(visit, total_of(world, ""))
    world.gate = threading.Event()
    for name in ("PAS", "ER", "HER2"):
        facet(visit, "Stain").get_by_role("button", name=re.compile(f"^{name}")).click()
    assert where(visit.page) == "stain:PAS,ER,HER2"
    expect(visit.page.get_by_role("region", name="Images found")).to_have_attribute(
        "aria-busy", "true"
    )
    world.gate.set()
    expect_total(visit, total_of(world, "stain:PAS,ER,HER2"))


def test_the_address_alone_restores_everything(visit, world):
    visit.go("/find?where=organ%3AColon+age%3A40..60&sort=finest&view=table")
    expect_total(visit, total_of(world, "organ:Colon age:40..60"))
    expect(visit.page.get_by_role("columnheader", name="µm/px")).to_have_attribute(
        "aria-sort", "ascending"
    )
    ages = visit.page.locator("tbody tr td:nth-child(7)").all_text_contents()
    assert all(40 <= int(age) < 60 for age in ages)
    bars = facet(visit, "Age").get_by_role("button", pressed=True)
    expect(bars).to_have_count(2)
    assert world.asked[0]["sort"] == "finest"


def test_what_is_written_is_asked_and_a_mistake_is_shown_at_its_letter(visit, world):
    visit.go("/find")
    box(visit).fill('organ:colon NOT stain:"H&E"')
    expect_total(visit, total_of(world, 'organ:colon NOT stain:"H&E"'))
    box(visit).fill("organ:colon orgn:liver")
    box(visit).press("Enter")
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("Letter 13: there is no field 'orgn'. Write organ, if")
    expect(visit.page.locator("mark")).to_have_text("orgn")
    expect(visit.page.locator(".shown.stale")).to_be_visible()
    alert.get_by_role("button", name="Letter 13").click()
    at = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    assert visit.page.evaluate(at) == [12, 13]
    box(visit).fill("organ:colon")
    expect(alert).to_have_count(0)
    expect_total(visit, total_of(world, "organ:colon"))


def test_a_mended_word_is_told_and_one_may_insist(visit, world):
    visit.go("/find?where=adenmoa")
    expect(visit.page.get_by_text("Understood adenmoa as adenoma")).to_be_visible()
    expect_total(visit, total_of(world, "adenoma"))
    visit.page.get_by_role("button", name="as written").click()
    expect_total(visit, 0)
    assert "mend=false" in visit.page.url
    assert where(visit.page) == "adenmoa"


def test_suggestions_follow_the_caret(visit, world):
    visit.go("/find")
    box(visit).click()
    box(visit).press_sequentially("org")
    options = visit.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("organ:")
    box(visit).press("ArrowDown")
    box(visit).press("Enter")
    box(visit).press_sequentially("sig")
    expect(options).to_have_count(1)
    box(visit).press("ArrowDown")
    box(visit).press("Enter")
    expect(box(visit)).to_have_value('organ:"Sigmoid colon" ')
    expect_total(visit, total_of(world, 'organ:"Sigmoid colon"'))


def test_a_tree_is_walked_and_ticked_by_keyboard(visit, world):
    visit.go("/find")
    tree = visit.page.get_by_role("tree", name="Organ")
    digestive = tree.get_by_role("treeitem", name="Digestive system")
    expect(digestive).to_have_attribute("aria-expanded", "false")
    digestive.focus()
    press = visit.page.keyboard.press
    press("ArrowRight")
    expect(digestive).to_have_attribute("aria-expanded", "true")
    press("ArrowRight")
    colon = tree.get_by_role("treeitem", name="Colon", exact=False).filter(has_text="Colon").first
    expect(colon).to_be_focused()
    expect(colon).to_have_attribute("aria-level", "2")
    press("Space")
    expect_total(visit, total_of(world, "organ:Colon"))
    expect(colon).to_be_focused()
    expect(colon).to_have_attribute("aria-checked", "true")
    expect(digestive).to_have_attribute("aria-checked", "mixed")
    press("ArrowLeft")  # to what lies above it
    expect(digestive).to_be_focused()
    press("Enter")  # the whole takes the place of its part
    expect_total(visit, total_of(world, 'organ:"Digestive system"'))
    assert where(visit.page) == 'organ:"Digestive system"'
    press("ArrowDown")
    press("Enter")  # and the part that of the whole
    expect_total(visit, total_of(world, "organ:Colon"))
    press("End")
    expect(tree.get_by_role("treeitem").last).to_be_focused()


def test_confirmed_only_asks_of_the_other_field(visit, world):
    visit.go("/find?where=diagnosis%3AAdenocarcinoma")
    expect_total(visit, total_of(world, "diagnosis:Adenocarcinoma"))
    visit.page.get_by_role("switch", name="Confirmed only").click()
    expect_total(visit, total_of(world, "confirmed:Adenocarcinoma"))
    assert where(visit.page) == "confirmed:Adenocarcinoma"
    # The counts in the facet are those of confirmed ones.
    counted = {
        one["label"]: one["count"]
        for one in world.corpus.facet("confirmed", parse_question(""), OPENED)
    }
    tree = visit.page.get_by_role("tree", name="Diagnosis")
    expect(tree.get_by_role("treeitem", name="Hyperplastic polyp")).to_contain_text(
        str(counted["Hyperplastic polyp"])
    )
    visit.page.reload()
    expect(visit.page.get_by_role("switch", name="Confirmed only")).to_be_checked()


def test_values_beyond_those_told_are_found_by_typing(visit, world):
    rare = world.corpus.facet("diagnosis", parse_question(""), OPENED)[-1]
    visit.go("/find")
    words = visit.page.get_by_role("searchbox", name="Type to find: Diagnosis")
    words.fill(rare["label"][:12].lower())
    value = facet(visit, "Diagnosis").get_by_role("button", name=re.compile(f"^{rare['label']}"))
    value.click()
    expect_total(visit, total_of(world, f'diagnosis:"{rare["label"]}"'))
    expect(visit.page.get_by_role("list", name="What is asked for")).to_contain_text(rare["label"])


def test_a_facet_is_asked_for_when_it_is_opened(visit, world):
    visit.go("/find")
    expect_total(visit, total_of(world, ""))
    assert all("fixation" not in (one["facets"] or "") for one in world.asked)
    visit.page.get_by_role("button", name="Fixation", exact=True).click()
    frozen = facet(visit, "Fixation").get_by_role("button", name=re.compile("^Frozen"))
    expect(frozen).to_contain_text(str(total_of(world, "fixation:Frozen")))
    assert world.asked[-1]["facets"] == ["fixation"]
    frozen.click()
    expect_total(visit, total_of(world, "fixation:Frozen"))
    visit.page.reload()  # it stays open
    expect(frozen).to_have_attribute("aria-pressed", "true")


def test_ranges_by_bars_and_by_boxes(visit, world):
    visit.go("/find")
    age = facet(visit, "Age")
    for bar in ("40 – 50", "50 – 60"):
        age.get_by_role("button", name=bar).click()
    expect_total(visit, total_of(world, "age:40..60"))
    assert where(visit.page) == "age:40..60"
    expect(age.get_by_label("Age from")).to_have_value("40")
    age.get_by_label("Age from").fill("45")
    age.get_by_label("Age below").fill("47")
    age.get_by_label("Age below").press("Enter")
    expect_total(visit, total_of(world, "age:45..47"))
    age.get_by_label("Age from").fill("")
    age.get_by_label("Age from").blur()
    expect_total(visit, total_of(world, "age<47"))
    assert where(visit.page) == "age:..47"


def test_an_empty_answer_says_which_condition_is_to_blame(visit, world):
    visit.go("/find?where=organ%3ALiver+stain%3AER+sex%3Afemale")
    number = total_of(world, "stain:ER sex:female")
    way = visit.page.get_by_role("button", name="without Organ is Liver")
    expect(way).to_contain_text(f"{number} images")
    way.click()
    expect_total(visit, number)


def test_filters_are_a_sheet_on_a_phone(visit, world):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go("/find")
    visit.page.get_by_role("button", name="Filters").click()
    facet(visit, "Sex").get_by_role("button", name=re.compile("^Female")).click()
    number = total_of(world, "sex:female")
    visit.page.get_by_role("button", name=f"Show {number} images").click()
    expect_total(visit, number)
    expect(visit.page.get_by_role("button", name="Filters (1)")).to_be_visible()


def test_a_node_that_does_not_answer_is_told_and_asked_again(visit, world):
    visit.page.route("**/api/v1/images?*", lambda route: route.abort())
    visit.go("/find")
    expect(visit.page.get_by_role("alert")).to_contain_text("The node cannot be reached")
    visit.page.unroute("**/api/v1/images?*")
    visit.page.get_by_role("button", name="Try again").click()
    expect_total(visit, total_of(world, ""))
    visit.forgive("ERR_FAILED")
