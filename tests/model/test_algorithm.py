"""An algorithm's noun: what breaks its rules, what its digest is over, which versions will do."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.algorithm import (
    Algorithm,
    Needs,
    Output,
    OutputKind,
    Resources,
    Weights,
    version_key,
)
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError

FOCUS = Algorithm(
    "org.example.focus",
    "1.2.0",
    "Focus",
    "Apache-2.0",
    "focus:run",
    (Output("map", OutputKind.HEATMAP, mpp=8.0, range=(0.0, 1.0)), Output("p10", OutputKind.FACET)),
    parameters={"sigma": {"type": "number", "default": 1.0}},
)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"id": "Focus"}, "id"),
        ({"id": "org.example/../focus"}, "id"),
        ({"version": "1.2"}, "version"),
        ({"version": "01.2.0"}, "version"),
        ({"outputs": ()}, "outputs"),
        ({"outputs": FOCUS.outputs * 2}, "outputs"),
        ({"outputs": (Output("../map", OutputKind.MASK),)}, "name"),
        ({"needs": (Needs("Tissue", "core.tissue"),)}, "name"),
        ({"entry": ""}, "entry"),
        ({"image": "node.example/focus@sha256:00"}, "entry"),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_place(changed, place):
    with pytest.raises(InputError) as caught:
        replace(FOCUS, **changed)
    assert caught.value.place == place


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "1.2.1"},
        {"entry": "focus:other"},
        {"code": "00"},
        {"outputs": FOCUS.outputs[:1]},
        {"needs": (Needs("tissue", "core.tissue"),)},
        {"parameters": {"sigma": {"type": "number", "default": 2.0}}},
        {"weights": (Weights("w.onnx", "00"),)},
        {"mpp": (0.9, 1.1)},
    ],
)
def test_the_digest_changes_with_all_that_decides_what_is_computed(changed):
    assert replace(FOCUS, **changed).digest != FOCUS.digest


def test_the_digest_is_the_same_whoever_describes_it_and_however_long_it_may_take():
    told = replace(
        FOCUS, title="Sharpness", card="CARD.md", licence="MIT", resources=Resources(seconds=9)
    )
    assert told.digest == FOCUS.digest
    assert FOCUS.defaults() == {"sigma": 1.0}


@pytest.mark.parametrize(
    ("spec", "met", "unmet"),
    [
        ("", ["0.0.1", "9.9.9"], []),
        ("1.2.0", ["1.2.0"], ["1.2.1", "1.3.0"]),
        ("==1.2", ["1.2.0", "1.2.9"], ["1.3.0", "2.2.0"]),
        (">=1", ["1.0.0", "1.10.0", "2.0.0"], ["0.9.9"]),
        ("~=1.2", ["1.2.0", "1.10.0"], ["1.1.9", "2.0.0"]),
    ],
)
def test_which_versions_will_do(spec, met, unmet):
    needs = Needs("tissue", "core.tissue", spec)
    assert all(needs.is_met_by(version) for version in met)
    assert not any(needs.is_met_by(version) for version in unmet)


def test_a_specification_that_is_none_is_refused():
    with pytest.raises(InputError):
        Needs("tissue", "core.tissue", ">1,<2").is_met_by("1.0.0")


_PART = st.integers(0, 999_999_999)


@given(st.tuples(_PART, _PART, _PART), st.tuples(_PART, _PART, _PART))
def test_versions_are_in_the_order_of_their_numbers(one, other):
    def written(parts):
        return ".".join(map(str, parts))

    assert (version_key(written(one)) < version_key(written(other))) == (one < other)
    assert Needs("a", "b.c", f">={written(one)}").is_met_by(written(other)) == (other >= one)


def test_the_reason_of_a_failure_crosses_between_processes():
    error = AlgorithmError("it hung.", reason=FailureReason.HUNG, place="map", remedy="Wait.")
    read = pickle.loads(pickle.dumps(error))
    assert (read.reason, read.what, read.place) == (FailureReason.HUNG, "it hung.", "map")
