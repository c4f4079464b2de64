"""Tallies of small layers, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.catalogue.hierarchy import Hierarchy
from bigpicture.catalogue.index.rollup import Rollup
from bigpicture.catalogue.index.store import Column
from bigpicture.catalogue.index.tally import TermTally

LIVER, LOBE, LUNG, GUT = "S:1", "S:2", "S:3", "own:gut"


def column(terms, sets):
    """A column of one dataset; `sets` hold places of `terms` (key, label)."""
    header = {
        "name": "organ",
        "place": 0,
        "slot": 0,
        "size": len(sets),
        "keys": [key for key, _ in terms],
        "labels": [label for _, label in terms],
    }
    lengths = [len(each) for each in sets]
    arrays = {
        "sets/organ/offsets": np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        "sets/organ/items": np.array([place for each in sets for place in each], np.int64),
        "present/0/offsets": np.array([0, len(sets)]),
        "present/0/codes": np.arange(len(sets), dtype=np.uint32),
        "present/0/counts": np.ones(len(sets), np.uint32),
    }
    return Column(header, 0, arrays)


@pytest.fixture(scope="module")
def above():
    parents = {LOBE: (LIVER,), LIVER: (GUT,), GUT: ()}
    return Hierarchy(parents, {GUT: "Digestive system", LIVER: "Liver", LOBE: "Lobe"}, "test")


def told(values):
    return [(each.term.key, each.term.label, each.count, each.parent) for each in values]


def test_an_image_counts_once_for_each_thing_above_its_terms(above):
    # sets: the liver; the liver and its lobe; the lobe; the lung
    organs = column([(LIVER, "Liver"), (LOBE, "Lobe"), (LUNG, "Lung")], [(0,), (0, 1), (1,), (2,)])
    tally = TermTally([Rollup.of(organs, above)])
    counted = {0: np.array([5, 3, 2, 4])}
    values, more = tally.most(counted, 10, with_ancestors=True)
    assert told(values) == [
        (GUT, "Digestive system", 10, None),
        (LIVER, "Liver", 10, GUT),
        (LOBE, "Lobe", 5, LIVER),
        (LUNG, "Lung", 4, None),
    ]
    assert more == 0
    values, more = tally.most(counted, 2, with_ancestors=False)
    assert told(values) == [(LIVER, "Liver", 10, None), (LOBE, "Lobe", 5, LIVER)]
    assert more == 1


def test_what_only_unseen_images_call_a_term_is_not_told():
    base = column([(LIVER, "Liver"), (LUNG, "Lung")], [(0,), (1,)])
    newer = column([(LIVER, "Liver of project Seventh Sun")], [(0,)])
    tally = TermTally([Rollup.of(base, None), Rollup.of(newer, None)])
    seen, _ = tally.most({0: np.array([1, 1])}, 10, with_ancestors=True)
    assert told(seen) == [(LIVER, "Liver", 1, None), (LUNG, "Lung", 1, None)]
    both, _ = tally.most({0: np.array([1, 1]), 1: np.array([3])}, 10, with_ancestors=True)
    assert told(both)[0] == (LIVER, "Liver of project Seventh Sun", 4, None)


def test_a_term_above_that_is_not_counted_itself_is_called_as_its_terminology_does(above):
    organs = column([(LIVER, "Hepar (hidden)"), (LOBE, "Lobe")], [(0,), (1,)])
    tally = TermTally([Rollup.of(organs, above)])
    values, _ = tally.most({0: np.array([0, 2])}, 10, with_ancestors=True)
    assert [label for _, label, *_ in told(values)] == ["Digestive system", "Liver", "Lobe"]


def test_of_two_that_say_the_same_the_lower_is_told():
    twice = Hierarchy({"A:1": ("B:1",), "B:1": (GUT,), GUT: ()}, {"B:1": "liver", GUT: "Gut"}, "t")
    organs = column([("A:1", "Liver"), (LUNG, "Lung")], [(0,), (1,)])
    tally = TermTally([Rollup.of(organs, twice)])
    values, more = tally.most({0: np.array([3, 1])}, 10, with_ancestors=True)
    assert told(values) == [
        (GUT, "Gut", 3, None),
        ("A:1", "Liver", 3, GUT),
        (LUNG, "Lung", 1, None),
    ]
    assert more == 0


def test_those_as_frequent_as_the_last_are_told_by_the_alphabet():
    names = [f"T{number:02}" for number in range(30, 0, -1)]
    organs = column([(f"S:{name}", name) for name in names], [(n,) for n in range(30)])
    tally = TermTally([Rollup.of(organs, None)])
    values, more = tally.most({0: np.full(30, 7)}, 4, with_ancestors=True)
    assert [label for _, label, *_ in told(values)] == ["T01", "T02", "T03", "T04"]
    assert more == 26
