"""The report on a dataset: its counts by hand, its plots to scale, what is unknown in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from bigpicture.analysis.dataset_report import report_on
from bigpicture.analysis.dataset_report_shown import report_html, report_markdown
from bigpicture.analysis.plot import bars, boxes, histogram
from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.dataset_report import ImageRow
from bigpicture.model.errors import InputError


def row(at, being, site, sharpness):
    return ImageRow(
        f"i{at}", being, {"site": site, "stain": "HE", "sex": None}, {"sharpness": sharpness}
    )


ROWS = [
    row(0, "b0", "A", 1.0),
    row(1, "b0", "A", 3.0),
    row(2, "b1", "A", None),
    row(3, "b2", "B", 5.0),
    row(4, "b2", None, float("nan")),
]


def report(**more):
    return report_on(ROWS, title="Set <1>", **{"is_generated": False, **more})


def many(*, shift):
    chance = np.random.default_rng(0)
    rows = [row(at, f"b{at // 2}", "AB"[at // 2 % 2], 1.0) for at in range(80)]
    vectors = {
        each.image: chance.normal(size=6) + shift * (each.properties["site"] == "A")
        for each in rows
    }
    return report_on(
        rows, title="Set", is_generated=True, vectors=vectors, encoder="enc@1", draws=39
    )


def test_coverage_by_hand():
    found = {each.name: each.shares for each in report().coverage}
    told = [(share.value, share.images, share.beings) for share in found["site"]]
    assert told == [("A", 3, 2), ("B", 1, 1), (None, 1, 1)]
    assert [(share.value, share.images, share.beings) for share in found["stain"]] == [("HE", 5, 3)]
    assert [share.value for share in found["scanner"]] == [None]
    assert list(found) == ["site", "scanner", "sex", "age", "stain"]


def test_quality_by_hand():
    [found] = report().quality
    assert (found.whole.images, found.whole.missing) == (5, 2)
    assert found.whole.quantiles[1:4] == (2.0, 3.0, 4.0)
    assert [(each.group, each.missing) for each in found.by_site] == [
        ("not stated", 1), ("A", 1), ("B", 0),
    ]  # fmt: skip
    assert sum(found.counts) == 3
    assert (found.edges[0], found.edges[-1]) == (1.0, 5.0)


def test_without_features_nothing_is_probed_and_it_says_so():
    for text in (report_markdown(report()), report_html(report())):
        assert text.count("not evaluated (no features were given)") == 2


def test_a_planted_site_is_told():
    text = report_markdown(many(shift=3.0))
    assert re.search(
        r"On generated slides: site: told by the features \(balanced accuracy 1\.00", text
    )
    assert "scanner: not evaluated" in text
    assert "generated images" in text
    assert "sharpness (generated slides)" in text


def test_no_site_is_told_where_there_is_none():
    assert "site: not told by the features" in report_markdown(many(shift=0.0))


def test_research_use_only_stands_above_all():
    assert report_markdown(report()).splitlines()[2] == f"**{RESEARCH_ONLY}**"
    html = report_html(report())
    assert html.index(RESEARCH_ONLY) < html.index("<h2>")


def test_html_is_well_formed_and_names_are_no_markup():
    page = ElementTree.fromstring(report_html(report()))
    assert page.find("h1").text == "Set <1>"
    drawn = page.findall("{http://www.w3.org/2000/svg}svg")
    assert len(drawn) == 7
    assert all(each.find("{http://www.w3.org/2000/svg}title").text for each in drawn)


def test_nothing_to_report():
    with pytest.raises(InputError):
        report_on([], title="none", is_generated=False)


def rectangles(svg):
    name = "{http://www.w3.org/2000/svg}rect"
    found = ElementTree.fromstring(svg).findall(name)
    return [{key: float(each.get(key)) for key in ("x", "y", "width", "height")} for each in found]


def test_bars_are_to_scale():
    wide = [
        each["width"] for each in rectangles(bars("t", [("a", 4, ""), ("b", 1, ""), ("c", 0, "")]))
    ]
    assert wide[0] == pytest.approx(4 * wide[1], abs=0.2)
    assert wide[2] == 0


def test_columns_stand_on_one_line_and_are_to_scale():
    found = rectangles(histogram("t", [0, 1, 2], [2, 8]))
    assert found[1]["height"] == pytest.approx(4 * found[0]["height"])
    assert {round(each["y"] + each["height"], 3) for each in found} == {120}


def test_boxes_share_one_scale():
    drawn = rectangles(
        boxes("t", [("a", (0, 1, 2, 3, 4), ""), ("b", (4, 5, 6, 7, 8), ""), ("c", (), "")])
    )
    assert len(drawn) == 6
    assert drawn[0]["x"] + drawn[0]["width"] == pytest.approx(drawn[3]["x"], abs=0.2)
    assert drawn[1]["width"] == pytest.approx(drawn[4]["width"], abs=0.2)


def test_nothing_to_draw():
    for drawn in (bars("t", []), histogram("t", [], []), boxes("t", [])):
        assert rectangles(drawn) == []
