"""Evaluate a fitted model on bags of beings that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.metrics.clustered import FEWEST, interval
from bigpicture.analysis.metrics.roc import area
from bigpicture.analysis.mil.bag import Bag
from bigpicture.analysis.mil.fitted import Fitted
from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Evidence

METHOD = "95 %, patients drawn anew"
EXACT = "95 %, Clopper-Pearson of pairs of patients"
_TAIL = 0.025


def evaluate(
    fitted: Fitted,
    bags: Sequence[Bag],
    *,
    on: str,
    is_generated: bool,
    groups: Mapping[str, Callable[[Bag], str]] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> list[Evidence]:
    """The AUROC of each class against the rest, of all and of each value of `groups`.

    `groups` names a property (`site`) and how it is read of a bag. The interval is by patient
    (`metrics.clustered`; where every pair is in order the exact one of pairs of patients), and left
    out below `FEWEST` of them; a subgroup of one class is left out, so that its card says that it
    was not evaluated. Raises `InputError` where a being was learned from, or a bag has no label.
    """
    _check(fitted, bags)
    scores = np.stack([fitted.score(bag).probabilities for bag in bags])
    parts = {"": np.ones(len(bags), bool)}
    for name, read in (groups or {}).items():
        values = [read(bag) for bag in bags]
        parts |= {
            f"{name}: {value}": np.array([each == value for each in values])
            for value in sorted(set(values))
        }
    labels = np.array([bag.label for bag in bags])
    found: list[Evidence] = []
    for at, word in _told_classes(fitted.training.classes):
        for subgroup, part in parts.items():
            owners = [bag.being for bag, is_in in zip(bags, part, strict=True) if is_in]
            images = sum(len(bag.images) for bag, is_in in zip(bags, part, strict=True) if is_in)
            told = _area(labels[part] == at, scores[part, at], owners, draws=draws, seed=seed)
            if told is not None:
                value, low, high, method = told
                found.append(
                    Evidence(
                        metric="AUROC",
                        output=word,
                        value=value,
                        low=low,
                        high=high,
                        method=method,
                        on=on,
                        is_generated=is_generated,
                        images=images,
                        beings=len(set(owners)),
                        subgroup=subgroup,
                    )
                )
    return found


def _told_classes(classes: Sequence[str]) -> list[tuple[int, str]]:
    """Of two classes the second says it all."""
    numbered = list(enumerate(classes))
    return numbered[1:] if len(classes) == 2 else numbered


def _area(
    truth: NDArray[np.bool_],
    scores: NDArray[np.float32],
    owners: Sequence[str],
    *,
    draws: int,
    seed: int,
) -> tuple[float, float | None, float | None, str] | None:
    given = scores.astype(np.float64)
    value = area(truth, given)
    if np.isnan(value):
        return None
    if len(set(owners)) < FEWEST:
        return value, None, None, ""
    if value in (0.0, 1.0):
        return (value, *_of_pairs(value, truth, owners), EXACT)
    try:
        found = interval(lambda at: area(truth[at], given[at]), owners, draws=draws, seed=seed)
    except InputError:
        return value, None, None, ""
    return value, found.low, found.high, METHOD


def _of_pairs(value: float, truth: NDArray[np.bool_], owners: Sequence[str]) -> tuple[float, float]:
    """The ends where every pair of a positive and a negative is in order, or none is.

    However patients are drawn, that stays so. The pairs that share no patient are independent:
    for `n` of them, all alike, Clopper and Pearson (1934) give `0.025 ** (1 / n)` to 1.
    """
    sides = [
        {who for who, is_so in zip(owners, truth, strict=True) if bool(is_so) is side}
        for side in (True, False)
    ]
    pairs = min(len(sides[0]), len(sides[1]), len(sides[0] | sides[1]) // 2)
    end = _TAIL ** (1 / max(pairs, 1))
    return (end, 1.0) if value == 1.0 else (0.0, 1 - end)


def _check(fitted: Fitted, bags: Sequence[Bag]) -> None:
    known = {bag.being for bag in bags if fitted.has_learned_from(bag.being)}
    if known or not bags:
        raise InputError(
            f"of {len(known)} beings here the model has learned.",
            place="bags",
            rule="a model is evaluated on beings that it never saw",
            remedy="Split by being (`mil.apart`) before fitting.",
        )
    if any(bag.label is None for bag in bags):
        raise InputError(
            "a bag has no label.", place="bags", remedy="Leave bags without a label out."
        )
