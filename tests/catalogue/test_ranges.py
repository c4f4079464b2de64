"""Numbers in ranges: counted by hand."""

from __future__ import annotations

import random

import pytest

from bigpicture.catalogue.ranges import count_ranges, is_in, plain


def shown(counts):
    return [(each.term.key, each.count) for each in count_ranges(counts)]


def test_few_numbers_stay_themselves():
    assert shown({3.0: 2, 1.0: 5, 2.5: 0}) == [("1", 5), ("3", 2)]
    assert shown({}) == []


def test_many_numbers_are_counted_in_round_steps():
    """0 to 95 by fives is 20 numbers: a span of 95 in eighths is 11.9, so steps of 20."""
    counts = {float(number): 1 for number in range(0, 100, 5)}
    assert shown(counts) == [
        ("0..20", 4), ("20..40", 4), ("40..60", 4), ("60..80", 4), ("80..100", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "held"),
    [("5", True), ("5.0", False), ("5..6", True), ("4..5", False), ("..5", False), ("5..", True),
     ("..", True), ("-1..9", True), ("five", False)],
)  # fmt: skip
def test_a_range_does_not_hold_its_end(value, held):
    assert is_in(5.0, value) is held


def test_each_number_lies_in_the_one_range_that_counts_it():
    chance = random.Random(7)
    for scale in (0.001, 1, 1000):
        counts = {chance.uniform(-9, 40) * scale: 1 for _ in range(200)}
        ranges = count_ranges(counts)
        assert sum(each.count for each in ranges) == 200
        assert len(ranges) <= 10
        for each in ranges:
            assert sum(is_in(number, each.term.key) for number in counts) == each.count


def test_plain():
    assert [plain(each) for each in (12.0, 0.5, 1e6)] == ["12", "0.5", "1000000"]
