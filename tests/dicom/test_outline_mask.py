"""Which pixels lie inside of an outline: by hand, and by a rule of its own for every pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.dicom.outline_mask import OutlineMap, fill
from bigpicture.model.outline import Outline, OutlineKind


def ring(*places):
    return np.array(places, float)


def polygon(*rings, label="Tumour"):
    return Outline(OutlineKind.POLYGON, rings, label)


def draw(outlines, x=0, y=0, *, step=(1, 1), size=(4, 3), labels=("Tumour",)):
    return OutlineMap(outlines).draw(x, y, step=step, size=size, labels=labels)


@pytest.mark.parametrize(
    ("places", "wanted"),
    [
        # a rectangle from (1, 1) to (3, 2): two middles lie in it
        ([(1, 1), (3, 1), (3, 2), (1, 2)], ["....", ".##.", "...."]),
        # from 1.5 on: the middle of column 1 lies on the edge and counts to its right
        ([(1.6, 0), (4, 0), (4, 3), (1.6, 3)], ["..##", "..##", "..##"]),
        # a triangle with legs 4 and 3: (0.5, 0.5) … (x/4 + y/3 < 1)
        ([(0, 0), (4, 0), (0, 3)], ["###.", "##..", "#..."]),
        # a notch: columns 1 and 2 of the upper rows are cut out
        (
            [(0, 0), (1, 0), (1, 2), (3, 2), (3, 0), (4, 0), (4, 3), (0, 3)],
            ["#..#", "#..#", "####"],
        ),
        # beyond the mask on all sides
        ([(-9, -9), (9, -9), (9, 9), (-9, 9)], ["####"] * 3),
        ([(5, 0), (9, 0), (9, 3), (5, 3)], ["...."] * 3),
    ],
)
def test_by_hand(places, wanted):
    mask = fill([ring(*places)], 4, 3)
    assert ["".join(".#"[int(each)] for each in row) for row in mask] == wanted


def test_a_hole_is_outside_and_classes_are_apart():
    hole = ((1, 1), (3, 1), (3, 2), (1, 2))
    whole = ((0, 0), (4, 0), (4, 3), (0, 3))
    tumour, stroma = draw(
        [polygon(whole, hole), polygon(hole, label="Stroma")], labels=("Tumour", "Stroma")
    )
    assert tumour.sum() == 10
    assert stroma.sum() == 2
    assert not (tumour & stroma).any()


def test_overlapping_outlines_of_a_class_are_one_area():
    (mask,) = draw(
        [polygon(((0, 0), (3, 0), (3, 3), (0, 3))), polygon(((1, 0), (4, 0), (4, 3), (1, 3)))]
    )
    assert mask.all()


def test_a_patch_at_a_scale_is_where_it_lies():
    """A square of 40 level-0 pixels seen from (100, 200) at 4 level-0 pixels a pixel."""
    left, top = 108, 204
    square = polygon(((left, top), (left + 40, top), (left + 40, top + 40), (left, top + 40)))
    (mask,) = draw([square], 100, 200, step=(4, 4), size=(20, 20))
    wanted = np.zeros((20, 20), bool)
    wanted[1:11, 2:12] = True
    assert np.array_equal(mask, wanted)


def test_lines_and_points_cover_nothing():
    (mask,) = draw([Outline(OutlineKind.LINE, (((0, 0), (4, 3)),), "Tumour")])
    assert not mask.any()


PLACES = st.tuples(st.integers(-30, 150), st.integers(-30, 130))


@settings(max_examples=150, deadline=None)
@given(st.lists(PLACES, min_size=3, max_size=9, unique=True))
def test_every_pixel_is_judged_as_a_ray_judges_it(places):
    """The middle of a pixel is inside where a ray to the left meets an odd number of edges.

    Corners lie on tenths, off by a twentieth, so that no ray runs through one.
    """
    corners = [((x + 0.5) / 10, (y + 0.37) / 10) for x, y in places]
    mask = fill([ring(*corners)], 12, 10)
    for row in range(10):
        for column in range(12):
            x, y, inside = column + 0.5, row + 0.5, False
            for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
                if (y1 > y) != (y2 > y) and x1 + (y - y1) / (y2 - y1) * (x2 - x1) < x:
                    inside = not inside
            on_an_edge = any(
                (y1 > y) != (y2 > y) and abs(x1 + (y - y1) / (y2 - y1) * (x2 - x1) - x) < 1e-9
                for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True)
            )
            assert on_an_edge or mask[row, column] == inside
