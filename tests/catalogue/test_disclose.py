"""No group of fewer than five beings shows, nor follows from what is told beside it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.catalogue.cohort_sight import see, told_images
from bigpicture.catalogue.disclose import disclosed, disclosed_images, disclosed_sum
from bigpicture.model.cohort import FrozenList, Part

PARTS = st.lists(
    st.builds(
        Part,
        dataset=st.sampled_from("abcdef"),
        title=st.just(""),
        images=st.integers(1, 60),
        beings=st.integers(1, 60),
    ),
    unique_by=lambda part: part.dataset,
)


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (12345, "12,345")]
)
def test_small_counts_are_told_as_small(count, told):
    assert disclosed(count) == told


def test_a_sum_does_not_give_its_small_part_away():
    assert disclosed_sum([10, 20]) == "30"
    assert disclosed_sum([10, 3]) == "over 10"
    assert disclosed_sum([3]) == "<5"
    assert disclosed_sum([3, 2]) == "<9"  # two of at most four each
    assert disclosed_sum([]) == "0"


def test_images_of_few_beings_are_not_counted():
    assert disclosed_images(40, 5) == "40"
    assert disclosed_images(40, 1) == "of <5 beings"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PARTS, st.sets(st.sampled_from("abcdef")))
def test_what_is_told_of_a_list_is_the_same_whatever_a_small_part_holds(parts, opened):
    """Two lists that differ only in how large a small hidden part is look alike."""
    other = [
        Part(part.dataset, "", 7, 2) if part.dataset not in opened and part.beings < 5 else part
        for part in parts
    ]
    told = [
        see(FrozenList("", 0, tuple(each)), opened=opened, published="abcdef")
        for each in (parts, other)
    ]
    assert told[0] == told[1]


def test_a_list_that_is_open_is_counted_exactly():
    parts = (Part("a", "", 3, 1), Part("b", "", 9, 6))
    seen = see(FrozenList("", 12, parts), opened={"a", "b"}, published={"a", "b"})
    assert (seen.images, seen.open_images, seen.hidden_images) == ("12", 12, "0")
    assert seen.is_whole
    closed = see(FrozenList("", 12, parts), opened={"a"}, published={"a"})
    assert (closed.images, closed.hidden_images) == ("12", "9")
    assert closed.hidden[0].is_withdrawn
    few = see(FrozenList("", 12, parts), opened={"b"}, published={"a", "b"})
    assert (few.images, few.hidden_images, few.hidden[0].images) == (
        "over 9",
        "few",
        "of <5 beings",
    )
    assert told_images([]) == "0"
