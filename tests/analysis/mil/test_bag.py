"""Bags: their labels, their sides, and what is drawn back onto the slide."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.mil.apart import apart
from bigpicture.analysis.mil.attended import attention_map, most_attended
from bigpicture.analysis.mil.bag import bag_of, by_image, joined
from bigpicture.analysis.mil.label import Stated, labelled
from bigpicture.analysis.values import Features
from bigpicture.model.errors import InputError
from bigpicture.model.inheritance import Qualifier

SURE, UNSURE = Qualifier.CONFIRMED, Qualifier.CANDIDATE
CLASSES = ("benign", "malignant")


def bag(image, being="b", patches=2, label=None):
    vectors = np.full((patches, 3), float(ord(image[0])), np.float32)
    places = np.arange(patches * 2, dtype=np.int64).reshape(-1, 2)
    return bag_of(image, Features(places, vectors, 0.5, 224, "e"), being=being, label=label)


def test_joined_bags_come_apart_by_image():
    both = joined([bag("x", patches=1), bag("y", patches=3)], label=1)
    assert (both.images, both.counts, both.label) == (("x", "y"), (1, 3), 1)
    parts = by_image(both, np.array([0.1, 0.2, 0.3, 0.4], np.float32))
    assert {name: len(part) for name, part in parts.items()} == {"x": 1, "y": 3}
    with pytest.raises(InputError, match="several beings"):
        joined([bag("x"), bag("y", being="other")])


def test_an_empty_slide_is_no_bag():
    with pytest.raises(InputError, match="no patch"):
        bag("x", patches=0)


def test_confirmed_words_only():
    bags = [bag(name) for name in "wxyz"]
    stated = [
        Stated("w", "malignant", SURE, "image w"),
        Stated("x", "benign", SURE, "block 1"),
        Stated("y", "malignant", UNSURE, "case 1"),
        Stated("z", "necrosis", SURE, "image z"),
    ]
    found = labelled(bags, stated, CLASSES)
    assert [(each.images, each.label) for each in found] == [(("w",), 1), (("x",), 0)]


def test_candidates_are_one_bag_of_the_entity():
    bags = [bag(name) for name in "wxyz"]
    stated = [
        Stated("w", "malignant", SURE, "image w"),
        *(Stated(name, "malignant", UNSURE, "case 1") for name in "wxy"),
        Stated("z", "benign", UNSURE, "case 2"),
    ]
    found = labelled(bags, stated, CLASSES, with_candidates=True)
    assert [(each.images, each.label) for each in found] == [
        (("w",), 1), (("x", "y"), 1), (("z",), 0),
    ]  # fmt: skip


@pytest.mark.parametrize("of", ["image w", "case 1"])
def test_two_words_of_one_slide(of):
    stated = [Stated("w", "malignant", SURE, "image w"), Stated("w", "benign", SURE, of)]
    with pytest.raises(InputError, match="two classes"):
        labelled([bag("w")], stated, CLASSES)


def test_nobody_on_two_sides():
    bags = [bag(f"i{at}", being=f"b{at // 3}", label=at // 3 % 2) for at in range(60)]
    sides = apart(bags, "train:0.6,tune:0.2,test:0.2", seed="s")
    assert {name: len(part) for name, part in sides.items()} == {
        "train": 36,
        "tune": 12,
        "test": 12,
    }
    beings = [{each.being for each in part} for part in sides.values()]
    assert sum(map(len, beings)) == len(set.union(*beings)) == 20
    assert sides.keys() == apart(bags, "train:0.6,tune:0.2,test:0.2", seed="s").keys()


def test_attention_lies_where_the_patches_are():
    places = np.array([[1000, 500], [1448, 500], [1000, 948]], np.int64)
    found = attention_map(places, np.array([0.2, 0.5, 0.3], np.float32), step=448)
    assert (found.x, found.y, found.scale) == (1000, 500, 448)
    assert found.pixels == pytest.approx(np.array([[0.4, 1.0], [0.6, np.nan]]), nan_ok=True)


def test_the_most_attended_patches():
    places = np.array([[0, 0], [448, 0], [896, 0]], np.int64)
    found = most_attended(
        places, np.array([0.2, 0.5, 0.3], np.float32), step=448, slide_size=(1000, 400), count=2
    )
    assert [shape.coordinates.tolist() for shape in found.shapes] == [
        [[448, 0], [896, 400]], [[896, 0], [1000, 400]],
    ]  # fmt: skip
    assert [shape.score for shape in found.shapes] == pytest.approx([1.0, 0.6])
