"""A data access committee: the people who decide who may use which datasets."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.errors import InputError
from bigpicture.model.voting import VotingRule

LONGEST_NAME = 200
MOST_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Committee:
    """`members` are people's ids, `datasets` accessions; both sorted."""

    id: str
    name: str
    contact: str
    rule: VotingRule
    quorum: int
    members: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


def check_committee(name: str, contact: str, quorum: int) -> None:
    """Raise `InputError` unless this names and rules a committee."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            "this is no name.", place="name", rule=f"one line of 1 to {LONGEST_NAME} letters"
        )
    if len(contact) > LONGEST_NAME or not (contact.isprintable() or not contact):
        raise InputError("this is no contact.", place="contact", rule="one line, or none")
    if not 1 <= quorum <= MOST_MEMBERS:
        raise InputError("this is no quorum.", place="quorum", rule=f"1 to {MOST_MEMBERS}")
