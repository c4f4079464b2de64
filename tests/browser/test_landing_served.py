"""The landing page of a real node in a real browser: what is written into it harms nothing."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.storage.records import tables as t
from browser.conftest import PORTAL, Visit
from published import OPEN, make_stores, publish_two, served

pytestmark = pytest.mark.browser

EVIL = '</script><script>document.title = "taken"</script>'


@pytest.fixture
def visit(browser, tmp_path):
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `npm ci && npm run build` in web/")
    stores = make_stores(tmp_path / "data")
    publish_two(stores)
    with stores.records.write() as connection:
        connection.execute(update(t.datasets).values(description=EVIL))
    with served(build(Node.open(stores, start_work=lambda _: None))) as host:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        visit = Visit(context.new_page(), f"http://{host}")
        yield visit
        context.close()
    stores.records.close()
    assert visit.complaints == []
    assert visit.foreign == []


def test_data_for_harvesters_is_no_script_and_goes_with_its_page(visit):
    visit.go(f"/datasets/{OPEN}")
    data = visit.page.locator('script[type="application/ld+json"]')
    assert json.loads(data.text_content())["description"] == EVIL
    canonical = visit.page.locator('link[rel="canonical"]')
    assert canonical.get_attribute("href") == f"{visit.address}/datasets/{OPEN}"
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("The open set")
    cite = visit.page.get_by_role("region", name="How to cite")
    cite.get_by_role("radio", name="DataCite XML").check()
    expect(cite.get_by_text("<publicationYear>2026</publicationYear>")).to_be_visible()
    quality = visit.page.get_by_role("region", name="How well it is described")
    expect(quality.get_by_text("JPEG, lossy")).to_be_visible()
    assert "taken" not in visit.page.title()
    visit.page.get_by_role("link", name="Catalogue").first.click()
    expect(visit.page.get_by_role("region", name="Datasets")).to_be_visible()
    expect(data).to_have_count(0)
    expect(canonical).to_have_count(0)
