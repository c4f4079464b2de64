"""Voting: when the votes of a committee decide, and what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class VotingRule(StrEnum):
    """How votes become a decision; all of them wait for the quorum."""

    MAJORITY = "majority"
    """More approve than refuse; who abstains is present, and no more."""
    NO_BLOCK = "no-block"
    """One that refuses blocks; the others need not all have voted."""
    UNANIMOUS = "unanimous"
    """Everybody who may vote has voted, and nobody refused."""


class Choice(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    ABSTAIN = "abstain"


class Outcome(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"


def count_votes(
    rule: VotingRule, quorum: int, votes: Mapping[str, Choice], may_vote: Collection[str]
) -> Outcome | None:
    """Count the votes of those who may vote; None while they do not decide yet.

    A tie waits for whoever has not voted; when all have, nothing was approved. Votes of others do
    not count, whoever cast them. Nothing is decided below the quorum.
    """
    counted = [choice for person, choice in votes.items() if person in may_vote]
    if len(counted) < max(quorum, 1):
        return None
    approve, refuse = counted.count(Choice.APPROVE), counted.count(Choice.REFUSE)
    is_whole = len(counted) == len(set(may_vote))
    if rule is VotingRule.MAJORITY:
        outcome = _of_majority(approve, refuse)
    elif refuse:
        outcome = Outcome.REFUSED
    else:
        has_all = is_whole or rule is VotingRule.NO_BLOCK
        outcome = Outcome.APPROVED if approve and has_all else None
    return outcome or (Outcome.REFUSED if is_whole else None)


def _of_majority(approve: int, refuse: int) -> Outcome | None:
    if approve == refuse:
        return None
    return Outcome.APPROVED if approve > refuse else Outcome.REFUSED
