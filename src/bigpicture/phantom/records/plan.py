"""The plan: which datasets there are, how large, of what kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from bigpicture.model.errors import InputError
from bigpicture.model.identifiers import ACCESSION_LETTERS
from bigpicture.model.policy import AccessTier

CENTER = "synth"
"""First part of every invented accession: no node of real data calls itself so."""

_FIRST = datetime(2019, 3, 4, 9, tzinfo=UTC)
_LAST = datetime(2026, 6, 29, 9, tzinfo=UTC)
_SKEW = 0.9
_NON_CLINICAL = 0.4
_OPEN = 0.3
_SPREAD = 86_028_121  # a prime: neighbours get unlike letters


@dataclass(frozen=True, slots=True)
class PlannedDataset:
    """One dataset; everything in it follows from `seed` and `number`."""

    seed: int
    number: int
    slides: int
    is_clinical: bool
    tier: AccessTier
    published: datetime

    @property
    def letters(self) -> str:
        """Six letters that stand in all its accessions."""
        base = len(ACCESSION_LETTERS)
        left = (self.number * _SPREAD + self.seed * 1_000_003) % base**6
        found: list[str] = []
        for _ in range(6):
            left, digit = divmod(left, base)
            found.append(ACCESSION_LETTERS[digit])
        return "".join(found)

    @property
    def accession(self) -> str:
        return f"{CENTER}-dataset-{self.letters}-{self.letters}"

    @property
    def alias(self) -> str:
        return f"synthetic-{self.seed}-{self.number}"

    def chance(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.number])


def plan_datasets(*, seed: int, slides: int, datasets: int) -> tuple[PlannedDataset, ...]:
    """So many datasets with so many slides together, sizes by Zipf's law, oldest first.

    Raises `InputError` for fewer slides than datasets.
    """
    if not 1 <= datasets <= slides:
        raise InputError(
            f"{datasets} datasets cannot share {slides} slides.",
            rule="at least one dataset, and one slide in each",
            remedy="Correct --datasets or --slides.",
        )
    chance = np.random.default_rng([seed, datasets, slides])
    share = 1.0 / np.arange(1, datasets + 1) ** _SKEW
    sizes = 1 + np.floor(share / share.sum() * (slides - datasets)).astype(np.int64)
    sizes[0] += slides - int(sizes.sum())
    step = (_LAST - _FIRST) / max(1, datasets - 1)
    return tuple(
        _one(chance, seed, number, int(size), _FIRST + number * step)
        for number, size in enumerate(chance.permutation(sizes))
    )


def more_datasets(
    *, seed: int, after: int, slides: int, datasets: int, published: datetime
) -> tuple[PlannedDataset, ...]:
    """So many datasets behind the number `after`, each with so many slides."""
    chance = np.random.default_rng([seed, after, datasets, slides])
    return tuple(
        _one(chance, seed, after + 1 + each, slides, published + timedelta(seconds=each))
        for each in range(datasets)
    )


def _one(
    chance: np.random.Generator, seed: int, number: int, slides: int, published: datetime
) -> PlannedDataset:
    return PlannedDataset(
        seed=seed,
        number=number,
        slides=slides,
        is_clinical=bool(chance.random() >= _NON_CLINICAL),
        tier=AccessTier.OPEN if chance.random() < _OPEN else AccessTier.CONTROLLED,
        published=published,
    )
