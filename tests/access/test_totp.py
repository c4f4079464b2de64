"""Codes by time against the vectors of RFC 6238, appendix B."""

import base64

import pytest

from bigpicture.access.totp import code_at, matching_step, step_at

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_of_the_rfc(seconds, code):
    assert code_at(SECRET, step_at(seconds), digits=8) == code


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_a_code_fits_one_step_to_either_side_and_no_further(seconds, code):
    step = seconds // 30
    for shift, expected in ((-60, None), (-30, step), (0, step), (30, step), (60, None)):
        found = matching_step(SECRET, code[2:], now=seconds + shift, after=0)
        assert found == expected, shift


def test_a_code_that_was_used_fits_no_more():
    assert matching_step(SECRET, "287082", now=59, after=0) == 1
    assert matching_step(SECRET, "287082", now=59, after=1) is None


@pytest.mark.parametrize(
    "code", ["", "28708", "2870822", "28708a", "２８７０８２", "-87082", "94287082"]
)
def test_what_is_no_code_fits_never(code):
    assert matching_step(SECRET, code, now=59, after=0) is None


def test_people_may_type_a_space():
    assert matching_step(SECRET, "287 082", now=59, after=0) == 1
