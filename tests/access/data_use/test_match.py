"""The decision table of data use, cell by cell, and how its answers are joined."""

from __future__ import annotations

import pytest

from bigpicture.access.data_use.match import ALGORITHM, match
from bigpicture.access.data_use.reason import Answer, strictest
from bigpicture.model.data_use import RELEASE, DataUseTerm
from bigpicture.model.policy import DatasetType
from bigpicture.model.purpose import OrganisationType, Prohibited, Recipient, Sensitive
from data_uses import (
    CANCER,
    DIABETES,
    LUNG_CANCER,
    LUNG_DISEASE,
    MONDO,
    SMALL_CELL,
    policy,
    purpose,
)

OK, HUMAN, DENY = Answer.ALLOW, Answer.HUMAN, Answer.DENY
ON_LUNG = DataUseTerm.of("DS", LUNG_CANCER)
PURPOSES = {
    "general": purpose("general"),
    "HMB": purpose("health"),
    "disease": purpose("disease", diseases={SMALL_CELL}),
    "POA": purpose("ancestry"),
    "methods": purpose("methods", diseases={LUNG_CANCER}),
}
TABLE = {
    "NRES": (OK, OK, OK, OK, OK),
    "GRU": (OK, OK, OK, OK, OK),
    "HMB": (DENY, OK, OK, DENY, OK),
    ON_LUNG: (DENY, DENY, OK, DENY, OK),
    "POA": (DENY, DENY, DENY, OK, OK),
}


def answer(policy, purpose, lineage=MONDO):
    return match(policy, purpose, lineage).answer


def of(found, clause):
    [reason] = [each for each in found.reasons if each.clause == clause]
    return reason


@pytest.mark.parametrize(
    ("permission", "asked", "expected"),
    [
        (permission, asked, expected)
        for permission, row in TABLE.items()
        for asked, expected in zip(PURPOSES, row, strict=True)
    ],
)
def test_each_cell_of_the_base_table(permission, asked, expected):
    assert answer(policy(permission), PURPOSES[asked]) is expected


@pytest.mark.parametrize(
    "uses",
    [
        ("general",),
        ("methods",),
        ("health",),
        ("general", "methods"),
        ("drug-development",),
        ("genetic",),
    ],
)
@pytest.mark.parametrize("lineage", [None, MONDO])
def test_a_purpose_that_names_no_disease_is_within_none(uses, lineage):
    """The trap of DUOS V4: an empty list of diseases passed its check."""
    assert answer(policy(ON_LUNG), purpose(*uses), lineage) is DENY


def test_disease_research_that_names_no_disease_is_for_people():
    assert answer(policy(ON_LUNG), purpose("disease"), None) is HUMAN


@pytest.mark.parametrize(
    ("diseases", "expected"),
    [
        ({LUNG_CANCER}, OK),
        ({SMALL_CELL}, OK),  # under it
        ({SMALL_CELL, LUNG_CANCER}, OK),
        ({CANCER}, DENY),  # over it: wider than what is allowed
        ({DIABETES}, DENY),
        ({SMALL_CELL, DIABETES}, DENY),  # every one of them has to be
        ({"MONDO:9999999"}, HUMAN),  # unknown to the terminology
        ({SMALL_CELL, "MONDO:9999999"}, HUMAN),
        ({DIABETES, "MONDO:9999999"}, DENY),
        ({"SNOMED CT:363358000"}, HUMAN),  # another scheme, which nothing relates
        ({"lung cancer"}, HUMAN),
    ],
)
def test_diseases_within_and_outside(diseases, expected):
    assert answer(policy(ON_LUNG), purpose("disease", diseases=diseases)) is expected


def test_a_disease_may_stand_under_any_of_those_named():
    both = policy(DataUseTerm.of("DS", LUNG_DISEASE, DIABETES))
    assert answer(both, purpose("disease", diseases={SMALL_CELL, DIABETES})) is OK


@pytest.mark.parametrize(
    ("disease", "expected"), [(LUNG_CANCER, OK), (SMALL_CELL, HUMAN), (DIABETES, HUMAN)]
)
def test_without_a_terminology_only_the_same_disease_is_sure(disease, expected):
    assert answer(policy(ON_LUNG), purpose("disease", diseases={disease}), None) is expected


def test_a_disease_permission_without_its_diseases_is_for_people():
    asked = purpose("disease", diseases={LUNG_CANCER})
    assert answer(policy("DS"), asked) is HUMAN


def test_every_use_has_to_be_allowed():
    assert answer(policy("HMB"), purpose("health", "ancestry")) is DENY
    assert answer(policy(ON_LUNG), purpose("disease", "health", diseases={LUNG_CANCER})) is DENY


@pytest.mark.parametrize("use", ["genetic", "drug-development"])
def test_biomedical_research_on_a_disease_is_within_it(use):
    assert answer(policy(ON_LUNG), purpose(use, diseases={LUNG_CANCER})) is OK
    assert answer(policy("HMB"), purpose(use)) is OK


def test_no_use_and_no_permission_are_for_people():
    assert answer(policy("GRU"), purpose()) is HUMAN
    assert answer(policy(), purpose("health")) is HUMAN


def test_several_permissions_have_to_agree():
    both = policy("GRU", ON_LUNG)
    assert answer(both, PURPOSES["general"]) is DENY
    assert answer(both, PURPOSES["disease"]) is OK
    assert answer(policy("HMB", "POA"), PURPOSES["POA"]) is DENY


@pytest.mark.parametrize("sensitive", Sensitive)
def test_what_is_sensitive_is_always_for_people(sensitive):
    assert answer(policy("NRES"), purpose("health", sensitive={sensitive})) is HUMAN


@pytest.mark.parametrize("prohibited", Prohibited)
def test_what_is_prohibited_is_always_denied(prohibited):
    found = match(policy("NRES"), purpose("health", prohibited={prohibited}))
    assert found.answer is DENY
    assert "EHDS, article" in of(found, f"prohibited:{prohibited}").text


@pytest.mark.parametrize("unsaid", ["sensitive", "prohibited", "recipients"])
def test_what_the_purpose_does_not_say_is_for_people(unsaid):
    assert answer(policy("NRES"), purpose("health", **{unsaid: None})) is HUMAN


def test_who_else_gets_the_data_is_for_people():
    asked = purpose("health", recipients=(Recipient("Another house", "FR"),))
    assert answer(policy("NRES"), asked) is HUMAN


STANDARD = [
    ({"geography": None}, {}, HUMAN),
    ({"geography": ""}, {}, HUMAN),
    ({"geography": "The Alps"}, {}, HUMAN),
    ({"geography": "European Union and EEA countries"}, {}, OK),
    ({"geography": "European Union and EEA countries"}, {"country": "NO"}, OK),
    ({"geography": "European Union and EEA countries"}, {"country": "ch"}, DENY),
    ({"geography": "European Union and EEA countries"}, {"country": None}, HUMAN),
    (
        {"geography": "European Union and EEA countries"},
        {"recipients": (Recipient("x", "us"),)},
        DENY,
    ),
    ({"geography": "Countries with GDPR adequacy"}, {"country": "FR"}, OK),
    ({"geography": "Countries with GDPR adequacy"}, {"country": "CH"}, OK),
    ({"geography": "Countries with GDPR adequacy"}, {"country": "US"}, HUMAN),
    ({"geography": "Countries with GDPR adequacy"}, {"country": "XK"}, HUMAN),
    ({"geography": "Countries with GDPR adequacy"}, {"country": None}, HUMAN),
    ({"duration": None}, {}, HUMAN),
    ({"duration": "Limited to the IMI Bigpicture project term"}, {}, HUMAN),
    ({"duration": "Limited to the duration of purpose of data access request"}, {}, OK),
    (
        {"duration": "Limited to the duration of purpose of data access request"},
        {"months": None},
        HUMAN,
    ),
    ({"research_question_required": True}, {}, OK),
    ({"research_question_required": True}, {"research_question": " "}, HUMAN),
    ({"research_question_required": None}, {}, HUMAN),
    ({"consent_restrictions": "Not for x"}, {}, HUMAN),
    ({"consent_restrictions": None}, {}, HUMAN),
    ({"custom_restrictions": "Not for x"}, {}, HUMAN),
    ({"custom_restrictions": None}, {}, HUMAN),
    ({"allowed_uses": None}, {}, HUMAN),
    ({"allowed_uses": ()}, {}, HUMAN),
    ({"allowed_uses": ("Something else",)}, {}, HUMAN),
    ({"allowed_uses": ("Implementation of Bigpicture Project (IMI2-945358)",)}, {}, HUMAN),
    ({"allowed_uses": ("Research Use",)}, {"is_commercial": True}, HUMAN),
    ({"allowed_uses": ("Research Use",)}, {"is_commercial": None}, HUMAN),
    ({"allowed_uses": ("Research Use", "Direct Exploitation")}, {"is_commercial": True}, OK),
    ({"allowed_uses": ("Direct Exploitation",)}, {"is_commercial": False}, HUMAN),
    ({"unread": ("x",)}, {}, HUMAN),
    ({"dataset_type": DatasetType.CLINICAL_PSEUDONYMIZED}, {}, HUMAN),
    ({"dataset_type": DatasetType.CLINICAL_PSEUDONYMIZED, "legal_basis": "Consent"}, {}, OK),
]


@pytest.mark.parametrize(("says", "wants", "expected"), STANDARD)
def test_each_field_of_the_standard(says, wants, expected):
    assert answer(policy("GRU", **says), purpose("health", **wants)) is expected


def test_a_deny_is_not_hidden_by_a_doubt():
    found = match(policy("HMB", "RS"), purpose("general", sensitive={Sensitive.CONTROL}))
    assert found.answer is DENY
    assert [each.answer for each in found.reasons] == sorted(
        (each.answer for each in found.reasons), key=[DENY, HUMAN, OK].index
    )


def test_of_nothing_at_all_people_judge():
    assert strictest([]) is HUMAN
    assert strictest([OK, DENY, HUMAN]) is DENY
    assert strictest([OK, HUMAN]) is HUMAN


def test_every_clause_answers_with_its_reason():
    asked = policy(ON_LUNG, "NPU", DataUseTerm.of("GS", "EU"), geography="Worldwide")
    found = match(asked, purpose("disease", diseases={SMALL_CELL}), MONDO)
    clauses = {each.clause for each in found.reasons}
    assert {"DUO:0000007", "DUO:0000045", "DUO:0000022", "geography", "allowed_uses"} <= clauses
    assert all(each.text and each.name for each in found.reasons)
    assert "(DS)" in of(found, "DUO:0000007").name


def test_a_match_tells_what_it_rests_on_and_is_the_same_again():
    asked = (policy(ON_LUNG), PURPOSES["disease"])
    found = match(*asked, MONDO)
    assert (found.algorithm, found.duo, found.terminologies) == (ALGORITHM, RELEASE, "invented 1")
    assert found.policy == asked[0].hash
    assert match(*asked, MONDO) == found
    assert match(*asked).id != found.id
    assert match(asked[0], PURPOSES["HMB"], MONDO).id != found.id


def test_an_organisation_for_profit_and_a_commercial_use_are_two_things():
    company = purpose("health", organisation_type=OrganisationType.FOR_PROFIT)
    sale = purpose("health", is_commercial=True)
    told = {"allowed_uses": ("Research Use", "Direct Exploitation")}
    assert answer(policy("GRU", "NPU", **told), sale) is OK  # duo.owl has NPU under NPUNCU
    assert answer(policy("GRU", "NCU", **told), company) is OK
    assert answer(policy("GRU", "NPUNCU", **told), sale) is DENY
    assert answer(policy("GRU", "NPUNCU", **told), company) is DENY
