"""File names that Windows can hold: the rules are those of Microsoft's "Naming Files"."""

from __future__ import annotations

from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.file_name import is_plain_name, plain_name


@pytest.mark.parametrize(
    "name", ["colon-1", "level-0.dcm", "Größe.xml", "console", "com10.csv", ".x"]
)
def test_a_plain_name_stays(name):
    assert plain_name(name) == name
    assert is_plain_name(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("study 1: colon/rectum", "study 1_ colon_rectum"),
        ("aux", "_aux"),
        ("NUL.xml", "_NUL.xml"),
        ("lpt1.", "_lpt1"),
        ("what?", "what_"),
        ("end. ", "end"),
        ("...", "_"),
        ("a\nb", "a_b"),
    ],
)
def test_another_becomes_one(text, name):
    assert plain_name(text) == name
    assert not is_plain_name(text)


@given(st.text(max_size=20))
def test_what_it_makes_is_plain_and_one_name_on_windows(text):
    name = plain_name(text)
    assert is_plain_name(name)
    path = PureWindowsPath(name)
    assert path.parts == (name,)
    assert not path.is_reserved()
