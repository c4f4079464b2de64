"""The probe for batch effects: can a site, or a scanner, be told from the features alone?

If it can, a model may learn the site instead of the disease, and search finds the like of the site.
A ridge classifier is fitted to the features of all but some beings and asked for the rest; the same
is done with the property dealt out anew among the beings, which says what chance would reach
(Ojala and Garriga, JMLR 2010; permutation of whole beings, so that slides of one stay together).
What a site differs in for good reasons (organ, stain) is held apart by `within`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.dataset_report import Probe

FEWEST = 5
"""Beings of a class, and classes of at least so many are probed."""
_FOLDS = 5
_RIDGE = 1.0
Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


def probe(
    vectors: NDArray[np.floating],
    values: Sequence[str | None],
    beings: Sequence[str],
    *,
    name: str,
    encoder: str,
    within: Sequence[str] | None = None,
    draws: int = 199,
    seed: int = 0,
) -> Probe:
    """Probe the property `name`, whose value for each image is in `values`.

    `vectors` (n, d) are one for each image, `beings` whose each is; `within` are strata among which
    values are not exchanged. Images without a value, and classes of fewer than `FEWEST` beings, are
    left out. A being has one value: its most frequent. The same seed gives the same answer.
    """
    of_being = _of_beings(values, beings)
    classes = _classes(of_being)
    kept = np.array([of_being.get(being) in classes for being in beings], bool)
    owners, owner = np.unique(np.asarray(beings)[kept], return_inverse=True)
    count = int(kept.sum())
    if len(classes) < 2:
        reason = f"fewer than two values have {FEWEST} beings"
        return Probe(name, encoder, None, None, None, classes, count, len(owners), reason)
    told = np.array([classes.index(of_being[being] or "") for being in owners])
    strata = _strata(within, kept, owner, len(owners))
    chance = np.random.default_rng(seed)
    # The folds know nothing of the property: dealt out anew it could have been any being's.
    fold = (chance.permutation(len(owners)) % _FOLDS)[owner]
    readers = _readers(np.asarray(vectors, np.float64)[kept], fold)
    dealt = [told, *(_anew(told, strata, chance) for _ in range(draws))]
    reached = np.array([_accuracy(readers, each[owner], len(classes)) for each in dealt])
    p_value = float((reached[1:] >= reached[0] - 1e-12).sum() + 1) / (draws + 1)
    return Probe(
        name,
        encoder,
        float(reached[0]),
        float(reached[1:].mean()),
        p_value,
        classes,
        count,
        len(owners),
    )


def _of_beings(values: Sequence[str | None], beings: Sequence[str]) -> dict[str, str | None]:
    counted: dict[str, dict[str, int]] = {}
    for value, being in zip(values, beings, strict=True):
        of = counted.setdefault(being, {})
        if value is not None:
            of[value] = of.get(value, 0) + 1
    return {
        being: min(of, key=lambda value: (-of[value], value)) if of else None
        for being, of in counted.items()
    }


def _classes(of_being: dict[str, str | None]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for value in of_being.values():
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    return tuple(sorted(value for value, count in counts.items() if count >= FEWEST))


def _strata(
    within: Sequence[str] | None, kept: NDArray[np.bool_], owner: Indices, count: int
) -> Indices:
    """The stratum of each being: that of its first image."""
    if within is None:
        return np.zeros(count, np.int64)
    _, numbers = np.unique(np.asarray(within)[kept], return_inverse=True)
    _, first = np.unique(owner, return_index=True)
    return numbers[first]


def _anew(told: Indices, strata: Indices, chance: np.random.Generator) -> Indices:
    dealt = told.copy()
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        dealt[members] = told[chance.permutation(members)]
    return dealt


Reader = tuple[Indices, Indices, Numbers]
"""Images learned from, images asked, and the matrix that takes the ones' classes to the others'."""


def _readers(vectors: Numbers, fold: Indices) -> list[Reader]:
    """Ridge regression is linear in what it learns: one matrix a fold serves every deal."""
    readers: list[Reader] = []
    for each in range(_FOLDS):
        learned, asked = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        if not len(asked) or not len(learned):
            continue
        mean, deviation = vectors[learned].mean(0), vectors[learned].std(0)
        scaled = (vectors - mean) / np.where(deviation > 1e-9, deviation, np.inf)
        own, others = scaled[learned], scaled[asked]
        inner = own @ own.T / vectors.shape[1] + _RIDGE * np.eye(len(learned))
        readers.append((learned, asked, others @ np.linalg.solve(inner, own).T / vectors.shape[1]))
    return readers


def _accuracy(readers: list[Reader], labels: Indices, classes: int) -> float:
    """The share that is told right, the mean over the classes."""
    right, there = np.zeros(classes), np.bincount(labels, minlength=classes)
    for learned, asked, matrix in readers:
        share = np.bincount(labels[learned], minlength=classes) / len(learned)
        wanted = np.eye(classes)[labels[learned]] - share
        # Each class is brought to one scale: a rare one would never be the greatest.
        scores = (matrix @ wanted) / np.sqrt(np.maximum(share * (1 - share), 1e-9))
        hits = scores.argmax(1) == labels[asked]
        right += np.bincount(labels[asked][hits], minlength=classes)
    return float((right / np.maximum(there, 1)).mean())
