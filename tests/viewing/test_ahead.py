"""What is brought near before it is asked for, and how often the store is asked."""

from dataclasses import replace

import pytest

from bigpicture.model.image import Level
from bigpicture.viewing.ahead import Ahead
from bigpicture.viewing.stored import StoredLevel

LEVEL = StoredLevel(
    Level(0, columns=2560, rows=2560, tile_columns=256, tile_rows=256, mpp_x=0.25, mpp_y=0.25),
    "image/jpeg", "YBR_FULL_422", "1.2.3", "object", "index",
)  # fmt: skip


@pytest.fixture
def ahead():
    """A guesser whose clock is `ahead.now`."""
    guesser = Ahead(clock=lambda: guesser.now)
    guesser.now = 0.0
    return guesser


def fill(ahead, columns, rows):
    return [ahead.guess(LEVEL, (column, row)) for row in rows for column in columns]


def test_a_view_that_is_being_filled_moves_nowhere(ahead):
    assert not any(fill(ahead, range(2, 6), range(2, 5)))


@pytest.mark.parametrize(
    ("columns", "rows", "wanted"),
    [
        ([6], [3], [(7, 3), (8, 3)]),
        ([1], [3], [(0, 3)]),  # and no farther than the edge
        ([4], [5], [(4, 6), (4, 7)]),
        ([4], [1], [(4, 0)]),
    ],
)
def test_a_new_line_at_the_edge_of_the_view_goes_on(ahead, columns, rows, wanted):
    fill(ahead, range(2, 6), range(2, 5))
    ahead.now = 0.4
    assert fill(ahead, columns, rows) == [wanted]


def test_who_looks_again_at_the_same_place_moves_nowhere(ahead):
    fill(ahead, range(2, 6), range(2, 5))
    ahead.now = 0.4
    assert ahead.guess(LEVEL, (3, 3)) == []


def test_what_was_looked_at_long_ago_is_no_movement(ahead):
    fill(ahead, range(2, 6), range(2, 5))
    ahead.now = 60
    assert ahead.guess(LEVEL, (6, 3)) == []


def test_levels_do_not_mix(ahead):
    fill(ahead, range(2, 6), range(2, 5))
    ahead.now = 0.4
    assert ahead.guess(replace(LEVEL, source="another"), (6, 3)) == []
