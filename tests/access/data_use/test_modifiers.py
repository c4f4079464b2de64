"""Each modifier of DUO: what it denies, what it leaves to people, what it asks for."""

from __future__ import annotations

import pytest

from bigpicture.access.data_use.match import match
from bigpicture.access.data_use.reason import Answer
from bigpicture.model.data_use import CODES, DataUseTerm, Kind
from bigpicture.model.purpose import OrganisationType, Recipient
from data_uses import DIABETES, LUNG_CANCER, MONDO, SMALL_CELL, policy, purpose

OK, HUMAN, DENY = Answer.ALLOW, Answer.HUMAN, Answer.DENY
COMPANY = {"organisation_type": OrganisationType.FOR_PROFIT}
NOBODY_SAYS = {"organisation_type": None}
SOLD, UNSAID_SALE = {"is_commercial": True}, {"is_commercial": None}


def term(code, *values):
    return DataUseTerm.of(code, *values)


CASES = [
    (term("NCU"), {}, OK),
    (term("NCU"), SOLD, DENY),
    (term("NCU"), UNSAID_SALE, HUMAN),
    (term("NCU"), COMPANY, OK),
    (term("NPU"), {}, OK),
    (term("NPU"), COMPANY, DENY),
    (term("NPU"), NOBODY_SAYS, HUMAN),
    (term("NPU"), SOLD, OK),
    (term("NPUNCU"), {}, OK),
    (term("NPUNCU"), COMPANY, DENY),
    (term("NPUNCU"), SOLD, DENY),
    (term("NPUNCU"), UNSAID_SALE, HUMAN),
    (term("NPUNCU"), NOBODY_SAYS, HUMAN),
    (term("NPUNCU"), {**COMPANY, **UNSAID_SALE}, DENY),
    (term("GS", "DE"), {}, OK),
    (term("GS", "EU"), {}, OK),
    (term("GS", "EEA", "CH"), {"country": "CH"}, OK),
    (term("GS", "eu"), {"country": "NO"}, DENY),
    (term("GS", "EU"), {"country": None}, HUMAN),
    (term("GS", "EU"), {"recipients": (Recipient("x", "FR"),)}, OK),
    (term("GS", "EU"), {"recipients": (Recipient("x", "US"),)}, DENY),
    (term("GS", "EU"), {"recipients": (Recipient("x"),)}, HUMAN),
    (term("GS", "The Alps"), {}, HUMAN),
    (term("GS"), {}, HUMAN),
    (term("IS", "institute  of EXAMPLES"), {}, OK),
    (term("IS", "Another"), {}, DENY),
    (term("IS", "Another"), {"organisation": None}, HUMAN),
    (term("IS", "Institute of Examples"), {"recipients": (Recipient("Another"),)}, DENY),
    (term("IS"), {}, HUMAN),
    (term("US", "user-1", "user-2"), {}, OK),
    (term("US", "user-1"), {"users": {"user-1", "user-3"}}, DENY),
    (term("US", "user-1"), {"users": None}, HUMAN),
    (term("US", "user-1"), {"users": set()}, HUMAN),
    (term("US"), {}, HUMAN),
    (term("PS", "project-1"), {}, OK),
    (term("PS", "project-2"), {}, DENY),
    (term("PS", "project-2"), {"project": None}, HUMAN),
    (term("PS"), {}, HUMAN),
    (term("TS", "12"), {}, OK),
    (term("TS", "11"), {}, DENY),
    (term("TS", "11"), {"months": None}, HUMAN),
    (term("TS"), {}, HUMAN),
    (term("TS", "a year"), {}, HUMAN),
    (term("MOR", "2030-01-01"), {}, OK),
    (term("MOR"), {}, HUMAN),
    (term("MOR", "2030-13-01"), {}, HUMAN),
    (term("PUB"), {}, OK),
    (term("COL"), {}, OK),
    (term("RTN"), {}, OK),
    (term("IRB"), {}, OK),
    (term("IRB"), {"has_approval": False}, HUMAN),
    (term("IRB"), {"has_approval": None}, HUMAN),
    (term("RS", "paediatric only"), {}, HUMAN),
    (term("RS"), {}, HUMAN),
    (term("CC"), {}, OK),
    (term("NPOA"), {}, OK),
    (term("DUO_00000044"), {"uses": {"ancestry"}}, DENY),
    (term("NPOA"), {"uses": set()}, HUMAN),
    (term("GSO"), {}, DENY),
    (term("GSO"), {"uses": {"genetic"}}, OK),
    (term("GSO"), {"uses": set()}, HUMAN),
    (term("NMDS"), {}, OK),
    (term("NMDS"), {"uses": {"methods"}}, DENY),
    (term("NMDS"), {"uses": {"health", "methods"}}, DENY),
    (term("NMDS"), {"uses": set()}, HUMAN),
    (term("DUO:0000099"), {}, HUMAN),
    (term("no re-identification"), {}, HUMAN),
    (term(""), {}, HUMAN),
]


def changed(said):
    asked = dict(said)
    uses = asked.pop("uses", {"health"})
    return purpose(*uses, **asked)


@pytest.mark.parametrize(("given", "says", "expected"), CASES)
def test_what_a_modifier_answers(given, says, expected):
    told = {"allowed_uses": ("Research Use", "Direct Exploitation")}
    found = match(policy("GRU", given, **told), changed(says), MONDO)
    said = [each for each in found.reasons if each.clause == given.code]
    assert [each.answer for each in said] == ([] if given.code == "DUO:0000043" else [expected])
    assert all(each.text for each in said)


def test_the_cases_hold_every_modifier():
    held = {given.code for given, _, _ in CASES}
    assert {each.code for each in CODES if each.kind is Kind.MODIFIER} <= held


def test_methods_within_the_disease_are_for_people_and_outside_denied():
    within = policy(term("DS", LUNG_CANCER), "NMDS")
    assert match(within, purpose("methods", diseases={SMALL_CELL}), MONDO).answer is HUMAN
    assert match(within, purpose("methods", diseases={DIABETES}), MONDO).answer is DENY
    assert match(within, purpose("methods"), MONDO).answer is DENY


def test_a_consent_to_one_disease_opens_no_methods_that_the_dataset_forbids():
    asked = purpose("methods", diseases={LUNG_CANCER})
    assert match(policy("GRU", "NMDS"), asked, MONDO).answer is DENY
    both = policy("GRU", term("DS", LUNG_CANCER), "NMDS")
    assert match(both, asked, MONDO).answer is DENY


def test_methods_where_no_code_permits_anything_are_for_people():
    found = match(policy("NMDS"), purpose("methods", diseases={LUNG_CANCER}), MONDO)
    assert {each.clause: each.answer for each in found.reasons}["DUO:0000015"] is HUMAN


def test_clinical_care_is_allowed_where_the_policy_says_so():
    def care(*terms):
        found = match(policy(*terms), purpose("clinical-care"), MONDO)
        return {each.clause: each.answer for each in found.reasons}["DUO:0000043"]

    assert care("NRES", "CC") is OK
    assert care("NRES") is HUMAN
    assert match(policy("NRES", "CC"), purpose("health")).answer is OK


def test_the_names_of_approved_people_are_in_no_reason():
    found = match(policy("GRU", term("US", "user-9")), purpose("health"))
    assert found.answer is DENY
    assert "user-9" not in str(found.reasons)
