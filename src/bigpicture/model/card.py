"""A model card: what an algorithm is, and what was measured of it, on what."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a reader asks of an algorithm, with what was measured: nothing is an answer.

    `question` reads such as `Dice of tissue on real slides`.
    """

    question: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`facts` are lines of name and value; `claims` what it is worth, in the order of a reader."""

    title: str
    facts: tuple[tuple[str, str], ...]
    about: str
    claims: tuple[Claim, ...]
