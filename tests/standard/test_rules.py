"""The rules as data say what the transcription of the standard says."""

from __future__ import annotations

import pytest

from bigpicture.model.attribute import AttributeType
from bigpicture.standard.rule import ANY_TAG, Audience, Nil
from bigpicture.standard.rules import ATTRIBUTE_RULES, FIELD_RULES, STAIN_RULES
from msmdad import needs_the_standard, rows

pytestmark = needs_the_standard

RULES = (*ATTRIBUTE_RULES, *STAIN_RULES)
NAMES = {"Biological Being": "being", "Landing Page": "landing_page"}
STANDARD = {row.number: row for row in rows()}
OF_POLICY = {"17.5.1.1": "9.5.4.1"}
"""The page repeats the policy, whose rows say more."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.number} {rule.path}")
def test_a_rule_is_the_standards(rule):
    row = STANDARD[OF_POLICY.get(rule.number, rule.number)]
    if rule.tag != ANY_TAG:
        assert row.field.split(" ")[0] == rule.tag
    if rule.number not in OF_POLICY:
        assert NAMES.get(row.entity, row.entity.lower()) == rule.kind
    is_of_page = row.number.startswith("17.")
    for each in rule.types:
        told = row.type.lower()
        assert each.value in told or (is_of_page and told in ("as policy", "set"))
    if rule.audience != Audience.EVERYONE:
        assert row.context == rule.audience.value
    if rule.nil == Nil.IF_CLINICAL:
        assert "clinical" in row.available
    if rule.nil == Nil.NEVER:
        assert row.available.startswith(("no", "omit if", "same"))
    if rule.values and not is_of_page and rule.number != "6.2.11.1.2":
        assert all(value in row.text for value in rule.values)
    if rule.types == (AttributeType.MEASUREMENT,):
        assert any(unit in row.text for unit in rule.units)


def test_a_place_has_one_rule():
    places = [(rule.kind, rule.path) for rule in RULES]
    assert len(set(places)) == len(places)
    numbers = [rule.number for rule in (*RULES, *FIELD_RULES)]
    twice = {number for number in numbers if numbers.count(number) > 1}
    assert twice == {"3.3.1"}  # which stands by itself, or in a list


@pytest.mark.parametrize("rule", FIELD_RULES, ids=lambda rule: rule.number)
def test_a_field_rule_names_a_row(rule):
    row = STANDARD[rule.number]
    assert NAMES.get(row.entity, row.entity.lower()) == rule.kind
