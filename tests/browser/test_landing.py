"""A dataset's landing page: how to cite it, what became of it, how well it is described."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import mock_catalogue as catalogue

pytestmark = pytest.mark.browser

OPEN, SHUT = catalogue.DATASETS[0], catalogue.DATASETS[1]
SIZES = pytest.mark.parametrize(("width", "height"), [(1440, 1000), (390, 844)])


@SIZES
def test_the_page_tells_citation_versions_and_quality(visit, width, height):
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.go(f"/datasets/{OPEN['accession']}")
    cite = visit.page.get_by_role("region", name="How to cite")
    expect(cite.get_by_text(f"Northern node. (Dataset). {OPEN['accession']}")).to_be_visible()
    expect(cite.get_by_text("invented slides of the colon")).to_be_visible()
    versions = visit.page.get_by_role("region", name="Versions")
    expect(versions.get_by_text("1 October 2026")).to_be_visible()
    expect(versions.get_by_text("Ki-67 added to every fourth block")).to_be_visible()
    expect(versions.get_by_text("+4 images, −1 observation")).to_be_visible()
    expect(versions.get_by_text("The images of <5 beings were erased")).to_be_visible()
    expect(versions.get_by_text("Before it came here")).to_be_visible()
    quality = visit.page.get_by_role("region", name="How well it is described")
    expect(quality.get_by_role("listitem").filter(has_text="Age")).to_contain_text("87%")
    expect(quality.get_by_role("listitem").filter(has_text="Organ")).to_contain_text("all")
    expect(quality.get_by_text("0.25 µm/px")).to_be_visible()
    expect(quality.get_by_text("JPEG 2000, lossless")).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


@SIZES
def test_no_text_lies_on_another(visit, width, height):
    """The names of bars and their percent keep apart, and nothing is cut off."""
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.go(f"/datasets/{OPEN['accession']}")
    quality = visit.page.get_by_role("region", name="How well it is described")
    expect(quality).to_be_visible()
    cut = quality.evaluate(
        """one => [...one.querySelectorAll("span, li, h3")]
             .filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
             .map(each => each.textContent)"""
    )
    assert cut == []
    row = quality.get_by_role("listitem").filter(has_text="Magnification")
    name, bar, part = (row.locator(f"> span >> nth={at}").bounding_box() for at in range(3))
    assert name["x"] + name["width"] <= bar["x"]
    assert bar["x"] + bar["width"] <= part["x"]


def test_another_form_is_shown_copied_and_downloaded(visit):
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go(f"/datasets/{OPEN['accession']}")
    cite = visit.page.get_by_role("region", name="How to cite")
    cite.get_by_role("radio", name="BibTeX").check()
    expect(cite.get_by_text(f"@dataset{{{OPEN['accession']}")).to_be_visible()
    cite.get_by_role("button", name="Copy BibTeX").click()
    expect(visit.page.get_by_text("The citation is copied.")).to_be_visible()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied == catalogue.bibtex(OPEN)
    with visit.page.expect_download() as download:
        cite.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"{OPEN['accession']}.bib"


def test_a_form_that_does_not_come_says_so(visit):
    visit.go(f"/datasets/{OPEN['accession']}")
    cite = visit.page.get_by_role("region", name="How to cite")
    cite.get_by_role("radio", name="RIS").check()
    expect(cite.get_by_text("This form did not come")).to_be_visible()


def test_what_is_withheld_is_said(visit):
    visit.go(f"/datasets/{SHUT['accession']}")
    quality = visit.page.get_by_role("region", name="How well it is described")
    expect(quality.get_by_text("fewer than five beings would show")).to_be_visible()
    expect(quality.get_by_role("listitem").filter(has_text="Sex")).to_have_count(0)
    expect(quality.get_by_role("listitem").filter(has_text="Age")).to_have_count(1)
