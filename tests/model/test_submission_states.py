"""The states of a submission: only forward, and nothing leaves the published state."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import ConflictError
from bigpicture.model.submission import HANDED_OVER, SETTLED, UNDER_WAY, SubmissionState, move

ORDER = ["receiving", "checking", "cleaning", "converting", "accepting", "publishing", "published"]


def test_the_way_through_is_the_one_of_the_glossary():
    for present, following in pairwise(ORDER):
        assert move(SubmissionState(present), SubmissionState(following)) == following


@given(st.lists(st.sampled_from(list(SubmissionState)), max_size=30))
def test_no_walk_leaves_what_is_published_or_skips_a_step(wishes):
    state, visited = SubmissionState.RECEIVING, [SubmissionState.RECEIVING]
    for wish in wishes:
        try:
            state = move(state, wish)
        except ConflictError:
            continue
        visited.append(state)
    if SubmissionState.PUBLISHED in visited:
        first = visited.index(SubmissionState.PUBLISHED)
        assert set(visited[first:]) == {SubmissionState.PUBLISHED}
        assert set(ORDER) <= set(visited[: first + 1])


@pytest.mark.parametrize("state", sorted(UNDER_WAY))
def test_work_under_way_may_be_refused_or_fail(state):
    for end in (SubmissionState.REFUSED, SubmissionState.FAILED):
        assert move(state, end) in SETTLED


def test_what_waits_for_review_goes_on_or_is_refused_and_is_nothing_the_node_works_on():
    waiting = move(SubmissionState.CONVERTING, SubmissionState.REVIEWING)
    for allowed in ("accepting", "refused", "replaced"):
        assert move(waiting, SubmissionState(allowed)) == allowed
    for skipped in ("publishing", "published", "receiving", "failed"):
        with pytest.raises(ConflictError):
            move(waiting, SubmissionState(skipped))
    assert waiting in HANDED_OVER - UNDER_WAY - SETTLED


def test_what_is_published_is_not_replaced():
    with pytest.raises(ConflictError):
        move(SubmissionState.PUBLISHED, SubmissionState.REPLACED)
