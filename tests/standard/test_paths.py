"""Only paths that mean the same file on every machine are safe."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.standard.paths import collisions, path_problem


@pytest.mark.parametrize(
    "path", ["IMAGES/IMAGE_a/level-0.dcm", "a", "a b/c.svs", "IMAGES/Größe/π.dcm", "..a/b..c"]
)
def test_safe(path):
    assert path_problem(path) == ""


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "../a",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "C:/a",
        "a\x00b",
        "a\nb",
        "a\u202eb",
        "a\u200bb",
        "a\ud800",
        " a",
        "a ",
        "a.",
        "a/nul",
        "CON.dcm",
        "com1/a",
        "a/" + "x" * 256,
        "x/" * 600 + "a",
        "a*",
        "a|b",
        "a\u2028b",
    ],
)
def test_unsafe(path):
    assert path_problem(path)


@given(st.text(st.sampled_from("ab./\\:\x00\u202eé "), max_size=12))
def test_a_safe_path_stays_inside_on_both_kinds_of_system(path):
    if not path_problem(path):
        for kind in (PurePosixPath, PureWindowsPath):
            pure = kind(path)
            assert not pure.is_absolute()
            assert not pure.drive
            assert ".." not in pure.parts
            assert pure.as_posix() == path


def test_collisions():
    assert collisions(["a/B", "a/b", "a/c"]) == [("a/B", "a/b")]
    assert collisions(["é", "e\u0301"]) == [("e\u0301", "é")]  # NFC and NFD of one name
    assert collisions(["straße", "STRASSE"]) == [("STRASSE", "straße")]
    assert collisions(["a", "a"]) == []
