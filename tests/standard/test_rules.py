"""The rules as data say what the transcription of the standard says."""

from __future__ import annotations

import csv

import pytest

from bigpicture.standard.rules import ATTRIBUTE_RULES, FIELD_RULES, STAIN_RULES, Audience, Nil
from places import shared

RULES = (*ATTRIBUTE_RULES, *STAIN_RULES)
NAMES = {"Biological Being": "being", "Landing Page": "landing_page"}


def standard() -> dict[str, dict[str, str]]:
    with shared("reference/msmdad-2.0.0.tsv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_is_the_standards(rule):
    row = standard()[rule.number]
    assert row["field"].split(" ")[0] == rule.path[-1]
    assert NAMES.get(row["entity"], row["entity"].lower()) == rule.kind
    for each in rule.types:
        assert each.value in row["type"].lower()
    if rule.audience != Audience.EVERYONE:
        assert row["ctx"] == rule.audience.value
    if rule.nil == Nil.IF_CLINICAL:
        assert "clinical" in row["NA"]
    for value in rule.values:
        assert value in row["values_or_rule"]


def test_numbers_are_unique():
    numbers = [rule.number for rule in (*RULES, *FIELD_RULES)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("rule", FIELD_RULES, ids=lambda rule: rule.number)
def test_a_field_rule_names_a_row(rule):
    assert NAMES.get(standard()[rule.number]["entity"], "").lower() in {"", rule.kind}
    assert standard()[rule.number]["entity"].lower().startswith(rule.kind.value[:4])
