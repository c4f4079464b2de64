"""dicom-microscopy-viewer, which Slim is made of, on a page of another site shows a slide."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pydicom
import pytest
import tifffile

from bigpicture.api.application import build
from bigpicture.api.node import Node
from browser.elsewhere import elsewhere
from places import REPOSITORY
from published import (
    CONTROLLED,
    add_person,
    grant,
    insert_instances,
    make_stores,
    publish_two,
    served,
)
from slide_making import convert_all

pytestmark = pytest.mark.browser

MODULES = REPOSITORY / "web/node_modules"
VIEWER = MODULES / "dicom-microscopy-viewer/dist"
PARTS = (
    MODULES / "dicomweb-client/build/dicomweb-client.js",
    VIEWER / "dynamic-import/dicomMicroscopyViewer.min.js",
    VIEWER / "dynamic-import/dataLoader.worker.min.js",
)
NUMBER = 5
WIDTH, HEIGHT = 1024, 768
QUARTERS = {(0.25, 0.25): (200, 40, 40), (0.75, 0.25): (40, 180, 60),
            (0.25, 0.75): (50, 60, 210), (0.75, 0.75): (220, 200, 40)}  # fmt: skip
PAGE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title><style>body{margin:0}</style>
<div id="v" style="width:800px;height:600px"></div>
<script src="dicomweb-client.js"></script>
<script src="dicomMicroscopyViewer.min.js"></script>
<script>
window.PUBLIC_LIB_URL = './';
window.failed = []; window.begun = 0; window.ended = 0;
const token = location.hash.slice(1);
const client = new DICOMwebClient.api.DICOMwebClient({
  url: 'NODE/dicomweb', headers: {Authorization: 'Bearer ' + token}});
const {viewer, metadata} = dicomMicroscopyViewer;
const place = document.getElementById('v');
const hear = (name, act) =>
  place.addEventListener('dicommicroscopyviewer_frame_loading_' + name, act);
hear('started', () => window.begun++);
hear('ended', () => window.ended++);
hear('error', () => window.failed.push('frame'));
client.retrieveSeriesMetadata({studyInstanceUID: 'STUDY', seriesInstanceUID: 'SERIES'})
  .then(found => {
    const images = found.map(one => new metadata.VLWholeSlideMicroscopyImage({metadata: one}));
    const shown = new viewer.VolumeImageViewer({client, metadata: images, controls: []});
    shown.render({container: place});
    window.shown = true;
  })
  .catch(error => { window.refused = String(error?.status ?? error); });
</script>"""


@pytest.fixture(scope="module")
def quarters(tmp_path_factory):
    """A converted slide of four colours."""
    folder = tmp_path_factory.mktemp("quarters")
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    colours = np.array(list(QUARTERS.values()), np.uint8)
    picture = colours[(rows >= HEIGHT // 2) * 2 + (columns >= WIDTH // 2)]
    tifffile.imwrite(
        folder / "quarters.tiff",
        picture,
        tile=(256, 256),
        photometric="rgb",
        compression="jpeg",
        resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
        metadata=None,
    )
    return [one.path for one in convert_all(folder / "quarters.tiff", folder / "out").instances]


@pytest.fixture
def site(quarters, tmp_path):
    """The folder of another site's page, and the token of who may see the slide it shows."""
    if not all(part.is_file() for part in PARTS):
        pytest.skip("needs dicom-microscopy-viewer: `npm ci` in web/")
    stores = make_stores(tmp_path / "data")
    publish_two(stores)
    insert_instances(stores, CONTROLLED, NUMBER, [path.read_bytes() for path in quarters])
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    header = pydicom.dcmread(quarters[0], stop_before_pixels=True)
    folder = tmp_path / "site"
    folder.mkdir()
    for part in (*PARTS, *(VIEWER / "dynamic-import").glob("*.wasm")):
        shutil.copy(part, folder)
    with served(build(Node.open(stores, start_work=lambda _: None))) as node:
        page = PAGE.replace("NODE", f"http://{node}")
        page = page.replace("STUDY", header.StudyInstanceUID)
        page = page.replace("SERIES", header.SeriesInstanceUID)
        (folder / "index.html").write_text(page, "utf-8")
        yield folder, token
    stores.records.close()


def test_the_slide_is_seen_in_its_colours(site, browser):
    folder, token = site
    with elsewhere(folder) as other:
        page = browser.new_context(viewport={"width": 800, "height": 600}).new_page()
        said = []
        page.on("console", lambda told: said.append(told.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{other}/index.html#{token}")
        page.wait_for_function(
            "window.refused || window.begun > 0 && window.begun === window.ended"
        )
        assert page.evaluate("window.refused") is None, said
        assert page.evaluate("window.failed") == [], said
        page.wait_for_timeout(1000)
        seen = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        page.context.close()
    for (x, y), colour in QUARTERS.items():
        # it shows the slide as it lies on the glass (Image Orientation (Slide)): half a turn
        got = seen[round((1 - y) * 600), round((1 - x) * 800)].astype(int)
        assert np.abs(got - colour).max() < 12, (got, colour)


def test_without_a_token_it_is_refused(site, browser):
    with elsewhere(site[0]) as other:
        page = browser.new_context().new_page()
        page.goto(f"{other}/index.html#none")
        page.wait_for_function("window.refused")
        assert page.evaluate("window.begun") == 0
        page.context.close()
