"""The record of acts, as stewards and auditors read it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue
from browser import mock_record

pytestmark = pytest.mark.browser


OTHER_KEY = Ed25519PrivateKey.generate()


def rows(visit):
    return visit.page.locator("tbody tr")


def test_an_auditor_reads_who_did_what_when_to_what(visit):
    visit.sign_in("auditor")
    visit.page.get_by_role("button", name="Govern").click()
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


def search(visit, **fields):
    form = visit.page.get_by_role("search", name="Search the record")
    for name, value in fields.items():
        form.get_by_label(name.replace("_", " "), exact=True).fill(value)
    form.get_by_role("button", name="Search").click()


def test_the_whole_record_is_searched_not_only_what_is_shown(visit):
    visit.sign_in("auditor")
    visit.go("/events")
    search(visit, Who="Iris Okafor", Action="session:", From="2026-11-23", To="2026-11-23")
    expect(rows(visit).first).to_contain_text("session:create")
    expect(visit.page.get_by_text("50 events loaded; there are older ones")).to_be_visible()
    search(visit, Who="", Action="grant:record")
    expect(visit.page.get_by_text("1 event", exact=True)).to_be_visible()
    assert "action=grant%3Arecord" in visit.page.url  # it can be kept, and sent to a colleague
    visit.page.reload()
    expect(rows(visit)).to_have_count(1)
    search(visit, Action="", From="2026-11-24", To="")
    expect(visit.page.get_by_text("Nothing like this is in the record.")).to_be_visible()
    visit.page.get_by_role("button", name="Everything").click()
    expect(rows(visit)).to_have_count(50)


def test_a_thing_is_found_also_where_it_is_only_mentioned(visit):
    thing = catalogue.DATASETS[1]["accession"]
    visit.sign_in("auditor")
    visit.go("/events")
    search(visit, Which_thing=thing)
    expect(visit.page.get_by_text("Nothing like this is in the record.")).to_be_visible()
    visit.page.get_by_label("Also where the thing is only mentioned").check()
    search(visit)
    expect(rows(visit)).to_have_count(1)
    expect(rows(visit)).to_contain_text("grant:record")


def prove(visit, number):
    visit.sign_in("auditor")
    visit.go("/events")
    visit.page.get_by_role("button", name=f"Prove entry {number}", exact=True).click()
    return visit.page.get_by_role("dialog")


@pytest.mark.parametrize("number", [120, 119, 113, 97, 81])
def test_an_entry_is_proven_in_the_browser(visit, number):
    """The path is made by the definition of RFC 6962, the leaf and the note by the ledger."""
    dialog = prove(visit, number)
    expect(dialog.get_by_role("heading", name="Proven")).to_be_visible()
    expect(dialog.get_by_text("The path ends at the signed root")).to_be_visible()
    expect(dialog.get_by_text(": as it was recorded")).to_have_count(3)
    expect(dialog.get_by_role("img")).to_have_attribute(
        "aria-label",
        f"A path of {PATHS[number]} hashes from entry {number - 1} to the root of 120 entries",
    )
    expect(dialog.get_by_role("group", name="Verify it elsewhere")).to_contain_text(
        f"--event {number} --open"
    )


# Of 120 leaves: 64 + 32 + 16 + 8, so those of the last eight stand 3 + 3 hashes deep, and so on.
PATHS = {120: 6, 119: 6, 113: 6, 97: 7, 81: 7}


@pytest.mark.parametrize(
    "change",
    [
        {"details": {"reason": "Another"}},
        {"actor": "p-con"},
        {"subject": "another"},
        {"action": "grant:revoke"},
        {"time": "2026-11-23T10:00:01+00:00"},
    ],
)
def test_a_row_that_was_altered_is_told(visit, world, change):
    dialog = prove(visit, 120)
    expect(dialog.get_by_role("heading", name="Proven")).to_be_visible()
    world.events[119] |= change
    dialog = prove(visit, 120)
    expect(dialog.get_by_role("heading", name="This is not what was recorded")).to_be_visible()


def test_a_path_that_leads_elsewhere_is_told(visit, world):
    dialog = prove(visit, 120)
    expect(dialog.get_by_role("heading", name="Proven")).to_be_visible()
    world.forged = True
    dialog = prove(visit, 120)
    expect(dialog.get_by_text("The path ends elsewhere than at the signed root")).to_be_visible()


def test_what_was_erased_for_good_leaves_the_proof_whole(visit, world):
    world.erased.add("actor")
    dialog = prove(visit, 120)
    expect(dialog.get_by_role("heading", name="Proven")).to_be_visible()
    expect(dialog.get_by_text("Who did it: erased for good")).to_be_visible()


def test_with_the_key_the_signature_is_checked_too(visit):
    dialog = prove(visit, 120)
    field = dialog.get_by_label("The node's key")
    field.fill("no key")
    expect(dialog.get_by_text("This is no key")).to_be_visible()
    field.fill(str(mock_record.Signer(mock_record.signer().name, OTHER_KEY).verifier))
    expect(dialog.get_by_text("signed by another key than this one")).to_be_visible()
    field.fill(str(mock_record.signer().verifier))
    told = dialog.get_by_text("This key signed the root.")
    expect(told.or_(dialog.get_by_text("This browser cannot check Ed25519"))).to_be_visible()


def test_an_entry_of_this_second_is_not_in_the_tree_yet(visit, world):
    world.waiting = 120
    dialog = prove(visit, 120)
    expect(dialog.get_by_role("heading", name="Not in the tree yet")).to_be_visible()
    world.waiting = 0
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("heading", name="Proven")).to_be_visible()


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
