"""The code of docs/stream.md runs, in its order, against a node and a slide."""

from __future__ import annotations

import re

import pytest

from bigpicture.api.application import build
from places import REPOSITORY
from published import add_person, grant, served
from slide_making import write_jpeg_tiff

DRAWN = """{"type": "Feature", "geometry": {"type": "Polygon", "coordinates":
 [[[0, 0], [96, 0], [96, 96], [0, 96], [0, 0]]]}, "properties": {"label": "Tumour"}}"""


def test_what_the_page_shows_runs(stores, node, tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="needs the extra ai")
    page = (REPOSITORY / "docs/stream.md").read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(shown) >= 6
    person, token = add_person(stores, "reader")
    grant(stores, person)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIGPICTURE_TOKEN", token)
    write_jpeg_tiff(tmp_path / "slide.tif")
    (tmp_path / "drawn.geojson").write_text(DRAWN)
    names = {}
    with served(build(node)) as place:
        for block in shown:
            exec(block.replace("https://node.example", f"http://{place}"), names)
    assert names["batch"]["pixels"].shape[1:] == (64, 64, 3)
    assert names["state"]["patch"] == 4
    assert names["drawn"].reasons == {}
