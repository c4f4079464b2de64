"""From a policy to a grant and its end in the browser, of a real node, by everybody concerned."""

from __future__ import annotations

import hashlib
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from applying import ANSWERS
from applying_in_browser import step, write
from bigpicture.phantom.identity import identity
from bigpicture.phantom.slides import write_svs
from bigpicture.phantom.tissue import Tissue
from cast import PASSWORD, committee, make_cast, ok, published, set_agreements
from contributing import describe, send
from running import PASSWORD as STEWARDS_PASSWORD
from running import settled
from slow_line import SlowLine

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]

SLIDE = "Meier_1"
SLOW = 100_000
"""Bytes a second: a download is then under way for a while."""


class Pages:
    """A page each of people who have signed in by the page for that."""

    def __init__(self, browser, address, stack):
        self._browser, self._address, self._stack = browser, address, stack
        self._pages = {}

    def __getitem__(self, name):
        if name not in self._pages:
            self._pages[name] = self._sign_in(name)
        return self._pages[name]

    def go(self, name, path):
        page = self[name]
        page.goto(self._address + path)
        return page

    def _sign_in(self, name):
        context = self._browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
        )
        self._stack.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{self._address}/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(STEWARDS_PASSWORD if name == "steward" else PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self._address}/")
        return page


@pytest.fixture
def cast(make_node):
    with make_cast(make_node(second_factor="offered", intake="identified")) as made:
        yield made


@pytest.fixture
def pages(browser, cast):
    expect.set_options(timeout=30_000)
    with ExitStack() as stack:
        yield Pages(browser, cast.node.address, stack)
    expect.set_options(timeout=5_000)


def test_everybody_does_their_part_in_the_browser(cast, pages, tmp_path):
    colons = contributed(cast, pages, tmp_path)
    lungs = published(cast, tmp_path / "two", "lungs", 2, side=600)
    set_agreements(cast)
    committee(cast, "Colons", ["dirk", "dora"], colons, quorum=2)
    committee(cast, "Lungs", ["dana"], lungs)
    application = applied(pages, colons, lungs)
    decided(pages, application)
    agreed(pages, application)
    image, file = looked_at(cast, pages, colons)
    revoked_while_it_is_taken(cast, pages, image, file)
    sealed_and_unsealed(cast, pages, colons, image)


def contributed(cast, pages, folder):
    """Cleo describes a slide and chooses the terms of use; two stewards read it and release it."""
    slide = folder / f"{SLIDE}.svs"
    write_svs(slide, Tissue(seed=1, width=2400, height=2400, organ="colon"), who=identity(1))
    page = pages.go("cleo", "/prepare")
    describe(page, [SLIDE])
    accession = send(page, [slide], folder / "keys.csv")
    reviewing(cast.steward, accession)
    for name in ("stan", "steward"):
        page = pages.go(name, f"/reviews/{accession}")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Release", exact=True).click()
        expect(page.get_by_text(re.compile(r"[12] of 2 have released it"))).to_be_visible()
    assert settled(cast.steward, accession)["state"] == "published"
    page = pages.go("rio", f"/datasets/{accession}")
    expect(page.get_by_text("Your use must not be commercial.")).to_be_visible()
    return accession


def reviewing(client, accession):
    with client.stream("GET", f"/api/v1/submissions/{accession}/events", timeout=300) as events:
        for line in events.iter_lines():
            if '"state": "reviewing"' in line:
                return
            assert not re.search(r'"state": "(refused|failed|published)"', line), line
    raise AssertionError("nobody was asked to read it")


def applied(pages, colons, lungs):
    """Rio applies for both from the dataset's own page, with Ada; Sig signs."""
    page = pages.go("rio", f"/datasets/{colons}")
    link = page.get_by_role("link", name="Apply for access")
    assert link.get_attribute("href") == f"/apply?dataset={colons}"
    page = pages.go("rio", f"/apply?dataset={colons}&dataset={lungs}")
    page.get_by_role("button", name="Begin the application").click()
    expect(page.get_by_role("heading", name="What and why")).to_be_visible()
    write(page, member="ada", signatory="sig", uses=("View", "Stream", "Download"))
    step(page, "Check and send")
    page.get_by_label("What I say here is true").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.locator("h1 + p")).to_contain_text("Submitted")
    return page.url.rsplit("/", 1)[1]


def decided(pages, application):
    """Dirk asks and Rio answers; Dirk and Dora approve, Dana refuses."""
    dirk = pages.go("dirk", "/desk")
    dirk.get_by_role("link", name=ANSWERS["title"]).click()
    dirk.get_by_role("button", name="Take it to review").click()
    dirk.get_by_role("textbox", name="Ask the applicant").fill("Who reaches the server?")
    dirk.get_by_role("button", name="Ask", exact=True).click()
    expect(dirk.get_by_text("Not answered yet.")).to_be_visible()
    rio = pages.go("rio", f"/applications/{application}")
    rio.get_by_label("Your answer").fill("The two of us.")
    rio.get_by_role("button", name="Answer").click()
    expect(rio.get_by_text("The two of us.")).to_be_visible()
    for name, way in (("dirk", "Approve"), ("dora", "Approve"), ("dana", "Refuse")):
        page = pages.go(name, f"/desk/{application}")
        expect(page.get_by_text("The two of us.")).to_be_visible()
        page.get_by_label("I have no conflict of interest").check()
        page.get_by_role("button", name="Declare").click()
        form = page.get_by_role("form", name="Your vote")
        form.get_by_label(way, exact=True).check()
        form.get_by_label("Reason").fill(f"{name} says {way.lower()}")
        form.get_by_role("button", name="Vote:").click()
        expect(form).to_have_count(1 if name == "dirk" else 0)
    page = pages.go("rio", f"/applications/{application}")
    lines = page.get_by_role("region", name="Datasets")
    expect(lines).to_contain_text("dora says approve")
    expect(lines).to_contain_text("dana says refuse")


def agreed(pages, application):
    """Rio and Ada accept the terms, Sig signs."""
    for name in ("rio", "ada"):
        page = pages.go(name, f"/applications/{application}")
        page.get_by_role("button", name="Read and accept").click()
        page.get_by_role("button", name="I accept").click()
        expect(page.get_by_text("You accepted it.")).to_be_visible()
    page = pages.go("sig", f"/applications/{application}")
    page.get_by_role("button", name="Read and sign").click()
    page.get_by_role("button", name=re.compile("^Sign for Invented university")).click()
    expect(page.get_by_text("It is signed for your organisation.")).to_be_visible()
    page = pages.go("rio", "/access")
    grants = page.get_by_role("region", name="Grants")
    expect(grants.locator("li.panel")).to_have_count(1)
    expect(grants).to_contain_text("Active")


def looked_at(cast, pages, colons):
    """Rio looks at the slide and takes a file away; returns the image, and what the list says."""
    page = pages.go("rio", f"/datasets/{colons}")
    expect(page.get_by_text("You have a grant for this dataset")).to_be_visible()
    with page.expect_response(re.compile("/tiles/")) as tile:
        page.locator("#images a").first.click()
        expect(page.locator("[data-magnification]")).to_be_visible()
    assert tile.value.status == 200
    image = re.search(r"/images/([\w-]+)", page.url)[1]
    files = ok(cast.rio.get(f"/api/v1/datasets/{colons}/files"))["items"]
    largest = max(files, key=lambda each: each["size"])
    taken = download(page, largest)
    assert hashlib.sha256(Path(taken.path()).read_bytes()).hexdigest() == largest["sha256"]
    return image, largest


def download(page, file):
    with page.expect_download() as begun:
        page.evaluate("address => { location.href = address }", file["address"])
    return begun.value


def revoked_while_it_is_taken(cast, pages, image, file):
    """A steward revokes while Rio's browser takes the file by a slow line: it never has it."""
    steward = pages.go("steward", "/steward")
    row = steward.get_by_role("row", name=re.compile("^Rio .*Invented colons"))
    row.get_by_role("button", name="Revoke").click()
    dialog = steward.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The study is over")
    with SlowLine(cast.node.address, rate=SLOW) as line:
        rio = pages["rio"]
        rio.goto(f"{line.address}/api/v1/node")
        taking = download(rio, file)
        dialog.get_by_role("button", name="Revoke").click()
        expect(row).to_contain_text("Revoked")
        assert taking.failure() is not None
        assert 0 < line.passed < file["size"]
    page = pages.go("rio", f"/images/{image}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert cast.rio.get(file["address"]).status_code == 403


def sealed_and_unsealed(cast, pages, colons, image):
    """Dirk seals the dataset; it opens to Ada again with the word of a second steward."""
    ada = pages.go("ada", f"/images/{image}")
    expect(ada.locator("[data-magnification]")).to_be_visible()
    dirk = pages.go("dirk", "/seals")
    dirk.get_by_role("button", name="Seal", exact=True).click()
    dialog = dirk.get_by_role("dialog")
    dialog.get_by_label("Which").fill(colons)
    dialog.get_by_label("Reason").fill("An invented doubt")
    dialog.get_by_label(re.compile("^Type")).press_sequentially(colons)
    dialog.get_by_role("button", name="Seal now").click()
    expect(dirk.get_by_text("An invented doubt")).to_be_visible()
    ada.reload()
    expect(ada.get_by_role("alert")).to_be_visible()
    assert cast.ada.get(f"/tiles/{image}/0/0_0").json()["reason"] == "sealed"
    for name, act, word in (
        ("stan", "Begin to open", "Give the first word"),
        ("steward", "Open it", "Open it"),
    ):
        page = pages.go(name, "/seals")
        page.get_by_role("button", name=act).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("The doubt is gone")
        dialog.get_by_role("button", name=word).click()
        expect(dialog).to_have_count(0)
        if name == "stan":
            assert cast.ada.get(f"/tiles/{image}/0/0_0").status_code == 403
            expect(page.get_by_role("button", name="Open it")).to_be_disabled()
    expect(pages["steward"].get_by_text("Nothing is sealed.")).to_be_visible()
    ada.reload()
    expect(ada.locator("[data-magnification]")).to_be_visible()
    assert cast.ada.get(f"/tiles/{image}/0/0_0").status_code == 200
