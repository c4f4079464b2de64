"""Fitting: seeded, stopped early, apart by being, kept as one file without code."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `ai`")

from bigpicture.analysis.mil.evaluate import evaluate  # noqa: E402 - needs torch
from bigpicture.analysis.mil.fit import fit  # noqa: E402
from bigpicture.analysis.mil.fitted import load_fitted  # noqa: E402
from bigpicture.analysis.mil.training import Training  # noqa: E402
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError  # noqa: E402
from planted import planted  # noqa: E402

TRAINING = Training(shape={"hidden": 8, "attention": 4}, epochs=3, most_patches=20)
TRAIN, TUNE = planted(8, seed=1, patches=40)[0], planted(4, seed=2, patches=30)[0]


def weights(fitted):
    return {name: each.numpy() for name, each in fitted.model.state_dict().items()}


@pytest.fixture(scope="module")
def fitted():
    return fit(TRAIN, TUNE, TRAINING)


def test_the_same_seed_gives_the_same_weights(fitted):
    before = torch.random.get_rng_state()
    again, other = (weights(fit(TRAIN, TUNE, replace(TRAINING, seed=seed))) for seed in (0, 1))
    assert all((again[name] == each).all() for name, each in weights(fitted).items())
    assert any((other[name] != each).any() for name, each in weights(fitted).items())
    assert (torch.random.get_rng_state() == before).all()


def test_it_stops_when_tuning_bags_get_no_better_and_keeps_the_best():
    told = []
    opposite = [replace(bag, label=1 - bag.label) for bag in TRAIN[:4]]
    tune = [replace(bag, being=f"other-{bag.being}") for bag in opposite]
    training = replace(TRAINING, epochs=60, patience=3, rate=1e-2, most_patches=None)
    model = fit(TRAIN, tune, training, tell=lambda *each: told.append(each))
    tuned = [each[2] for each in told]
    assert len(told) < 60
    assert len(told) == int(np.argmin(tuned)) + 4
    losses = [-np.log(model.score(bag).probabilities[bag.label]) for bag in tune]
    assert np.mean(losses) == pytest.approx(min(tuned), abs=1e-4)


@pytest.mark.parametrize(
    ("train", "tune", "what"),
    [
        (TRAIN, TRAIN[:2], "both sides"),
        (TRAIN, [], "label"),
        ([replace(TRAIN[0], label=None), *TRAIN[1:]], TUNE, "label"),
        ([replace(TRAIN[0], label=2), *TRAIN[1:]], TUNE, "label"),
        ([replace(bag, label=0) for bag in TRAIN], TUNE, "learn from"),
        ([replace(TRAIN[0], encoder="other"), *TRAIN[1:]], TUNE, "encoders"),
    ],
)
def test_bags_that_cannot_teach(train, tune, what):
    with pytest.raises(InputError, match=what):
        fit(train, tune, TRAINING)


def test_features_of_another_encoder_are_not_scored(fitted):
    with pytest.raises(InputError, match="features are of"):
        fitted.score(replace(TUNE[0], encoder="other"))


def test_who_was_learned_from_is_not_evaluated_on(fitted):
    with pytest.raises(InputError, match="has learned"):
        evaluate(fitted, TUNE, on="the same", is_generated=True)


def test_it_is_kept_whole(fitted, tmp_path):
    fitted.save(tmp_path / "model.npz")
    again = load_fitted(tmp_path / "model.npz")
    one, other = fitted.score(TUNE[0]), again.score(TUNE[0])
    assert (one.probabilities == other.probabilities).all()
    assert (one.attention == other.attention).all()
    assert (again.training, again.encoder, again.beings) == (
        fitted.training, fitted.encoder, fitted.beings,
    )  # fmt: skip


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("unpickling ran code",))


@pytest.mark.parametrize("kind", ["nothing", "pickle", "object array", "other arrays"])
def test_files_that_are_no_model(tmp_path, kind):
    file = io.BytesIO()
    if kind == "pickle":
        file.write(pickle.dumps(Bomb()))
    elif kind == "object array":
        np.savez(file, told=np.array([Bomb()], object))
    elif kind == "other arrays":
        np.savez(file, told=np.array('{"format": "bigpicture-mil-1"}'))
    (tmp_path / "model.npz").write_bytes(file.getvalue())
    with pytest.raises(AlgorithmError) as refused:
        load_fitted(tmp_path / "model.npz")
    assert refused.value.reason is FailureReason.WRONG_WEIGHTS
