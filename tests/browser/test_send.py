"""Sending a described dataset: what is digested and sent is what was chosen, whatever breaks."""

from __future__ import annotations

import hashlib

import pytest
from playwright.sync_api import expect

from browser.test_prepare import as_csv, begin, rows
from filled_table import DATASET

pytestmark = pytest.mark.browser

SIZES = (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, (8 << 20) + 3)
"""Around the ends of SHA-256's blocks and padding, and of the pieces that are read."""


@pytest.fixture
def slides(tmp_path):
    for number, size in enumerate(SIZES):
        seed = hashlib.sha256(bytes([number])).digest()
        (tmp_path / f"{number}.svs").write_bytes((seed * (size // 32 + 1))[:size])
    return [tmp_path / f"{number}.svs" for number in range(len(SIZES))]


def choose(visit, world, slides):
    world.intake = "identified"
    page = begin(visit, as_csv(rows(len(SIZES))))
    page.wait_for_timeout(300)
    [(name, (etag, body))] = world.drafts.items()
    world.drafts[name] = (etag, body | {"fields": DATASET})
    page.evaluate("indexedDB.deleteDatabase('bigpicture-drafts')")
    page.reload()
    page.get_by_role("tab", name="Send").click()
    page.get_by_label("Slides", exact=True).set_input_files(slides)
    return page


def test_what_arrives_is_what_was_chosen_though_the_node_was_away(visit, world, slides):
    page = choose(visit, world, slides)
    expect(page.get_by_text("11 of 11 rows have their slide")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    send = page.get_by_role("button", name="Send 11 slides")
    expect(send).to_be_disabled()  # before the keys are kept
    page.get_by_label("I have saved it at a safe place").check()
    [described] = world.described
    told = {each["file"]: (each["size"], each["sha256"]) for each in described["slides"]}
    held = {each.name: each.read_bytes() for each in slides}
    assert told == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in held.items()
    }
    send.click()
    page.wait_for_url("**/submissions/bb-submission-live22-aaaaaa")
    assert world.announced["alias"] == "colon-1"
    for number, file in enumerate(world.announced["files"]):
        arrived = world.uploads.get(str(number), b"")
        assert len(arrived) == file["size"]
        assert hashlib.sha256(arrived).hexdigest() == file["sha256"]
    assert world.pieces > len(SIZES)  # one of them came twice


def test_a_row_without_its_slide_is_named(visit, world, slides):
    page = choose(visit, world, slides[1:])
    expect(page.get_by_text("Row 1:")).to_contain_text("0.svs is not among them")
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)


def test_a_node_that_takes_only_deidentified_slides_offers_no_sending(visit):
    page = begin(visit, as_csv(rows(1)))
    expect(page.get_by_role("tab", name="Finish")).to_be_visible()
    expect(page.get_by_role("tab", name="Send")).to_have_count(0)
