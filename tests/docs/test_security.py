"""The page on security names every item once, and tests that are there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/security.md").read_text().splitlines()
    if line.startswith("| V")
]
# Requirements of levels 1 and 2 by chapter, counted in the standard's own table (5.0.0).
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7,
    10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip


def test_every_item_of_both_levels_stands_there_once():
    items = [item.strip() for row in ROWS for item in row[0].split(",")]
    assert all(re.fullmatch(r"V\d+\.\d+\.\d+", item) for item in items)
    assert [item for item, times in Counter(items).items() if times > 1] == []
    assert Counter(int(item[1:].split(".")[0]) for item in items) == CHAPTERS


def test_each_row_has_a_state_and_says_how():
    assert {row[1] for row in ROWS} == {"met", "partly", "open", "n/a"}
    assert all(row[2].endswith(".") for row in ROWS)


@pytest.mark.parametrize("named", sorted({row[3].strip("`") for row in ROWS if row[3]}))
def test_each_test_is_there(named):
    path, _, name = named.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text()
