"""The portal on a phone: tables are cards, and every act is in reach of a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue

pytestmark = pytest.mark.browser

WIDTH = 390
OVERFLOWING = """[...document.querySelectorAll('main *, html')]
    .filter(one => one.checkVisibility() && !one.closest('.hidden, pre, dd, thead'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1
        || one.matches('html, .scroll-x') && one.scrollWidth > one.clientWidth + 1)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def phone(visit, world):
    visit.page.set_viewport_size({"width": WIDTH, "height": 844})
    world.grants.append(
        {
            "id": "g0",
            "person": "p-res",
            "dataset": catalogue.DATASETS[1]["accession"],
            "end": "2031-05-31T00:00:00Z",
            "reason": "The committee's decision 7 of 2026, on the application of last spring",
            "revoked": None,
        }
    )
    world.tokens.append({"id": "t0", "label": "Laptop", "expires": "2027-05-31T00:00:00Z"})
    return visit


@pytest.mark.parametrize(
    ("name", "path", "told"),
    [
        ("steward", "/submissions", "kidney-biopsies"),
        ("contributor", "/submissions/bb-submission-live22-aaaaaa", "IMAGES/IMAGE_C03"),
        ("contributor", "/submissions/bb-submission-bad222-bbbbbb", "METADATA/sample.xml"),
        ("steward", "/steward", "Revoke"),
        ("contributor", "/account", "Take back"),
        ("steward", "/events", "grant:record"),
    ],
)
def test_nothing_lies_beyond_the_edge(phone, name, path, told):
    phone.sign_in(name)
    phone.go(path)
    expect(phone.page.locator("tbody").get_by_text(told).first).to_be_visible()
    assert phone.page.evaluate(OVERFLOWING) == []


def test_a_grant_is_revoked_with_a_thumb(phone):
    phone.sign_in("steward")
    phone.go("/steward")
    card = phone.page.get_by_role("row", name="decision 7 of 2026")
    button = card.get_by_role("button", name="Revoke")
    box = button.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH
    assert box["height"] >= 44  # CSS pixels: WCAG 2.5.5
    button.click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Left the project")
    dialog.get_by_role("button", name="Revoke").click()
    expect(card).to_contain_text("Revoked")


def test_a_card_names_its_values(phone):
    phone.sign_in("contributor")
    phone.go("/submissions")
    label = "getComputedStyle(one, '::before').content"
    cells = phone.page.locator("tbody tr").first.locator("td[data-label]")
    expect(cells).to_have_count(3)
    told = cells.evaluate_all(f"all => all.map(one => {label})")
    assert told == ['"State"', '"Files"', '"Changed"']
