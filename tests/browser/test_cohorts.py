"""Cohorts on the screen, of a real node in this process: saved, frozen, split, shared, cited."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.catalogue.cohort_freeze import freeze_cohort
from bigpicture.catalogue.cohorts import create_cohort
from bigpicture.model.cohort import Sharing
from bigpicture.model.question_text import parse_question
from bigpicture.model.scope import Scope
from browser.conftest import PORTAL, Visit
from many_beings import add_three
from published import add_person, grant, make_stores, served

pytestmark = pytest.mark.browser


@dataclass
class Here:
    """A node with three datasets; ada has grants to all of them, berta to none."""

    address: str
    node: Node
    ada: Any
    tokens: dict[str, str]
    datasets: tuple[str, str, str]

    def keep(self, name, where="", *, sharing=Sharing.PRIVATE, notes="", is_frozen=True):
        """A cohort of ada's."""
        with self.node.records.write() as connection:
            made = create_cohort(
                connection,
                self.ada,
                name=name,
                notes=notes,
                question=parse_question(where),
                sharing=sharing,
            )
        if is_frozen:
            opened = frozenset(self.datasets)
            chosen = self.node.catalogue.select(made.question, Scope(opened=opened))
            titles = {name: str(self.node.catalogue.dataset(name).row["title"]) for name in opened}
            with self.node.records.write() as connection:
                freeze_cohort(connection, self.ada, made, chosen, asked=opened, titles=titles)
        return made


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `python web/build.py`")
    stores = make_stores(tmp_path_factory.mktemp("cohorts"))
    datasets = add_three(stores)
    ada, one = add_person(stores, "ada", "researcher")
    _, two = add_person(stores, "berta", "researcher")
    for dataset in datasets[1:]:
        grant(stores, ada, dataset)
    node = Node.open(stores, start_work=lambda _: None)
    with served(build(node)) as place:
        yield Here(f"http://{place}", node, ada, {"ada": one, "berta": two}, datasets)
    stores.records.close()


@pytest.fixture
def visits(browser, here):
    """Pages of people who are signed in."""
    contexts, pages = [], []

    def make(person, **more):
        more = {"viewport": {"width": 1280, "height": 800}} | more
        context = browser.new_context(reduced_motion="reduce", **more)
        contexts.append(context)
        if person:
            context.add_cookies(
                [
                    {
                        "name": "bigpicture_session",
                        "value": here.tokens[person],
                        "url": here.address,
                    }
                ]
            )
        pages.append(Visit(context.new_page(), here.address))
        return pages[-1]

    yield make
    for context in contexts:
        context.close()
    assert [visit.complaints for visit in pages if visit.complaints] == []
    assert [visit.foreign for visit in pages if visit.foreign] == []


def test_from_a_question_to_a_frozen_list(visits):
    visit = visits("ada")
    page = visit.page
    visit.go("/cohorts")
    expect(page.get_by_role("heading", name="From a question to a list")).to_be_visible()
    page.get_by_role("button", name="New cohort").click()
    page.get_by_label("What is it called?").fill("Kidneys and livers")
    page.get_by_label("Which images?").fill("organ:kidny,(")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("letter")
    page.get_by_label("Which images?").fill("organ:kidney,liver NOT stain:Ki-67")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Kidneys and livers")).to_be_visible()
    expect(page.get_by_text("Organ is kidney or liver and stain is not Ki-67")).to_be_visible()
    expect(page.get_by_text("images of 54 beings in 2 datasets open to you")).to_be_visible()
    find = page.get_by_role("link", name="See what answers now")
    assert "/find?where=organ%3Akidney%2Cliver" in find.get_attribute("href")
    page.get_by_role("button", name="Freeze it now").click()
    expect(page.get_by_role("button", name="Version 1")).to_be_visible()
    expect(page.get_by_text("Nothing entered and nothing left: 88 images in both.")).to_be_visible()


def test_notes_are_kept_and_never_overwritten_unawares(visits, here):
    cohort = here.keep("With notes", notes="First")
    one, other = visits("ada"), visits("ada")
    for visit in (one, other):
        visit.go(f"/cohorts/{cohort.id}")
        expect(visit.page.get_by_role("textbox", name="Notes")).to_have_value("First")
    one.page.get_by_role("textbox", name="Notes").fill("From one window")
    one.page.get_by_role("button", name="Save notes").click()
    expect(one.page.get_by_text("The notes are saved.")).to_be_visible()
    other.page.get_by_role("textbox", name="Notes").fill("From another")
    other.page.get_by_role("button", name="Save notes").click()
    expect(other.page.get_by_text("changed elsewhere meanwhile")).to_be_visible()
    expect(other.page.get_by_role("textbox", name="Notes")).to_have_value(
        "From another"
    )  # nothing typed is lost
    other.page.get_by_role("button", name="Save notes").click()
    expect(other.page.get_by_text("The notes are saved.")).to_be_visible()
    one.page.reload()
    expect(one.page.get_by_role("textbox", name="Notes")).to_have_value("From another")


def test_a_split_is_drawn_at_once_and_taken_away(visits, here):
    cohort = here.keep("To be split", "organ:kidney,liver")
    visit = visits("ada")
    page = visit.page
    visit.go(f"/cohorts/{cohort.id}")
    shares = page.get_by_role("list", name="Shares")
    # 54 beings of 3 and 4 images: 176 images, of which 70, 10 and 20 % are 123, 18 and 35
    train = shares.get_by_role("listitem").first
    expect(train).to_contain_text(re.compile("train.*12[234] images", re.DOTALL))
    page.get_by_label("Alike in each part").select_option("Diagnosis")
    expect(page.get_by_role("table", name="Strata").get_by_role("row")).to_have_count(5)
    page.get_by_label("Share of train in percent").fill("30")
    expect(page.get_by_text("60% in all: taken in proportion")).to_be_visible()
    expect(train.get_by_role("img")).to_have_attribute("aria-label", re.compile("wanted 50.0%"))
    page.get_by_label("Never on two sides").select_option("a dataset")
    expect(page.get_by_text("is empty")).to_be_visible()  # two datasets, three parts
    page.get_by_label("Never on two sides").select_option("a patient or animal")
    expect(page.get_by_text("is empty")).to_have_count(0)
    panel = page.get_by_role("region", name="Split")
    with page.expect_download() as waiting:
        panel.get_by_role("link", name="CSV").click()
    with waiting.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    sides = {}
    for row in rows:
        sides.setdefault(row["being"], set()).add(row["split"])
    assert len(rows) == 176
    assert all(len(parts) == 1 for parts in sides.values())
    assert waiting.value.suggested_filename == "To be split-v1.csv"
    page.get_by_label("Name of part 1").fill("")
    expect(panel).to_contain_text("a part has no name of its own")


def test_who_has_the_link_sees_what_is_theirs_and_where_to_apply(visits, here):
    cohort = here.keep("For a colleague", sharing=Sharing.LINK, notes="Read me")
    visit = visits("berta")
    page = visit.page
    visit.go("/cohorts?whose=shared")
    expect(page.get_by_text("Nobody shares a cohort")).to_be_visible()
    visit.go(f"/cohorts/{cohort.id}")
    expect(page.get_by_text("Read me")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Freeze|Edit|Delete"))).to_have_count(0)
    # 120 of the open dataset, 56 of 14 beings; six of three beings are not counted
    expect(page.get_by_role("row", name=re.compile("Version 1"))).to_contain_text("120 of over 176")
    version = page.get_by_role("region", name="Version 1")
    expect(version.get_by_text("56 images")).to_be_visible()
    expect(version.get_by_text("images of <5 beings")).to_be_visible()
    asked = page.get_by_role("region", name="2 datasets not open to you")
    expect(asked.get_by_text("They hold images of over 14 beings")).to_be_visible()
    asked.get_by_role("button", name="Draft a request").click()
    expect(asked.get_by_text("I ask for access to 2 datasets")).to_be_visible()
    assert "mailto:access@example.org?" in asked.get_by_role("link", name="Mail").get_attribute(
        "href"
    )
    compare = page.get_by_role("region", name="What changed")
    expect(compare.get_by_text("− 56").or_(compare.get_by_text(re.compile("−.56")))).to_be_visible()
    expect(compare.get_by_text("a grant has ended or is missing")).to_have_count(2)


def test_sharing_is_one_click_and_gives_the_link(visits, here):
    cohort = here.keep("To be shared")
    visit = visits("ada")
    visit.go(f"/cohorts/{cohort.id}")
    visit.page.get_by_label(re.compile("Everyone here")).check()
    expect(visit.page.get_by_text("Everyone here sees it now.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Copy link")).to_be_visible()
    other = visits("berta")
    other.go("/cohorts?whose=shared")
    expect(other.page.get_by_role("link", name="To be shared")).to_be_visible()
    visit.page.get_by_label(re.compile("Only you")).check()
    expect(visit.page.get_by_text("Only you see it now.")).to_be_visible()
    other.go(f"/cohorts/{cohort.id}")
    expect(other.page.get_by_role("heading", name="There is no such cohort")).to_be_visible()


def test_an_accession_is_explained_before_it_is_given(visits, here):
    cohort = here.keep("To be cited", "organ:kidney")
    visit = visits("ada")
    page = visit.page
    visit.go(f"/cohorts/{cohort.id}")
    page.get_by_role("button", name="Cite this version").click()
    expect(page.get_by_text("are then told to everyone")).to_be_visible()
    page.get_by_role("button", name="Get an accession").click()
    cite = page.get_by_role("group", name="How to cite")
    expect(cite.get_by_text(re.compile(r"^bb-cohort-\w{6}-\w{6}$"))).to_be_visible()
    expect(cite.get_by_text("To be cited (2")).to_be_visible()
    expect(cite.get_by_role("button", name="Copy citation")).to_be_visible()


def test_a_deleted_cohort_is_gone(visits, here):
    cohort = here.keep("To be deleted")
    visit = visits("ada")
    visit.go(f"/cohorts/{cohort.id}")
    visit.page.get_by_role("button", name="Delete …").click()
    visit.page.get_by_role("button", name="Delete it with its versions").click()
    expect(visit.page.get_by_text("“To be deleted” is deleted")).to_be_visible()
    expect(visit.page.get_by_role("link", name="To be deleted")).to_have_count(0)


def test_the_world_is_asked_to_sign_in(visits, here):
    visit = visits(None)
    for path in ("/cohorts", "/cohorts/" + "0" * 32):
        visit.go(path)
        expect(visit.page.get_by_role("heading", name="Sign in to open this")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_cut_off_at_any_width(visits, here, width):
    cohort = here.keep(f"A name of a cohort that is rather long, at {width}", "mpp>0")
    for person, path in (("ada", "/cohorts"), ("ada", f"/cohorts/{cohort.id}")):
        visit = visits(person, viewport={"width": width, "height": 900})
        visit.go(path)
        expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        visit.page.wait_for_load_state("networkidle")
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
