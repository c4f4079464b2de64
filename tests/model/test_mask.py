"""What a report may say of a value: its shape, and no letter or digit of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.mask import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mustermann^Erika", "***^*** (16 characters)"),
        ("S19-12345", "***###-### (9 characters)"),
        ("1004486", "### (7 characters)"),
        ("29.12.2009", "###.###.### (10 characters)"),
        ("Müller", "*** (6 characters)"),
        ("7", "### (1 character)"),
        ("", " (0 characters)"),
        ("one two three four", "*** *** *** … (18 characters)"),
        ("a\nb\x1b", "***?***? (4 characters)"),
    ],
)
def test_a_value_is_masked_to_its_shape(text, masked):
    assert mask(text) == masked


@given(st.text(max_size=80))
def test_no_letter_and_no_digit_is_shown_and_names_of_equal_length_look_alike(text):
    shown = mask(text).rpartition(" (")[0]
    assert not any(letter.isalnum() for letter in shown)
    assert shown.isprintable()
    assert len(shown) <= 20
