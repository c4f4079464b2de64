"""What an algorithm gave is kept only where it is what its manifest declares."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bigpicture.analysis.check_values import check_values
from bigpicture.analysis.values import (
    Facet,
    Features,
    Geometry,
    Heatmap,
    Mask,
    Measurement,
    Measurements,
    Shape,
)
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.errors import AlgorithmError, FailureReason

SLIDE = (1000, 800)
DECLARED = Algorithm(
    "org.example.all",
    "1.0.0",
    "All",
    "MIT",
    "all:run",
    (
        Output("facet", OutputKind.FACET, unit="mm2", range=(0.0, 10.0)),
        Output("word", OutputKind.FACET, classes=("HE", "IHC")),
        Output("mask", OutputKind.MASK, classes=("tissue", "pen")),
        Output("map", OutputKind.HEATMAP, unit="1", range=(0.0, 1.0)),
        Output("shapes", OutputKind.GEOMETRY, classes=("nucleus",)),
        Output("numbers", OutputKind.MEASUREMENTS),
        Output("features", OutputKind.FEATURES, mpp=0.5),
    ),
)
SQUARE = np.array([[0, 0], [10, 0], [10, 10]], np.float64)
MASK = Mask(np.array([[0, 1], [2, 0]], np.uint8), 0, 0, 400.0, ("tissue", "pen"))
MAP = Heatmap(np.array([[0.0, np.nan], [1.0, 0.5]], np.float32), 0, 0, 400.0, "1", (0.0, 1.0))
FEATURES = Features(np.array([[0, 0], [900, 700]]), np.ones((2, 3), np.float32), 0.5, 224, "net")
RIGHT = {
    "facet": Facet(3.5, "mm2"),
    "word": Facet("HE"),
    "mask": MASK,
    "map": MAP,
    "shapes": Geometry((Shape("polygon", SQUARE, "nucleus", 0.5),)),
    "numbers": Measurements((Measurement("area", 2.0, "mm2"), Measurement("age", None, "a"))),
    "features": FEATURES,
}


def test_what_is_declared_passes():
    check_values(DECLARED, RIGHT, SLIDE)
    check_values(DECLARED, RIGHT | {"facet": Facet(None, "mm2")}, SLIDE)


def _shape(kind, coordinates, label="nucleus", score=None):
    return Geometry((Shape(kind, np.asarray(coordinates, np.float64), label, score),))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("facet", 3.5),
        ("facet", MASK),
        ("facet", Facet(math.nan, "mm2")),
        ("facet", Facet(math.inf, "mm2")),
        ("facet", Facet(11.0, "mm2")),
        ("facet", Facet(True, "mm2")),
        ("facet", Facet(3.5, "m")),
        ("facet", Facet("many", "mm2")),
        ("word", Facet("PAS")),
        ("word", Facet("HE\n")),
        ("mask", replace(MASK, pixels=np.full((2, 2), 3, np.uint8))),
        ("mask", replace(MASK, pixels=np.zeros((2, 2), np.int64))),
        ("mask", replace(MASK, pixels=np.zeros((2, 2, 1), np.uint8))),
        ("mask", replace(MASK, pixels=np.zeros((0, 2), np.uint8))),
        ("mask", replace(MASK, classes=("pen", "tissue"))),
        ("mask", replace(MASK, scale=0)),
        ("mask", replace(MASK, scale=math.nan)),
        ("mask", replace(MASK, x=5000)),
        ("mask", replace(MASK, scale=1000.0)),
        ("map", replace(MAP, pixels=np.full((2, 2), 2, np.float32))),
        ("map", replace(MAP, pixels=np.full((2, 2), np.inf, np.float32))),
        ("map", replace(MAP, pixels=np.ones((2, 2)))),
        ("map", replace(MAP, range=(0.0, 9.0))),
        ("map", replace(MAP, unit="um")),
        ("shapes", _shape("polygon", SQUARE[:2])),
        ("shapes", _shape("polygon", SQUARE + 995)),
        ("shapes", _shape("point", [[math.nan, 1]])),
        ("shapes", _shape("point", [[1, 2, 3]])),
        ("shapes", _shape("circle", SQUARE)),
        ("shapes", _shape("point", [[1, 1]], label="lymphocyte")),
        ("shapes", _shape("point", [[1, 1]], score=math.nan)),
        ("numbers", Measurements((Measurement("area", math.nan, "mm2"),))),
        ("numbers", Measurements((Measurement("area", 1.0, "mm2"),) * 2)),
        ("numbers", Measurements((Measurement("", 1.0, "mm2"),))),
        ("features", replace(FEATURES, vectors=np.full((2, 3), np.nan, np.float32))),
        ("features", replace(FEATURES, vectors=np.ones((3, 3), np.float32))),
        ("features", replace(FEATURES, coordinates=np.array([[0, 0], [1000, 0]]))),
        ("features", replace(FEATURES, mpp=1.0)),
        ("features", replace(FEATURES, size=0)),
    ],
)
def test_what_is_not_as_declared_is_refused_by_its_name(name, value):
    with pytest.raises(AlgorithmError) as caught:
        check_values(DECLARED, RIGHT | {name: value}, SLIDE)
    assert (caught.value.reason, caught.value.place) == (FailureReason.BAD_OUTPUT, name)


def test_a_missing_output_and_one_too_many_are_refused():
    lacking = {name: value for name, value in RIGHT.items() if name != "mask"}
    for values, place in ((lacking, "mask"), (RIGHT | {"more": Facet(1.0)}, "more")):
        with pytest.raises(AlgorithmError) as caught:
            check_values(DECLARED, values, SLIDE)
        assert (caught.value.reason, caught.value.place) == (FailureReason.BAD_OUTPUT, place)
