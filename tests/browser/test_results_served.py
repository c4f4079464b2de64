"""Results of a real node in a real browser: what the doors answer is what the portal shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bigpicture.api.application import build
from bigpicture.api.node import Node
from browser.conftest import PORTAL, Visit
from published import OPEN, add_person, image_name, make_stores, publish_two, served
from results_kept import keep_results

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser, tmp_path):
    if not (PORTAL / "index.html").is_file():
        pytest.skip("needs the built portal: `npm ci && npm run build` in web/")
    stores = make_stores(tmp_path / "data")
    publish_two(stores)
    person, _ = add_person(stores, "rita")
    keep_results(stores, OPEN, person.id)
    with served(build(Node.open(stores, start_work=lambda _: None))) as host:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        visit = Visit(context.new_page(), f"http://{host}")
        yield visit
        context.close()
    stores.records.close()
    assert visit.complaints == []
    assert visit.foreign == []


def test_every_kind_of_layer_comes_from_the_node(visit):
    answers = []
    visit.page.on("response", lambda one: answers.append((one.url, one.status)))
    visit.go(f"/images/{image_name(OPEN, 0)}")
    expect(visit.page.locator("[data-magnification]")).to_be_visible()
    visit.page.get_by_role("button", name="Results", exact=True).click()
    panel = visit.page.get_by_role("complementary", name="Results")
    expect(panel.get_by_role("definition")).to_have_text("1.5 mm²")
    for name in ("Tissue", "Focus", "Nuclei"):
        panel.get_by_role("switch", name=name).click()
    expect(panel.get_by_role("img", name="Colours from 0 to 1 µm")).to_be_visible()
    expect(panel.get_by_role("status")).to_have_text("1 around here")
    visit.page.wait_for_load_state("networkidle")
    for output in ("tissue", "focus"):
        tiles = [status for url, status in answers if f"/{output}/tiles/" in url]
        assert tiles
        assert set(tiles) == {200}
    expect(panel.get_by_role("alert")).to_have_count(0)
