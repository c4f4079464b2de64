"""Fit a model to bags: one at a time, stopped early by bags of other beings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn

from bigpicture.analysis.mil.bag import Bag, same_encoder
from bigpicture.analysis.mil.fitted import Fitted, Scaling
from bigpicture.analysis.mil.model import BagModel
from bigpicture.analysis.mil.models import make_model
from bigpicture.analysis.mil.training import Training
from bigpicture.model.errors import InputError

Told = Callable[[int, float, float], None]
"""Told after each epoch: its number, the loss of the training and of the tuning bags."""


def fit(
    train: Sequence[Bag],
    tune: Sequence[Bag],
    training: Training | None = None,
    *,
    tell: Told | None = None,
) -> Fitted:
    """The model at the epoch whose loss of the `tune` bags was lowest.

    The same bags and seed give the same weights on one machine. Nothing outside is changed: neither
    torch's seed nor the bags. Raises `InputError`: a being on both sides, a bag without a label or
    of another encoder, a class without a training bag.
    """
    training = training or Training()
    encoder = check_bags(train, tune, training.classes)
    scaling = Scaling.of(train)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        width = train[0].vectors.shape[1]
        model = make_model(training.model, width, len(training.classes), training.shape)
        state = _descend(model, scaling, train, tune, training, tell)
    model.load_state_dict(state)
    beings = tuple(sorted({bag.being for bag in (*train, *tune)}))
    return Fitted(model.eval(), scaling, training, encoder, width, beings)


def check_bags(train: Sequence[Bag], tune: Sequence[Bag], classes: Sequence[str]) -> str:
    """The encoder of the bags; raises `InputError` where they cannot teach."""
    encoder = same_encoder([*train, *tune])
    both = {bag.being for bag in train} & {bag.being for bag in tune}
    if both:
        raise InputError(
            f"{len(both)} beings are on both sides.",
            place="bags",
            rule="the bags of one being are on one side",
            remedy="Split by being (`mil.apart`).",
        )
    labels = {bag.label for bag in (*train, *tune)}
    if not tune or not labels <= set(range(len(classes))):
        raise InputError(
            "a bag has no label of the classes, or there is no bag to stop by.",
            place="bags",
            rule=f"0 to {len(classes) - 1}: {', '.join(classes)}",
            remedy="Leave bags without a label out, and keep some to tune by.",
        )
    missing = set(range(len(classes))) - {bag.label for bag in train}
    if missing:
        raise InputError(
            "a class has no bag to learn from.",
            place=classes[min(missing)],
            remedy="Add slides of it, or leave the class out.",
        )
    return encoder


def _descend(
    model: BagModel,
    scaling: Scaling,
    train: Sequence[Bag],
    tune: Sequence[Bag],
    training: Training,
    tell: Told | None,
) -> Mapping[str, Any]:
    steps = torch.optim.AdamW(model.parameters(), lr=training.rate, weight_decay=training.decay)
    chance = np.random.default_rng(training.seed)
    best, best_loss, since = deepcopy(model.state_dict()), float("inf"), 0
    for epoch in range(training.epochs):
        loss = _epoch(model, scaling, train, training, steps=steps, chance=chance)
        tuned = _mean_loss(model, scaling, tune)
        if tell:
            tell(epoch, loss, tuned)
        since += 1
        if tuned < best_loss:
            best, best_loss, since = deepcopy(model.state_dict()), tuned, 0
        if since >= training.patience:
            break
    return best


def _epoch(
    model: BagModel,
    scaling: Scaling,
    train: Sequence[Bag],
    training: Training,
    *,
    steps: torch.optim.Optimizer,
    chance: np.random.Generator,
) -> float:
    model.train()
    total = 0.0
    for at in chance.permutation(len(train)):
        vectors = _drawn(train[at].vectors, training.most_patches, chance)
        loss = model.loss(scaling.tensor(vectors), torch.tensor(train[at].label))
        steps.zero_grad(set_to_none=True)
        loss.backward()
        steps.step()
        total += float(loss.detach())
    return total / len(train)


def _drawn(
    vectors: np.ndarray[Any, Any], most: int | None, chance: np.random.Generator
) -> np.ndarray[Any, Any]:
    if most is None or len(vectors) <= most:
        return vectors
    # Sorted: TransMIL reads the patches in their order.
    return vectors[np.sort(chance.choice(len(vectors), most, replace=False))]


def _mean_loss(model: BagModel, scaling: Scaling, bags: Sequence[Bag]) -> float:
    model.eval()
    with torch.no_grad():
        losses = [
            nn.functional.cross_entropy(
                model(scaling.tensor(bag.vectors))[0][None], torch.tensor([bag.label])
            )
            for bag in bags
        ]
    return float(torch.stack(losses).mean())
