"""When votes decide: worked out by hand, and what holds for any votes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.voting import Choice, Outcome, VotingRule, count_votes

YES, NO, NONE = Choice.APPROVE, Choice.REFUSE, Choice.ABSTAIN
APPROVED, REFUSED = Outcome.APPROVED, Outcome.REFUSED
MAJORITY, NO_BLOCK, UNANIMOUS = VotingRule


@pytest.mark.parametrize(
    ("rule", "quorum", "votes", "outcome"),
    [
        (MAJORITY, 2, [YES], None),
        (MAJORITY, 2, [YES, YES], APPROVED),
        (MAJORITY, 2, [YES, NO], None),  # a tie waits
        (MAJORITY, 2, [NO, NO], REFUSED),
        (MAJORITY, 3, [YES, NO, NONE], None),
        (MAJORITY, 3, [YES, NONE, NONE], APPROVED),  # who abstains is present
        (MAJORITY, 2, [YES, YES, NO, NO, NONE], REFUSED),  # all have voted, and it is a tie
        (MAJORITY, 1, [NONE] * 5, REFUSED),
        (NO_BLOCK, 2, [YES], None),
        (NO_BLOCK, 2, [YES, YES], APPROVED),
        (NO_BLOCK, 2, [YES, NO], REFUSED),
        (NO_BLOCK, 2, [NO], None),  # below the quorum nothing is decided
        (NO_BLOCK, 2, [NONE, NONE], None),
        (NO_BLOCK, 3, [YES, YES, YES, NO], REFUSED),
        (UNANIMOUS, 2, [YES, YES], None),  # three have not voted
        (UNANIMOUS, 2, [YES, NO], REFUSED),
        (UNANIMOUS, 2, [YES] * 5, APPROVED),
        (UNANIMOUS, 2, [YES] * 4 + [NONE], APPROVED),
        (UNANIMOUS, 2, [NONE] * 5, REFUSED),
        (UNANIMOUS, 6, [YES] * 5, None),  # a quorum that cannot be reached
    ],
)
def test_five_vote(rule, quorum, votes, outcome):
    cast = {f"p{n}": vote for n, vote in enumerate(votes)}
    assert count_votes(rule, quorum, cast, [f"p{n}" for n in range(5)]) is outcome


VOTERS = st.sets(st.sampled_from("abcdef"))
CAST = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(Choice))


@given(st.sampled_from(VotingRule), st.integers(0, 6), CAST, VOTERS)
def test_nothing_is_decided_below_the_quorum_and_nothing_approved_without_approval(
    rule, quorum, cast, voters
):
    outcome = count_votes(rule, quorum, cast, voters)
    counted = [choice for person, choice in cast.items() if person in voters]
    if len(counted) < quorum or not counted:
        assert outcome is None
    if outcome is APPROVED:
        assert counted.count(YES) > 0
        if rule is not MAJORITY:
            assert NO not in counted
        else:
            assert counted.count(YES) > counted.count(NO)


@given(st.sampled_from(VotingRule), st.integers(1, 6), CAST, VOTERS)
def test_who_may_not_vote_changes_nothing(rule, quorum, cast, voters):
    own = {person: choice for person, choice in cast.items() if person in voters}
    assert count_votes(rule, quorum, cast, voters) == count_votes(rule, quorum, own, voters)


@given(st.sampled_from(VotingRule), st.integers(1, 6), CAST, VOTERS)
def test_one_more_refusal_never_turns_into_an_approval(rule, quorum, cast, voters):
    before = count_votes(rule, quorum, cast, voters)
    for person in voters & cast.keys():
        after = count_votes(rule, quorum, {**cast, person: NO}, voters)
        assert not (after is APPROVED and before is not APPROVED)
