"""A trained model as an algorithm: a folder like any other, with the card of what was measured."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `ai`")

from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.check_values import check_values
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.mil import classify
from bigpicture.analysis.mil.evaluate import EXACT, evaluate
from bigpicture.analysis.mil.fit import fit
from bigpicture.analysis.mil.fitted import load_fitted
from bigpicture.analysis.mil.make_algorithm import make_algorithm
from bigpicture.analysis.mil.outputs import told_classes
from bigpicture.analysis.mil.train import train
from bigpicture.analysis.mil.training import Training
from bigpicture.analysis.values import Features
from bigpicture.model.errors import AlgorithmError, ConflictError, FailureReason, InputError
from planted import planted

CLASSES = ("normal", "tumour, any")
BAGS = planted(40, seed=1, patches=40, share=0.25)[0]
TRAINING = Training(
    classes=CLASSES, shape={"hidden": 16, "attention": 8}, epochs=25, rate=3e-3, most_patches=40
)


@pytest.fixture(scope="module")
def trained():
    return train(BAGS, TRAINING, on="planted bags", is_generated=True, seed="1")


@pytest.fixture
def made(trained, tmp_path):
    return make_algorithm(
        trained, tmp_path / "made", id="org.example.model", version="1.0.0", licence="CC0-1.0"
    )


def test_the_parts_are_measured_apart(trained):
    [figure] = trained.measured.evidence
    assert (figure.output, figure.beings, figure.is_generated) == ("p_tumour_any", 12, True)
    learned = dict(trained.measured.facts)["Learned from"]
    assert learned == "20 generated slides of 20 beings: planted bags"


def test_too_few_slides_for_three_parts():
    with pytest.raises(InputError, match="no bag came to tune"):
        train(BAGS[:4], TRAINING, on="x", is_generated=True, parts="train:0.7,test:0.3")


def test_the_folder_is_an_algorithm(made):
    again = open_folder(made.folder)
    assert again.algorithm == made.algorithm
    assert [each.name for each in again.algorithm.outputs] == ["label", "p_tumour_any", "attention"]
    assert ", generated |" in card_text(again)


def test_its_weights_name_nobody_and_know_everybody(trained, made):
    model = load_fitted(made.weights)
    assert not set(model.beings) & {bag.being for bag in BAGS}
    assert all(model.has_learned_from(being) for being in trained.fitted.beings)
    learned = [bag for bag in BAGS if bag.being in trained.fitted.beings]
    with pytest.raises(InputError, match="has learned"):
        evaluate(model, learned, on="the same", is_generated=True)


def test_it_scores_as_the_model_does(trained, made):
    bag = BAGS[0]
    features = Features(bag.coordinates, bag.vectors, 0.5, 224, bag.encoder)
    slide = SimpleNamespace(mpp=(0.25, 0.25))
    given = {"inputs": {"features": {"features": features}}, "parameters": {}}
    values = classify.run(slide, weights=made.weights, **given)
    scored = trained.fitted.score(bag).probabilities
    assert values["p_tumour_any"].value == pytest.approx(float(scored[1]))
    assert values["label"].value == CLASSES[int(scored[1] > scored[0])]
    assert values["attention"].scale == 448
    reach = int(bag.coordinates.max()) + 448
    check_values(made.algorithm, values, (reach, reach))
    other = Features(bag.coordinates, bag.vectors, 0.5, 224, "another")
    given["inputs"] = {"features": {"features": other}}
    with pytest.raises(AlgorithmError) as caught:
        classify.run(slide, weights=made.weights, **given)
    assert caught.value.reason is FailureReason.WRONG_WEIGHTS


def test_nothing_is_written_over_and_nothing_half(trained, made, tmp_path):
    told = {"version": "1.0.0", "licence": "CC0-1.0"}
    with pytest.raises(ConflictError):
        make_algorithm(trained, made.folder, id="org.example.model", **told)
    with pytest.raises(InputError):
        make_algorithm(trained, tmp_path / "other", id="no name", **told)
    assert [each.name for each in tmp_path.iterdir()] == ["made"]


def test_a_perfect_order_is_no_certainty():
    """Of 12 patients, 6 on each side: 0.025 ** (1 / 6) = 0.5407, as Clopper-Pearson tells."""
    sides = {
        "train": planted(20, seed=1, patches=40, share=0.5)[0],
        "test": planted(12, seed=5, patches=40, share=0.5)[0],
    }
    model = fit(sides["train"][:14], sides["train"][14:], TRAINING)
    [found] = evaluate(model, sides["test"], on="planted", is_generated=True)
    assert (found.value, found.high, found.method) == (1.0, 1.0, EXACT)
    assert found.low == pytest.approx(0.5407, abs=1e-4)


def test_names_of_outputs_are_told_apart():
    assert list(told_classes(("no", "yes"))) == [(1, "p_yes")]
    assert list(told_classes(("Grade 1", "grade-1", "…"))) == [
        (0, "p_grade_1"),
        (1, "p_grade_1_1"),
        (2, "p_2"),
    ]


def test_evidence_is_what_was_told(made):
    told = json.loads((made.folder / "evidence.json").read_text())
    assert np.isfinite([each["value"] for each in told["evidence"]]).all()
