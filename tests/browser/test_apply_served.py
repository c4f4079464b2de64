"""From an application to open data, of a real node in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import argon2
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from applying import ANSWERS, KIDNEYS, World, make_world, publish_kidneys
from applying_in_browser import step, write
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.sequence import Sequencer
from bigpicture.storage.records.tables import people
from browser.conftest import PORTAL, Visit
from browser.test_phone import OVERFLOWING
from published import CONTROLLED, image_name, make_stores, publish_two, served

pytestmark = pytest.mark.browser

TEXT = "# What you agree to\n\n- Nobody tries to find out who a slide is of."


@dataclass
class Asking:
    """Asks the served node as a program would."""

    http: httpx.Client

    def ask(self, method, path, *, token=None, headers=None, **more):
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, path, headers=shown | (headers or {}), **more)


@dataclass
class Here:
    address: str
    world: World
    sequencer: Sequencer


@pytest.fixture
def here(tmp_path):
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `python web/build.py`")
    stores = make_stores(tmp_path)
    publish_two(stores)
    publish_kidneys(stores)
    node = Node.open(stores, start_work=lambda _: None)
    signer = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    sequencer = Sequencer(stores.records, signer, KeptCheckpoint(tmp_path / "kept/checkpoint"))
    with served(build(node)) as place, httpx.Client(base_url=f"http://{place}") as http:
        yield Here(f"http://{place}", make_world(Asking(http), stores), sequencer)
    stores.records.close()


@pytest.fixture
def visits(browser, here):
    """Pages of people who are signed in."""
    contexts, pages = [], []

    def make(person):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        cookie = {"name": "bigpicture_session", "value": here.world.tokens[person]}
        context.add_cookies([{**cookie, "url": here.address}])
        pages.append(Visit(context.new_page(), here.address))
        return pages[-1]

    yield make
    for context in contexts:
        context.close()
    assert [visit.complaints for visit in pages if visit.complaints] == []


def test_apply_vote_agree_and_look(visits, here):
    world = here.world
    terms = {"id": "data-use", "kind": "click", "title": "Data use agreement", "text": TEXT}
    assert world.ask("stu", "POST", "/api/v1/agreements", terms).status_code == 201

    ada = visits("ada")
    ada.go(f"/apply?dataset={CONTROLLED}&dataset={KIDNEYS}")
    ada.page.get_by_role("button", name="Begin the application").click()
    expect(ada.page.get_by_role("heading", name="What and why")).to_be_visible()
    name = ada.page.url.rsplit("/", 1)[1]
    write(ada.page, member="bob", signatory="sig")
    step(ada.page, "Check and send")
    ada.page.get_by_label("What I say here is true").check()
    ada.page.get_by_role("button", name="Send the application").click()
    expect(ada.page.locator("h1 + p")).to_contain_text("Submitted")

    lou = visits("lou")
    lou.go("/desk")
    lou.page.get_by_role("link", name=ANSWERS["title"]).click()
    lou.page.get_by_role("button", name="Take it to review").click()
    lou.page.get_by_role("textbox", name="Ask the applicant").fill("Who reaches the server?")
    lou.page.get_by_role("button", name="Ask", exact=True).click()
    expect(lou.page.get_by_text("Not answered yet.")).to_be_visible()

    ada.page.reload()
    ada.page.get_by_label("Your answer").fill("The two of us.")
    ada.page.get_by_role("button", name="Answer").click()
    expect(ada.page.get_by_text("The two of us.")).to_be_visible()

    for person, way in (("lou", "Approve"), ("lea", "Approve"), ("kim", "Refuse")):
        page = visits(person).page
        page.goto(f"{here.address}/desk/{name}")
        page.get_by_label("I have no conflict of interest").check()
        page.get_by_role("button", name="Declare").click()
        form = page.get_by_role("form", name="Your vote")
        form.get_by_label(way, exact=True).check()
        form.get_by_label("Reason").fill(f"{person} says {way.lower()}")
        form.get_by_role("button", name="Vote:").click()
        expect(form).to_have_count(0 if person != "lou" else 1)

    ada.page.reload()
    lines = ada.page.get_by_role("region", name="Datasets")
    expect(lines).to_contain_text("kim says refuse")
    expect(lines).to_contain_text("lea says approve")
    image = f"/api/v1/images/{image_name(CONTROLLED, 0)}"
    assert world.ask("ada", "GET", image).status_code == 403
    ada.page.get_by_role("button", name="Read and accept").click()
    ada.page.get_by_role("button", name="I accept").click()
    expect(ada.page.get_by_text("You accepted it.")).to_be_visible()
    assert world.ask("ada", "GET", image).status_code == 200

    ada.go("/access")
    grants = ada.page.get_by_role("region", name="Grants")
    expect(grants.locator("li.panel")).to_have_count(1)
    expect(grants).to_contain_text("Active")
    expect(grants).to_contain_text("Download: not allowed")
    assert ada.page.evaluate(OVERFLOWING) == []

    ada.go("/register")
    expect(ada.page.get_by_role("heading", name=ANSWERS["title"])).to_be_visible()
    expect(ada.page.locator("main")).to_contain_text(ANSWERS["lay_summary"])


def test_the_grant_is_suspended_and_every_entry_of_it_proven(visits, here):
    here.world.approved()
    stu = visits("stu")
    stu.go("/steward")
    row = stu.page.get_by_role("row", name="Ada University The controlled")
    row.get_by_role("button", name="Suspend").click()
    dialog = stu.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Asked by the hospital")
    dialog.get_by_role("button", name="Suspend").click()
    expect(row).to_contain_text("A steward has suspended it")

    assert here.sequencer.run()
    odo = visits("odo")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    odo.go(f"/events?action=grant:&until={tomorrow}")
    expect(odo.page.locator("tbody tr").first).to_contain_text("grant:hold")
    odo.page.get_by_role("button", name="Prove entry").first.click()
    proof = odo.page.get_by_role("dialog")
    expect(proof.get_by_role("heading", name="Proven")).to_be_visible()
    proof.get_by_label("The node's key").fill(str(here.sequencer.signer.verifier))
    signed = proof.get_by_text("This key signed the root.")
    expect(signed.or_(proof.get_by_text("This browser cannot check"))).to_be_visible()


def test_a_bar_after_a_misuse_is_lifted_on_the_dataset_s_page(visits, here):
    here.world.approved()
    held = here.world.get("stu", "/api/v1/grants")["items"]
    [grant] = [each["id"] for each in held if each["person"] == here.world.ids["ada"]]
    told = {"reason": "Copies were handed on", "is_misuse": True}
    assert here.world.ask("stu", "DELETE", f"/api/v1/grants/{grant}", told).status_code == 200
    lou = visits("lou")
    lou.go(f"/datasets/{CONTROLLED}")
    barred = lou.page.get_by_role("region", name="Barred")
    expect(barred.get_by_role("row", name="Ada")).to_contain_text("Copies were handed on")
    barred.get_by_role("button", name="Lift").click()
    dialog = lou.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("It was somebody else")
    dialog.get_by_role("button", name="Lift the bar").click()
    expect(barred).to_have_count(0)
    assert here.world.get("lou", f"/api/v1/datasets/{CONTROLLED}/barred")["items"] == []
    ada = visits("ada")
    ada.go(f"/datasets/{CONTROLLED}")
    expect(ada.page.get_by_role("heading", name="Terms of use", exact=True)).to_be_visible()
    assert ada.page.evaluate(OVERFLOWING) == []


def test_a_person_changes_their_password(visits, here):
    old, new = "correct horse battery", "staple of another kind"
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with here.world.stores.records.write() as connection:
        mine = people.c.id == here.world.ids["bob"]
        connection.execute(people.update().where(mine).values(password_hash=quick.hash(old)))
    bob = visits("bob")
    bob.go("/account")
    bob.page.get_by_role("button", name="Change password").click()
    bob.page.get_by_label("New password").fill("password1")
    bob.page.get_by_label("Old password").fill(old)
    bob.page.get_by_role("button", name="Change it").click()
    expect(bob.page.get_by_role("alert")).to_contain_text("most common")
    bob.page.get_by_label("New password").fill(new)
    bob.page.get_by_label("Old password").fill(old)
    bob.page.get_by_role("button", name="Change it").click()
    expect(bob.page.get_by_text("Your password is changed.")).to_be_visible()
    for password, status in ((old, 401), (new, 201)):
        given = {"name": "bob", "password": password}
        assert here.world.client.ask("POST", "/api/v1/sessions", json=given).status_code == status


def test_committees_and_agreements_are_kept_in_the_browser(visits, here):
    stu = visits("stu")
    stu.go("/committees")
    stu.page.get_by_role("button", name="New committee").click()
    dialog = stu.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Skin")
    dialog.get_by_role("button", name="Save").click()
    card = stu.page.get_by_role("article", name="Skin")
    card.get_by_label("Add a member").fill("uma")
    card.get_by_role("button", name="Add").click()
    expect(card).to_contain_text("1 member")
    stu.page.get_by_role("button", name="New agreement").click()
    dialog = stu.page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Data use agreement")
    dialog.get_by_label("Short name").fill("data-use")
    dialog.get_by_label("Text").fill(TEXT)
    dialog.get_by_role("button", name="Put it in force").click()
    expect(stu.page.get_by_role("row", name="Data use agreement")).to_contain_text("version 1")
