"""OpenSeadragon on a page of another site shows a controlled slide by DeepZoom and by IIIF."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from browser.elsewhere import elsewhere
from places import REPOSITORY
from published import (
    CONTROLLED,
    add_person,
    grant,
    image_name,
    insert_image,
    make_stores,
    publish_two,
    served,
)

pytestmark = pytest.mark.browser

VIEWER = REPOSITORY / "web/node_modules/openseadragon/build/openseadragon/openseadragon.min.js"
NUMBER = 5
IMAGE = image_name(CONTROLLED, NUMBER)
QUARTERS = {(0.25, 0.25): (200, 40, 40), (0.75, 0.25): (40, 180, 60),
            (0.25, 0.75): (50, 60, 210), (0.75, 0.75): (220, 200, 40)}  # fmt: skip
PAGE = """<!doctype html><title>Elsewhere</title><style>body{margin:0}</style>
<div id="v" style="width:800px;height:600px"></div><script src="openseadragon.min.js"></script>
<script>
window.failed = 0; window.loaded = 0;
const viewer = OpenSeadragon({id: 'v', showNavigationControl: false, loadTilesWithAjax: true,
  ajaxHeaders: {Authorization: 'Bearer ' + location.hash.slice(1)}, animationTime: 0,
  crossOriginPolicy: 'Anonymous', tileSources: [SOURCE]});
viewer.addHandler('tile-load-failed', () => window.failed++);
viewer.addHandler('tile-loaded', () => window.loaded++);
viewer.addHandler('open-failed', event => window.refused = event.message);
</script>"""


def pyramid():
    """Quarters of four colours, 240 by 180, and the same four times smaller."""
    rows, columns = np.mgrid[0:180, 0:240]
    colours = np.array(list(QUARTERS.values()), np.uint8)
    finest = colours[(rows >= 90) * 2 + (columns >= 120)]
    return [finest, np.ascontiguousarray(finest[::4, ::4])]


@pytest.fixture
def shut_slide(tmp_path):
    """Where a node with the slide answers, and the token of who may see it."""
    stores = make_stores(tmp_path / "data")
    publish_two(stores)
    insert_image(stores, CONTROLLED, NUMBER, pyramid())
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    with served(build(Node.open(stores, start_work=lambda _: None))) as place:
        yield f"http://{place}", token
    stores.records.close()


def make_site(tmp_path, source):
    """The folder of another site's page, which shows `source` in its own OpenSeadragon."""
    if not VIEWER.is_file():
        pytest.skip("needs OpenSeadragon: `npm ci` in web/")
    site = tmp_path / "site"
    site.mkdir()
    (site / "openseadragon.min.js").write_bytes(VIEWER.read_bytes())
    (site / "index.html").write_text(PAGE.replace("SOURCE", repr(source)), "utf-8")
    return site


@pytest.mark.parametrize("address", [f"/deepzoom/{IMAGE}.dzi", f"/iiif/3/{IMAGE}/info.json"])
def test_a_viewer_of_another_site_shows_the_slide(address, shut_slide, browser, tmp_path):
    node, token = shut_slide
    with elsewhere(make_site(tmp_path, node + address)) as other:
        page = browser.new_context(viewport={"width": 800, "height": 600}).new_page()
        page.goto(f"{other}/index.html#{token}")
        page.wait_for_function("window.refused || viewer.world.getItemAt(0)?.getFullyLoaded()")
        assert page.evaluate("window.refused") is None
        assert page.evaluate("window.failed") == 0
        page.wait_for_timeout(300)
        seen = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        page.context.close()
    for (x, y), colour in QUARTERS.items():
        got = seen[round(y * 600), round(x * 800)].astype(int)
        assert np.abs(got - colour).max() < 8


def test_without_a_token_it_is_refused(shut_slide, browser, tmp_path):
    node, _ = shut_slide
    with elsewhere(make_site(tmp_path, f"{node}/deepzoom/{IMAGE}.dzi")) as other:
        page = browser.new_context().new_page()
        page.goto(f"{other}/index.html#none")
        page.wait_for_function("window.refused")
        assert page.evaluate("window.loaded") == 0
        page.context.close()
