"""A reason: what one clause says to a purpose, and why, in words for anyone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """In the order of strictness."""

    ALLOW = "allow"
    HUMAN = "needs-human"
    DENY = "deny"


_STRICTNESS = {each: rank for rank, each in enumerate(Answer)}


@dataclass(frozen=True, slots=True)
class Reason:
    """`clause` is a code of DUO, or the field of the policy or the purpose that is judged."""

    clause: str
    name: str
    answer: Answer
    text: str


def strictest(answers: Iterable[Answer]) -> Answer:
    """Any deny denies, else any doubt is for people, else it is allowed; of nothing, people."""
    return max(answers, key=_STRICTNESS.__getitem__, default=Answer.HUMAN)


def listed(words: Iterable[str]) -> str:
    """Words in the order of the alphabet, with commas."""
    return ", ".join(sorted(words))
