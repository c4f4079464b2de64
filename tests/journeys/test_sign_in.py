"""Sign in in the browser: at a real OpenID Connect provider, and with a second factor."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from playwright.sync_api import expect

from bigpicture.access.totp import code_at, step_at
from issuers import provided
from running import PASSWORD, STEWARD, RunningNode, free_port


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node that requires second factors and trusts a real provider; with that provider."""
    folder = tmp_path_factory.mktemp("sign-in")
    port = free_port()
    callback = f"http://127.0.0.1:{port}/api/v1/identity/test/callback"
    with provided(folder, callback) as provider:
        file = folder / "identity.toml"
        file.write_text(provider.settings())
        environment = {
            "BIGPICTURE_SECOND_FACTOR": "required",
            "BIGPICTURE_IDENTITY": str(file),
        }
        running = RunningNode(folder / "data", environment=environment, port=port).init().start()
        yield running
        running.stop()


@pytest.fixture
def page(browser, node):
    context = browser.new_context(base_url=node.address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_a_researcher_signs_in_at_an_issuer_and_comes_back_where_they_were(page, node):
    page.goto("/sign-in?next=/account")
    page.get_by_role("link", name="Test issuer").click()
    page.wait_for_url(re.compile("interaction"))
    page.locator("[name=login]").fill("rosa")
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.locator("[type=submit]").click()  # what the node may know
    page.wait_for_url(f"{node.address}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("rosa of the tests")
    expect(page.get_by_role("cell", name="Test issuer")).to_be_visible()
    session = next(each for each in page.context.cookies() if each["name"] == "bigpicture_session")
    assert session["sameSite"] == "Strict"
    assert session["httpOnly"]
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("rosa of the tests")
    is_wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(is_wide)


def test_an_answer_that_belongs_to_no_sign_in_of_this_browser_is_told_in_words(page):
    page.goto("/api/v1/identity/test/callback?code=x&state=y")
    expect(page.get_by_role("alert")).to_contain_text("another sign-in")


def sign_in(page, name=STEWARD, password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_steward_enrols_and_shows_the_code_from_then_on(page, node):
    page.goto("/sign-in?next=/steward")
    sign_in(page)
    page.wait_for_url(re.compile("/account"))
    expect(page.get_by_text("Your role needs a second factor.")).to_be_visible()
    page.get_by_role("button", name="Enrol an app").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_text("The app cannot scan?").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    used = step_at(time.time()) - 1
    page.get_by_label("Code", exact=True).fill(code_at(secret, used))
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Access")
    page.context.clear_cookies()
    page.goto("/sign-in?next=/steward")
    sign_in(page)
    page.get_by_label("Code", exact=True).fill(code_at(secret, used))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("used before")
    page.get_by_label("Code", exact=True).fill(recovery)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Access")
    answer = httpx.get(f"{node.address}/api/v1/people")
    assert answer.status_code == 401


def test_a_session_elsewhere_is_seen_and_ended(browser, node):
    here, there = (browser.new_context(base_url=node.address) for _ in range(2))
    for context in (there, here):  # what is asked last is "this one"
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in?next=/account")
        page.get_by_role("link", name="Test issuer").click()
        page.locator("[name=login]").fill("sol")
        page.locator("[name=password]").fill("any")
        page.locator("[type=submit]").click()
        page.locator("[type=submit]").click()
        page.wait_for_url(f"{node.address}/account")
    sessions = page.get_by_role("region", name="Where you are signed in")
    expect(sessions.get_by_role("row")).to_have_count(3)
    expect(sessions.get_by_role("row", name="This one")).to_have_count(1)
    other = there.pages[0]
    assert other.request.get("/api/v1/sessions/current").json()["person"]["name"]
    sessions.get_by_role("button", name="End", exact=True).click()
    expect(sessions.get_by_role("row")).to_have_count(2)
    assert other.request.get("/api/v1/sessions/current").json()["person"] is None
    assert page.request.get("/api/v1/sessions/current").json()["person"]["name"]
    here.close()
    there.close()
