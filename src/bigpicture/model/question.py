"""A question: which images are asked for, as a tree of conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """Each occurs in what is known of the image, as a part of a word too; one may be a phrase."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field holds one of the values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The field holds a number between two ends, each of which may be open (None)."""

    field: str
    low: float | None = None
    high: float | None = None
    with_low: bool = True
    with_high: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    part: Question


@dataclass(frozen=True, slots=True)
class And:
    """All hold; of no parts: everything."""

    parts: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Question, ...]


Question: TypeAlias = "Words | AnyOf | Between | Not | And | Or"

EVERYTHING = And()


def joined(kind: type[And | Or], parts: list[Question]) -> Question:
    """`parts` under one head: those of its kind are taken in, a single one stands for itself.

    Words that must all occur are one condition, the first.
    """
    flat: list[Question] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    if kind is And:
        words = tuple(word for part in flat if isinstance(part, Words) for word in part.words)
        others: list[Question] = [part for part in flat if not isinstance(part, Words)]
        flat = [Words(words), *others] if words else others
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def conditions(question: Question) -> Iterator[Words | AnyOf | Between]:
    """The conditions of a question, from left to right."""
    if isinstance(question, Not):
        yield from conditions(question.part)
    elif isinstance(question, And | Or):
        for part in question.parts:
            yield from conditions(part)
    else:
        yield question
