"""The registers accept what they publish, and as few random numbers as is said of them."""

from __future__ import annotations

import random
import string

import pytest

from bigpicture.standard.people.registers import REGISTERS

SHAPES = {
    "an Austrian": "9" * 10,
    "a Belgian": "9" * 11,
    "a Bulgarian": "9" * 10,
    "a Czech": "9" * 10,
    "a German tax": "9" * 11,
    "a German health": "A" + "9" * 9,
    "a Danish": "9" * 10,
    "an Estonian": "9" * 11,
    "a Spanish identity": "9" * 8 + "A",
    "a Finnish": "999999-999A",
    "a French": "9" * 15,
    "an NHS": "9" * 10,
    "a Greek": "9" * 11,
    "a Croatian": "9" * 11,
    "an Irish": "9" * 7 + "A",
    "an Icelandic": "9" * 10,
    "a Latvian": "9" * 11,
    "a Dutch": "9" * 9,
    "a Norwegian": "9" * 11,
    "a PESEL": "9" * 11,
    "a Portuguese tax": "9" * 9,
    "a Romanian": "9" * 13,
    "a Swedish": "9" * 10,
    "an EMŠO": "9" * 13,
}
PUBLISHED = [
    ("a Swiss", "7569217076985"),
    ("an Italian", "RCCMNL83S18D969H"),
    ("a Belgian", "85073003328"),
    ("a Bulgarian", "7523169263"),
    ("a German health", "A123456780"),
    ("a German tax", "36574261809"),
    ("a Portuguese citizen", "000000000ZZ4"),
    ("an Irish", "6433435F"),
    ("an EMŠO", "0101006500006"),
    ("a Spanish foreigner", "X2482300W"),
    ("an Austrian", "1237010180"),
]
"""Numbers that the registers, or those who describe them, give as examples."""


def register(beginning: str):
    [found] = [each for each in REGISTERS if each.label.startswith(beginning)]
    return found


@pytest.mark.parametrize(("beginning", "number"), PUBLISHED)
def test_a_published_example_passes_and_another_last_digit_does_not(beginning, number):
    found = register(beginning)
    assert found.bare.fullmatch(number)
    assert found.passes(number)
    others = string.digits if number[-1].isdecimal() else string.ascii_uppercase
    passing = [each for each in others if found.passes(number[:-1] + each)]
    assert passing == [number[-1]]


@pytest.mark.parametrize(("beginning", "shape"), SHAPES.items())
def test_as_few_random_numbers_pass_as_is_said(beginning, shape):
    """Counted until sixty have passed: a factor of two is five standard deviations."""
    found, chance = register(beginning), random.Random(beginning)
    letters = {"9": string.digits, "A": string.ascii_uppercase}
    tried = passed = 0
    while passed < 60:
        tried += 1
        number = "".join(chance.choice(letters.get(each, each)) for each in shape)
        fits = found.bare.fullmatch(number) is not None
        passed += fits and found.passes(number)
    assert 0.5 < (passed / tried) / found.chance < 2
