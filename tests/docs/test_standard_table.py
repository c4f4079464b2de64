"""docs/standard.md is what the rules say, each beside a test that is there."""

from __future__ import annotations

import re

import pytest

from bigpicture.standard.explain import CROSS_CHECKS, explained
from msmdad import needs_the_standard, rows
from places import REPOSITORY
from standard_table import PAGE, TESTS, draw


def test_the_page_is_what_the_rules_say():
    written = PAGE.read_text(encoding="utf-8")
    assert written == draw(), "write it anew: python tests/standard_table.py"


@pytest.mark.parametrize("name", CROSS_CHECKS)
def test_each_test_is_there(name):
    file, test = TESTS[name].split("::")
    assert f"def {test}(" in (REPOSITORY / "tests" / file).read_text(encoding="utf-8")


def test_every_rule_that_the_code_names_is_explained():
    told = {each.found_as for each in explained()}
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("standard", "metaflex")
        for path in (REPOSITORY / "src/bigpicture" / folder).rglob("*.py")
    )
    named = set(re.findall(r'"(BP-[a-z-]+|constraint \d|\d+\.\d+\.[\d.]*\d)"', source))
    assert {each for each in named if not re.fullmatch(r"\d+\.\d+\.0", each)} <= told | {
        each.number for each in explained()
    }


@needs_the_standard
def test_every_row_of_the_standard_is_on_the_page():
    there = {each.number for each in explained()}
    numbered = {row.number for row in rows() if re.fullmatch(r"[\d.]+", row.number)}
    assert numbered - there == {"17.1.9.1"}  # the files of 17.1.9
