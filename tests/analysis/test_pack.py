"""Values cross between processes as plain bytes; whatever else arrives is refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.analysis.pack import Packer, packed, unpacked
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
from bigpicture.model.errors import AlgorithmError, FailureReason

_NUMBER = st.floats(allow_nan=False)
_SHAPES = st.lists(
    st.builds(
        lambda pairs, label, score: Shape(
            "polygon", np.array(pairs, np.float64).reshape(-1, 2), label, score
        ),
        st.lists(st.tuples(_NUMBER, _NUMBER), max_size=5),
        st.text(max_size=5),
        st.none() | _NUMBER,
    ),
    max_size=6,
)


@given(_SHAPES)
def test_shapes_come_back_as_they_went(shapes):
    found = unpacked(packed({"shapes": Geometry(tuple(shapes))}))["shapes"].shapes
    assert [(each.kind, each.label, each.score) for each in found] == [
        (each.kind, each.label, each.score) for each in shapes
    ]
    assert all(
        np.array_equal(one.coordinates, other.coordinates)
        for one, other in zip(found, shapes, strict=True)
    )


def test_every_kind_comes_back_as_it_went():
    mask = Mask(np.arange(6, dtype=np.uint8).reshape(2, 3), -1, 2.5, 4.0, ("a", "ä"))
    heat = Heatmap(np.array([[np.nan, 0.25]], np.float32), 0, 0, 2.0, "1", (0.0, 1.0))
    found = Features(np.array([[1, 2]]), np.ones((1, 3), np.float32), 0.5, 224, "net")
    values = {
        "mask": mask,
        "heat": heat,
        "features": found,
        "word": Facet("HE"),
        "none": Facet(None, "mm2"),
        "numbers": Measurements((Measurement("a", np.float32(0.5), "1"),)),
    }
    back = unpacked(packed(values))
    assert np.array_equal(back["mask"].pixels, mask.pixels)
    assert (back["mask"].x, back["mask"].y, back["mask"].classes) == (-1, 2.5, ("a", "ä"))
    assert np.array_equal(back["heat"].pixels, heat.pixels, equal_nan=True)
    assert np.array_equal(back["features"].coordinates, found.coordinates)
    assert back["features"].vectors.dtype == np.float32
    assert back["word"] == Facet("HE")
    assert back["none"] == Facet(None, "mm2")
    assert back["numbers"] == Measurements((Measurement("a", 0.5, "1"),))
    with pytest.raises(ValueError, match="read-only"):
        back["mask"].pixels[0, 0] = 1


def _refused(data):
    with pytest.raises(AlgorithmError) as caught:
        unpacked(data)
    assert caught.value.reason is FailureReason.BAD_OUTPUT


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data):
    _refused(data)
    _refused(b"BPV1" + data)


@given(st.data())
def test_a_changed_answer_is_refused_or_is_a_value(data):
    """Nothing else is built from it, and nothing else is raised."""
    good = bytearray(
        packed({"score": Facet(0.5), "mask": Mask(np.ones((2, 2), np.uint8), 0, 0, 1, ())})
    )
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] = data.draw(st.integers(0, 255))
    try:
        found = unpacked(bytes(good))
    except AlgorithmError:
        return
    assert {type(value) for value in found.values()} <= {Facet, Mask}


def _mask(**changed):
    place = {"dtype": "uint8", "shape": [1, 1], "at": 0} | changed
    told = {"kind": "mask", "pixels": place, "x": 0, "y": 0, "scale": 1, "classes": []}
    return {"values": {"a": told}}


@pytest.mark.parametrize(
    "header",
    [
        {"values": []},
        {"values": {"a": None}},
        {"values": {"a": {"kind": "facet"}}},
        {"values": {"a": {"kind": "facet", "value": [], "unit": ""}}},
        {"values": {"a": {"kind": "facet", "value": 1, "unit": 1}}},
        {"values": {"a": {"kind": "system", "value": 1, "unit": ""}}},
        {"values": {"a": {"kind": "measurements", "values": [[1, 2]]}}},
        _mask(dtype="O"),
        _mask(shape=[1 << 39] * 3),
        _mask(shape=[-1]),
        _mask(shape=[True]),
        _mask(at=1 << 50),
        _mask(at=-16),
        _mask(),
    ],
)
def test_a_header_that_lies_is_refused(header):
    _refused(Packer().whole(header))


def test_a_pickle_is_no_answer():
    _refused(pickle.dumps({"score": Facet(0.5)}))
