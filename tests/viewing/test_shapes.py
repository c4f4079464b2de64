"""Shapes in view: each of them where they are few, clusters that count them where they are many."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.dicom.bulk_annotations import POINT, POLYGON, Group
from bigpicture.viewing.shapes import MOST_SHAPES, View, look, shapes_of

SQUARE = [[100, 100], [300, 100], [300, 300], [100, 300]]


def few():
    points = np.array([[10.04, 20.0], [500.0, 600.0], [900.0, 900.0]])
    return shapes_of(
        [
            Group(POINT, "nucleus", points, np.arange(3), np.array([0.5, np.nan, 1.0])),
            Group(POLYGON, "gland", np.array(SQUARE, np.float64), np.array([0])),
        ]
    )


def test_what_lies_in_view_is_told_with_its_label_and_score():
    told = look(few(), View(0, 0, 550, 650, 64))
    assert told == {
        "total": 3,
        "points": {"x": [10.0, 500.0], "y": [20.0, 600.0], "label": [0, 0], "score": [0.5, None]},
        "outlines": {
            "at": [0],
            "xy": [100, 100, 300, 100, 300, 300, 100, 300],
            "label": [1],
            "score": [None],
        },
    }


def test_an_outline_that_only_reaches_into_the_view_is_told():
    assert look(few(), View(250, 250, 10, 10, 64))["total"] == 1
    assert look(few(), View(301, 301, 10, 10, 64))["total"] == 0


def test_nothing_found_is_nothing_seen():
    told = look(shapes_of([]), View(0, 0, 10, 10, 1))
    assert told["total"] == 0
    assert told["points"]["x"] == told["outlines"]["xy"] == []


def many(count, seed=0):
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 2, count)
    places = chance.random((count, 2)) * 10_000
    return places, shapes_of(
        [
            Group(POINT, name, places[labels == at], np.arange((labels == at).sum()))
            for at, name in enumerate(("one", "two"))
        ]
    )


def test_too_many_become_clusters_that_count_them():
    places, shapes = many(3 * MOST_SHAPES)
    view = View(1_000, 1_000, 8_000, 8_000, 1_000)
    told = look(shapes, view)
    seen = ((places >= 1_000) & (places <= 9_000)).all(axis=1)
    assert told["total"] == sum(told["clusters"]["count"]) == seen.sum()
    # One cell by hand: the thousand that begins at (2000, 3000).
    inside = ((places >= (2_000, 3_000)) & (places < (3_000, 4_000))).all(axis=1)
    at = [
        number
        for number, (x, y) in enumerate(
            zip(told["clusters"]["x"], told["clusters"]["y"], strict=True)
        )
        if 2_000 <= x < 3_000 and 3_000 <= y < 4_000
    ]
    (cell,) = at
    assert told["clusters"]["count"][cell] == inside.sum()
    assert abs(told["clusters"]["x"][cell] - places[inside, 0].mean()) <= 1
    assert abs(told["clusters"]["y"][cell] - places[inside, 1].mean()) <= 1


def test_cells_stay_in_place_when_the_view_moves():
    _, shapes = many(3 * MOST_SHAPES)
    one = look(shapes, View(0, 0, 10_000, 10_000, 500))["clusters"]
    other = look(shapes, View(120, 120, 9_880, 9_880, 500))["clusters"]
    inner = [
        {
            (x, y, count)
            for x, y, count in zip(told["x"], told["y"], told["count"], strict=True)
            if x > 1_000 and y > 1_000
        }
        for told in (one, other)
    ]
    assert inner[0] == inner[1] != set()


@settings(max_examples=20, deadline=None)
@given(
    x=st.floats(-1_000, 9_000),
    y=st.floats(-1_000, 9_000),
    side=st.floats(1, 12_000),
    cell=st.floats(100, 3_000),
)
def test_no_shape_in_view_is_lost(x, y, side, cell):
    places, shapes = many(2 * MOST_SHAPES, seed=1)
    told = look(shapes, View(x, y, side, side, cell))
    within = (places >= np.float32((x, y))) & (places <= np.float32((x + side, y + side)))
    assert abs(told["total"] - within.all(axis=1).sum()) <= 2  # bounds are kept in 32 bits
    parts = told.get("clusters", {}).get("count")
    assert (sum(parts) if parts is not None else len(told["points"]["x"])) == told["total"]
