"""The models find one patch in a hundred, and say which one it was; mean pooling does not."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `ai`")

from bigpicture.analysis.metrics.roc import auroc  # noqa: E402 - needs torch
from bigpicture.analysis.mil.evaluate import evaluate  # noqa: E402
from bigpicture.analysis.mil.fit import fit  # noqa: E402
from bigpicture.analysis.mil.training import Training  # noqa: E402
from planted import planted  # noqa: E402

SMALL = {"hidden": 64, "attention": 32}
MADE = {
    "abmil": Training(model="abmil", shape=SMALL, epochs=8, rate=1e-3),
    "clam": Training(model="clam", shape=SMALL, epochs=8, rate=1e-3),
    "mean-pool": Training(model="mean-pool", epochs=8, rate=1e-2),
}


@pytest.fixture(scope="module")
def sides():
    (train, _), (tune, _) = planted(100, seed=1), planted(20, seed=2)
    return train, tune, *planted(80, seed=3)


@pytest.fixture(scope="module")
def models(sides):
    train, tune, *_ = sides
    return {name: fit(train, tune, training) for name, training in MADE.items()}


def scores(model, bags):
    return [model.score(bag) for bag in bags]


def areas(found, bags, witnesses):
    """AUROC of the bags, and the mean AUROC of the attention in the positive ones."""
    of_bags = auroc([bag.label for bag in bags], [each.probabilities[1] for each in found])
    within = [
        auroc(truth, each.attention)
        for truth, each in zip(witnesses, found, strict=True)
        if truth.any()
    ]
    return of_bags, float(np.mean(within))


@pytest.mark.parametrize("name", ["abmil", "clam"])
def test_planted_witnesses_are_found(models, sides, name):
    *_, bags, witnesses = sides
    of_bags, of_attention = areas(scores(models[name], bags), bags, witnesses)
    assert of_bags >= 0.98
    assert of_attention >= 0.98


def test_mean_pooling_is_clearly_worse(models, sides):
    *_, bags, witnesses = sides
    of_bags, of_attention = areas(scores(models["mean-pool"], bags), bags, witnesses)
    assert of_bags < 0.93
    assert of_attention == pytest.approx(0.5)


@pytest.mark.parametrize("name", list(MADE))
def test_probabilities_and_attention_sum_to_one(models, sides, name):
    scored = models[name].score(sides[2][1])
    assert scored.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert scored.attention.sum() == pytest.approx(1, abs=1e-4)
    assert scored.attention.shape == (300,)


def test_the_evaluation_has_an_interval_by_being(models, sides):
    *_, bags, _ = sides
    found = evaluate(
        models["mean-pool"],
        bags,
        on="planted bags",
        is_generated=True,
        groups={"half": lambda bag: "first" if int(bag.being.split("-")[1]) < 40 else "second"},
        draws=200,
    )
    assert [each.subgroup for each in found] == ["", "half: first", "half: second"]
    whole = found[0]
    assert (whole.metric, whole.output, whole.images, whole.beings) == ("AUROC", "positive", 80, 80)
    assert whole.low < whole.value < whole.high
    assert found[1].images == 40


@pytest.mark.long
@pytest.mark.parametrize("name", ["abmil", "clam"])
def test_planted_witnesses_in_large_bags(name):
    """A thousand patches of 384 numbers, as encoders give them."""
    made = {"patches": 1000, "width": 384, "shift": 8.0}
    (train, _), (tune, _) = planted(160, seed=1, **made), planted(40, seed=2, **made)
    bags, witnesses = planted(120, seed=3, **made)
    model = fit(train, tune, Training(model=name, epochs=10))
    of_bags, of_attention = areas(scores(model, bags), bags, witnesses)
    assert of_bags >= 0.98
    assert of_attention >= 0.98


@pytest.mark.long
def test_transmil_finds_them_too(sides):
    train, tune, bags, witnesses = sides
    shape = {"hidden": 32, "heads": 4, "landmarks": 16}
    training = Training(model="transmil", shape=shape, epochs=14, rate=5e-4, decay=5e-2)
    of_bags, of_attention = areas(scores(fit(train, tune, training), bags), bags, witnesses)
    assert of_bags >= 0.98
    assert of_attention >= 0.98
