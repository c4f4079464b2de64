"""Applying for access: begun from datasets, written at leisure, sent, answered, agreed to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_access_data as data
from browser.test_phone import OVERFLOWING

pytestmark = pytest.mark.browser

BOTH = f"/apply?dataset={data.SHUT['accession']}&dataset={data.OTHER['accession']}"


@pytest.fixture
def desk(world):
    world.desk.fill()
    return world.desk


def step(visit, name):
    visit.page.get_by_role("navigation", name="Steps").get_by_role("button", name=name).click()


def begin(visit):
    visit.sign_in("researcher")
    visit.go(BOTH)
    visit.page.get_by_role("button", name="Begin the application").click()
    expect(visit.page.get_by_role("heading", name="What and why")).to_be_visible()


def test_one_application_for_two_datasets_of_two_committees(visit, world):
    begin(visit)
    (made,) = world.desk.applications
    assert [one["accession"] for one in made["datasets"]] == [
        data.SHUT["accession"],
        data.OTHER["accession"],
    ]
    main = visit.page.locator("main")
    expect(main).to_contain_text("Toxicology committee decides")
    expect(main).to_contain_text("Kidney committee decides")


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(visit):
    visit.go(BOTH)
    expect(visit.page.get_by_role("heading", name="Sign in to open this")).to_be_visible()
    link = visit.page.get_by_role("alert").get_by_role("link", name="Sign in")
    assert "%2Fapply%3Fdataset%3D" in (link.get_attribute("href") or "")


def test_what_is_open_already_needs_no_application(visit, world):
    world.grants.append({"person": "p-res", "dataset": data.SHUT["accession"], "revoked": None})
    visit.sign_in("researcher")
    visit.go(f"/apply?dataset={data.SHUT['accession']}")
    expect(visit.page.get_by_text("Everything here is open to you already.")).to_be_visible()
    visit.go(BOTH)
    expect(visit.page.get_by_text("One application for 1 dataset.")).to_be_visible()
    expect(visit.page.get_by_text("Open to you already, and left out")).to_be_visible()


def test_a_draft_that_was_begun_is_gone_on_with(visit, world):
    draft = data.application("a-draft", "draft", title="Foci")
    world.desk.applications.append(draft)
    visit.sign_in("researcher")
    visit.go(BOTH)
    visit.page.get_by_role("link", name="Go on with it").click()
    expect(visit.page.get_by_label("Lay summary")).to_have_value(data.ANSWERS["lay_summary"])


def test_what_is_written_is_kept_and_judged_as_it_is_written(visit, world):
    begin(visit)
    aside = visit.page.get_by_role("region", name="Would my use be allowed?")
    expect(aside).to_contain_text("Say what kind of use it is")
    visit.page.get_by_label("Title").fill("Foci of the liver")
    visit.page.get_by_label("Methods, software or AI").check()
    expect(visit.page.get_by_text("Saved at")).to_be_visible()
    expect(aside.get_by_text("For people to judge")).to_have_count(2)
    visit.page.get_by_label("Is the use commercial?").select_option("Yes")
    expect(aside.get_by_text("Against the policy")).to_have_count(2)
    expect(aside).to_contain_text("Commercial use is not allowed.")
    expect(visit.page.get_by_text("Saved at")).to_be_visible()
    visit.page.reload()
    expect(visit.page.get_by_label("Title")).to_have_value("Foci of the liver")
    expect(visit.page.get_by_label("Is the use commercial?")).to_have_value("yes")
    answers = world.desk.applications[0]["answers"]
    assert answers["purpose"]["uses"] == ["methods"]
    assert answers["purpose"]["is_commercial"] is True


def test_months_and_question_are_of_the_purpose_too(visit, world):
    begin(visit)
    visit.page.get_by_label("Research question").fill("Which foci?")
    step(visit, "Where and how long")
    visit.page.get_by_label("For how many months").fill("18")
    expect(visit.page.get_by_text("Saved at")).to_be_visible()
    purpose = world.desk.applications[0]["answers"]["purpose"]
    assert (purpose["months"], purpose["research_question"]) == (18, "Which foci?")


def test_a_draft_that_another_window_changed_is_not_overwritten(visit, world):
    begin(visit)
    visit.page.get_by_label("Title").fill("Mine")
    expect(visit.page.get_by_text("Saved at")).to_be_visible()
    made = world.desk.applications[0]
    made |= {"etag": "77", "answers": {"title": "Theirs"}}
    visit.page.get_by_label("Title").fill("Mine again")
    expect(visit.page.get_by_text("was changed in another window")).to_be_visible()
    assert made["answers"] == {"title": "Theirs"}
    visit.page.get_by_role("button", name="Load what is there now").click()
    expect(visit.page.get_by_label("Title")).to_have_value("Theirs")


def test_members_come_by_name_and_from_where_they_work(visit, world):
    begin(visit)
    step(visit, "Who")
    visit.page.get_by_label("Add a member").fill("nobody")
    visit.page.get_by_role("button", name="Add", exact=True).click()
    expect(visit.page.get_by_role("alert")).to_contain_text("Nobody is known by this name.")
    visit.page.get_by_label("Add a member").fill("contributor")
    visit.page.get_by_label("Where they work").select_option("US")
    visit.page.get_by_role("button", name="Add", exact=True).click()
    expect(visit.page.get_by_text("outside the EEA: clauses")).to_be_visible()
    visit.page.get_by_label("Who signs").fill("signatory")
    visit.page.get_by_role("button", name="Name them").click()
    expect(visit.page.get_by_text("Edda Nystrand")).to_be_visible()
    made = world.desk.applications[0]
    assert [one["id"] for one in made["members"]] == ["p-res", "p-con"]
    visit.page.get_by_role("button", name="Take out Iris Okafor").click()
    expect(visit.page.get_by_text("Iris Okafor")).to_have_count(0)


def test_a_document_is_sent_and_a_wrong_one_refused(visit, world):
    begin(visit)
    step(visit, "Documents")
    choose = visit.page.get_by_label("Document", exact=True)
    choose.set_input_files({"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    expect(visit.page.get_by_role("alert")).to_contain_text("no document of a kind that is taken")
    file = {"name": "Votum Ü 1.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    choose.set_input_files(file)
    expect(visit.page.locator("main ul a")).to_have_count(1)
    assert list(world.desk.documents.values()) == [b"%PDF-1.7 x"]
    assert world.desk.applications[0]["documents"][0]["kind"] == "ethics"


def test_nothing_goes_out_before_all_is_answered(visit, world):
    draft = data.application("a-draft", "draft", answers={**data.ANSWERS, "months": None})
    world.desk.applications.append(draft)
    visit.sign_in("researcher")
    visit.go("/applications/a-draft")
    step(visit, "Check and send")
    send = visit.page.get_by_role("button", name="Send the application")
    visit.page.get_by_label("What I say here is true").check()
    expect(send).to_be_disabled()
    expect(visit.page.get_by_text("1 answer still open")).to_be_visible()
    visit.page.get_by_role("status").get_by_role("button", name="For how many months").click()
    months = visit.page.get_by_label("For how many months")
    expect(months).to_be_focused()  # straight to what is open
    months.fill("12")
    step(visit, "Check and send")
    visit.page.get_by_label("What I say here is true").check()
    send.click()
    expect(visit.page.get_by_text("Toxicology committee screens it.")).to_be_visible()
    assert draft["state"] == "submitted"
    assert draft["answers"]["months"] == 12


def test_a_question_is_answered_on_the_page_of_the_application(visit, desk):
    visit.sign_in("researcher")
    visit.go("/applications/a-review")
    where = visit.page.get_by_role("region", name="Where it stands")
    expect(where.locator("[aria-current=step]")).to_contain_text("In review")
    expect(where).to_contain_text("78 days left")
    visit.page.get_by_label("Your answer").fill("Two of us, by key.")
    visit.page.get_by_role("button", name="Answer").click()
    expect(visit.page.get_by_text("Two of us, by key.")).to_be_visible()
    assert desk.commands[-1]["command"] == "answer"
    assert desk.commands[-1]["question"] == "q1"


def test_one_approved_one_refused_each_with_its_reason(visit, desk):
    visit.sign_in("researcher")
    visit.go("/applications/a-approved")
    lines = visit.page.get_by_role("region", name="Datasets").locator("li.panel")
    expect(lines.nth(0)).to_contain_text("Approved")
    expect(lines.nth(0)).to_contain_text("Results are shown to the sponsor four weeks before")
    expect(lines.nth(0)).to_contain_text("View, Stream")
    expect(lines.nth(1)).to_contain_text("Refused")
    expect(lines.nth(1)).to_contain_text("Kidney is not needed")


def test_an_agreement_is_read_then_accepted_and_signed_by_who_may(visit, desk):
    visit.sign_in("researcher")
    visit.go("/applications/a-approved")
    expect(visit.page.get_by_role("button", name="Read and sign")).to_have_count(0)
    visit.page.get_by_role("button", name="Read and accept").click()
    dialog = visit.page.get_by_role("dialog", name="Data use agreement")
    expect(dialog.get_by_role("heading", name="When it ends")).to_be_visible()
    dialog.get_by_role("button", name="I accept").click()
    expect(visit.page.get_by_role("button", name="Read and accept")).to_have_count(0)
    assert (desk.commands[-1]["agreement"], desk.commands[-1]["version"]) == ("data-use", 2)
    visit.sign_in("signatory")
    visit.go("/applications/a-approved")
    visit.page.get_by_role("button", name="Read and sign").click()
    visit.page.get_by_role("button", name="Sign for Fjordheim University").click()
    expect(visit.page.get_by_role("button", name="Read and sign")).to_have_count(0)
    assert desk.commands[-1] | {"by": "p-sig", "command": "sign"} == desk.commands[-1]


def test_a_long_agreement_is_read_to_its_end(visit, desk):
    desk.applications[2]["agreements"][0]["text"] = "\n\n".join(["Nobody passes data on."] * 200)
    visit.sign_in("researcher")
    visit.go("/applications/a-approved")
    visit.page.get_by_role("button", name="Read and accept").click()
    accept = visit.page.get_by_role("button", name="I accept")
    expect(accept).to_be_disabled()
    visit.page.get_by_role("document", name="Data use agreement").evaluate(
        "one => one.scrollTo(0, one.scrollHeight)"
    )
    expect(accept).to_be_enabled()


def test_markup_in_an_agreement_stays_text(visit, desk):
    desk.applications[2]["agreements"][0]["text"] = "<img src=x onerror=alert(1)> **bold**"
    visit.sign_in("researcher")
    visit.go("/applications/a-approved")
    visit.page.get_by_role("button", name="Read and accept").click()
    expect(visit.page.get_by_role("document", name="Data use agreement")).to_contain_text(
        "<img src=x onerror=alert(1)> bold"
    )
    expect(
        visit.page.get_by_role("document", name="Data use agreement").locator("img")
    ).to_have_count(0)


def test_it_is_withdrawn_and_renewed(visit, desk):
    visit.sign_in("researcher")
    visit.go("/applications/a-review")
    visit.page.get_by_role("button", name="Withdraw").click()
    visit.page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(visit.page.locator("h1 + p")).to_contain_text("Withdrawn")
    visit.go("/applications/a-approved")
    visit.page.get_by_role("button", name="Renew").click()
    visit.page.wait_for_url("**/applications/a-renewed")
    expect(visit.page.get_by_label("Title")).to_have_value(data.ANSWERS["title"])


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("path", ["/applications/a-draft", "/applications/a-approved", BOTH])
def test_nothing_lies_beyond_the_edge(visit, desk, width, path):
    desk.applications.append(data.application("a-draft", "draft"))
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.sign_in("researcher")
    visit.go(path)
    expect(visit.page.locator("main h2").first).to_be_visible()
    assert visit.page.evaluate(OVERFLOWING) == []
