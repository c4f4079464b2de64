"""The vectors that RFC 8785 publishes: numbers, the sample, the order of keys."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.model.canonical_json import canonical, digest
from bigpicture.model.errors import InputError

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]
SAMPLE = r"""
{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}
"""
SAMPLE_BYTES = (
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333"
    "333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22"
    "e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d"
)
SORTED = {
    "\r": "Carriage Return",
    "1": "One",
    "\x80": "Control",
    "\xf6": "Latin Small Letter O With Diaeresis",
    "€": "Euro Sign",
    "\U0001f600": "Emoji: Grinning Face",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
}


@pytest.mark.parametrize(("bits", "expected"), APPENDIX_B)
def test_numbers_of_appendix_b(bits, expected):
    [number] = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == expected.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_what_is_not_finite_has_no_form(bits):
    with pytest.raises(InputError, match="finite"):
        canonical(struct.unpack(">d", bytes.fromhex(bits))[0])


def test_the_sample_of_section_3_2():
    assert canonical(json.loads(SAMPLE)).hex() == SAMPLE_BYTES


def test_keys_stand_by_their_utf_16_code_units():
    found = json.loads(canonical(dict(sorted(SORTED.items(), reverse=True))))
    assert list(found) == list(SORTED)  # the emoji's surrogates come before U+FB33


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", {1: 2}, b"x", {"a": {1, 2}}])
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(InputError) as refused:
        canonical(value)
    assert refused.value.rule == "RFC 8785"


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=10,
)


@PATIENT
@given(_json)
def test_it_reads_back_as_it_was(value):
    assert json.loads(canonical(value), parse_int=float) == value  # as a reader with binary64


def test_the_digest_is_of_the_canonical_bytes():
    # sha256 of {"a":1,"b":2} by coreutils
    assert digest({"b": 2, "a": 1}) == (
        "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
    )
