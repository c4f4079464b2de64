"""The committee's desk, committees and agreements, a steward's grants, seals."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_access_data as data
from browser import mock_catalogue as catalogue
from browser.test_phone import OVERFLOWING

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(world):
    world.desk.fill()
    world.grants[:] = data.grants()
    return world.desk


def govern(visit, name):
    visit.page.get_by_role("button", name="Govern").click()
    visit.page.locator("[popover]:popover-open").get_by_role("link", name=name).click()


def test_what_is_late_comes_first_and_keys_lead_through(visit, desk):
    visit.sign_in("member")
    govern(visit, "Desk")
    rows = visit.page.locator("[data-result]")
    expect(rows.nth(0)).to_contain_text("2 days late")
    expect(rows.nth(1)).to_contain_text("78 days left")
    visit.page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    visit.page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    visit.page.keyboard.press("k")
    visit.page.keyboard.press("o")
    visit.page.wait_for_url("**/desk/a-late")
    visit.page.keyboard.press("u")
    visit.page.wait_for_url("**/desk")
    visit.page.keyboard.press("?")
    expect(visit.page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_a_member_declares_before_they_vote(visit, desk):
    visit.sign_in("member")
    visit.go("/desk/a-review")
    mine = visit.page.get_by_role("article", name=data.SHUT["title"])
    expect(mine).to_contain_text("does not say whether an ethics committee has approved it")
    expect(mine.get_by_role("form", name="Your vote")).to_have_count(0)
    visit.page.get_by_label("I have no conflict of interest").check()
    visit.page.get_by_role("button", name="Declare").click()
    vote = mine.get_by_role("form", name="Your vote")
    vote.get_by_label("Approve").check()
    vote.get_by_label("Reason").fill("Good, and little is asked for.")
    vote.get_by_label("Stream").uncheck()
    expect(vote.get_by_label("Download")).to_be_disabled()  # it was not asked for
    vote.get_by_label("Conditions").fill("Tell the sponsor\n\nNo copies")
    vote.get_by_label("Last day").fill("2027-06-30")
    vote.get_by_role("button", name="Vote: approve").click()
    expect(mine).to_contain_text("2 for, 0 against")
    expect(mine).to_contain_text("Approved on")
    given = desk.commands[-1]
    assert given["conditions"] == ["Tell the sponsor", "No copies"]
    assert given["uses"] == ["view"]
    assert given["end"] == "2027-07-01T00:00:00.000Z"  # the end is exclusive
    other = visit.page.get_by_role("article", name=data.OTHER["title"])
    expect(other).to_contain_text("Kidney committee decides on this one.")


def test_a_member_with_a_conflict_reads_along(visit, desk):
    visit.sign_in("member")
    visit.go("/desk/a-review")
    visit.page.get_by_label("I have one, and take no part").check()
    declare = visit.page.get_by_role("button", name="Declare")
    expect(declare).to_be_disabled()
    visit.page.get_by_label("Which?").fill("We share a grant.")
    declare.click()
    expect(visit.page.get_by_text("You declared a conflict of interest")).to_be_visible()
    expect(visit.page.get_by_role("form", name="Your vote")).to_have_count(0)


def test_the_applicant_is_asked_and_a_reviewer_invited(visit, desk):
    visit.sign_in("member")
    visit.go("/desk/a-review")
    visit.page.get_by_role("textbox", name="Ask the applicant").fill("Which scanner?")
    visit.page.get_by_role("button", name="Ask", exact=True).click()
    expect(visit.page.get_by_text("Which scanner?")).to_be_visible()
    visit.page.get_by_role("textbox", name="Invite a reviewer").fill("auditor")
    visit.page.get_by_role("button", name="Invite").click()
    expect(visit.page.get_by_role("region", name="Reviewers")).to_contain_text("Tam Ferreira")
    visit.page.get_by_role("button", name="Return").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The ethics approval is missing.")
    dialog.get_by_role("button", name="Return it").click()
    expect(visit.page.get_by_text("Returned: The ethics approval is missing.")).to_be_visible()


def test_a_committee_is_founded_and_its_members_seated(visit, desk):
    visit.sign_in("steward")
    govern(visit, "Committees")
    visit.page.get_by_role("button", name="New committee").click()
    dialog = visit.page.get_by_role("dialog", name="New committee")
    dialog.get_by_label("Name").fill("Skin committee")
    dialog.get_by_label("Rule").select_option("All agree")
    dialog.get_by_label("Quorum").fill("2")
    dialog.get_by_role("button", name="Save").click()
    card = visit.page.get_by_role("article", name="Skin committee")
    card.get_by_label("Add a member to Skin committee").fill("nobody")
    card.get_by_role("button", name="Add").click()
    expect(visit.page.get_by_text("Nobody is known by this name.")).to_be_visible()
    card.get_by_label("Add a member to Skin committee").fill("member")
    card.get_by_role("button", name="Add").click()
    expect(card).to_contain_text("Lior Brandt")
    expect(card).to_contain_text("fewer members than its quorum")


def test_an_agreement_is_written_beside_how_it_reads(visit, desk):
    visit.sign_in("steward")
    visit.go("/committees")
    visit.page.get_by_role("button", name="New version of Data use agreement").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_label("Short name")).to_be_disabled()
    dialog.get_by_label("Text").fill("# Anew\n\n- one\n- two")
    expect(dialog.get_by_role("region").get_by_role("listitem")).to_have_count(2)
    dialog.get_by_label("Everybody accepts it anew").check()
    dialog.get_by_role("button", name="Put it in force").click()
    expect(visit.page.get_by_role("row", name="Data use agreement")).to_contain_text("version 3")
    assert desk.agreements[-1]["requires_reaccept"] is True


def test_a_grant_is_suspended_released_and_revoked_for_misuse(visit, desk):
    visit.sign_in("steward")
    govern(visit, "Access")
    row = visit.page.get_by_role("row", name="Its application")
    row.get_by_role("button", name="Suspend").click()
    visit.page.get_by_role("dialog").get_by_label("Reason").fill("Asked by the sponsor")
    visit.page.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    expect(row).to_contain_text("A steward has suspended it")
    row.get_by_role("button", name="Release").click()
    visit.page.get_by_role("dialog").get_by_label("Reason").fill("Cleared")
    visit.page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(row).to_contain_text("Active")
    row.get_by_role("button", name="Revoke").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Passed on to others")
    dialog.get_by_label("For misuse").check()
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    assert desk.commands[-1] == {"of": "g1", "reason": "Passed on to others", "is_misuse": True}


def test_who_only_looks_at_the_dialog_changes_nothing(visit, desk):
    visit.sign_in("steward")
    visit.go("/steward")
    revoke = visit.page.get_by_role("row", name="Its application").get_by_role(
        "button", name="Revoke"
    )
    revoke.click()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(revoke).to_be_focused()
    assert desk.commands == []


def test_sealing_asks_to_type_the_name(visit, desk):
    visit.sign_in("steward")
    govern(visit, "Seals")
    expect(visit.page.get_by_text("Nothing is sealed.")).to_be_visible()
    visit.page.get_by_role("button", name="Seal").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Which").fill(data.SHUT["accession"])
    dialog.get_by_label("Reason").fill("Slides of another study")
    seal = dialog.get_by_role("button", name="Seal now")
    expect(seal).to_be_disabled()
    dialog.get_by_label("Type").fill(data.SHUT["accession"][:-1])
    expect(seal).to_be_disabled()
    dialog.get_by_label("Type").fill(data.SHUT["accession"])
    seal.click()
    expect(visit.page.get_by_role("heading", name=data.SHUT["accession"])).to_be_visible()


def test_one_person_seals_and_two_open(visit, desk, world):
    world.is_sealed = True
    node = {"id": "s0", "scope": "node", "of": "", "of_shown": "", "reason": "A breach"}
    desk.seals.append({**node, "since": data.day(), "by": None, "unseal": None})
    visit.sign_in("steward")
    expect(visit.page.get_by_text("This node is sealed.")).to_be_visible()
    visit.page.get_by_role("link", name="See the seals").click()
    visit.page.get_by_role("button", name="Begin to open").click()
    visit.page.get_by_role("dialog").get_by_label("Reason").fill("It is over")
    visit.page.get_by_role("button", name="Give the first word").click()
    expect(visit.page.get_by_text("Somebody else", exact=True)).to_be_visible()
    expect(visit.page.get_by_role("button", name="Open it")).to_be_disabled()
    visit.sign_in("member")
    visit.go("/seals")
    world.is_sealed = False  # as the node says once it is open
    visit.page.get_by_role("button", name="Open it").click()
    visit.page.get_by_role("dialog").get_by_label("Reason").fill("I agree")
    visit.page.get_by_role("dialog").get_by_role("button", name="Open it").click()
    expect(visit.page.get_by_text("Nothing is sealed.")).to_be_visible()
    expect(visit.page.get_by_text("This node is sealed.")).to_have_count(0)


def test_the_menu_holds_what_a_role_may_do(visit, desk):
    visit.sign_in("researcher")
    bar = visit.page.get_by_role("navigation", name="Main")
    expect(bar.get_by_role("link")).to_have_text(
        ["Catalogue", "Find", "Cohorts", "Runs", "My access"]
    )
    expect(bar.get_by_role("button")).to_have_count(0)
    visit.sign_in("steward")
    bar.get_by_role("button", name="Govern").click()
    names = ["Desk2", "Access", "Committees", "Seals", "Events"]
    menu = visit.page.locator("[popover]:popover-open")
    expect(menu.get_by_role("link")).to_have_text(names)
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("link", name="Seals")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 820, 1280])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("member", "/desk"),
        ("member", "/desk/a-review"),
        ("steward", "/committees"),
        ("steward", "/steward"),
        ("steward", "/seals"),
    ],
)
def test_nothing_lies_beyond_the_edge(visit, desk, width, name, path):
    seal = {"id": "s0", "scope": "dataset", "of": "d", "of_shown": catalogue.DATASETS[0]["title"]}
    desk.seals.append({**seal, "reason": "r", "since": data.day(), "by": None, "unseal": None})
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.sign_in(name)
    visit.go(path)
    expect(
        visit.page.locator("main")
        .get_by_text("Lior")
        .or_(visit.page.locator("main h1, main li"))
        .first
    ).to_be_visible()
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.evaluate(OVERFLOWING) == []
