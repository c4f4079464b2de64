"""A policy in plain words: each code has its sentence, for each reader, always the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.access.data_use.words import tell
from bigpicture.model.data_use import CODES, DataUseTerm, Parameter
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import AccessRoute
from data_uses import LUNG_CANCER, policy

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SAYS = {
    "NRES": ("anything", "anything"),
    "GRU": ("any research", "any research"),
    "HMB": ("not to study ancestry", "may not study ancestry"),
    "DS": ("research on MONDO:0008903 only", "on MONDO:0008903"),
    "POA": ("nothing else", "nothing else"),
    "RS": ("one kind of research only: x.", "People judge"),
    "NMDS": ("software or AI", "may not develop"),
    "GSO": ("genetic studies only", "genetic"),
    "NPUNCU": ("Companies may not use your data, and nobody", "not commercial"),
    "PUB": ("publish the results", "publish your results"),
    "COL": ("work together with you", "work together with the contributor"),
    "IRB": ("ethics committee", "before you apply"),
    "GS": ("in these countries only: EU", "everyone who gets the data, have to be in: EU"),
    "MOR": ("before 1 February 2030", "before 1 February 2030"),
    "TS": ("after 12 months", "after 12 months"),
    "US": ("2 people", "2 people"),
    "PS": ("Only these projects", "Your project has to be one of: x"),
    "IS": ("Only these organisations", "Your organisation has to be one of: x"),
    "RTN": ("give the results back", "give your results back"),
    "CC": ("care for patients", "care for patients"),
    "NPOA": ("where populations come from", "may not study ancestry"),
    "NPU": ("Companies", "not be for profit"),
    "NCU": ("a company may do research", "must not be commercial"),
}
VALUES = {
    Parameter.DISEASES: (LUNG_CANCER,),
    Parameter.COUNTRIES: ("EU",),
    Parameter.MONTHS: ("12",),
    Parameter.DAY: ("2030-02-01",),
    Parameter.USERS: ("user-1", "user-2"),
    Parameter.NONE: (),
}


def sentence(given, clause):
    [found] = [each for each in tell(given) if each.clause == clause]
    return found


@pytest.mark.parametrize("code", CODES, ids=lambda each: each.shorthand)
def test_each_code_has_a_sentence_for_each_reader(code):
    term = DataUseTerm.of(code, *VALUES.get(code.parameter, ("x",)))
    found = sentence(policy(term), code.code)
    contributor, applicant = SAYS[code.shorthand]
    assert contributor in found.contributor
    assert applicant in found.applicant
    assert "{" not in found.contributor + found.applicant


@pytest.mark.parametrize(
    "code", [each for each in CODES if each.parameter], ids=lambda each: each.shorthand
)
def test_a_code_without_its_values_says_so(code):
    found = sentence(policy(DataUseTerm.of(code)), code.code)
    assert "{" not in found.applicant
    assert ": ." not in found.applicant
    assert found.applicant.endswith(".")


def test_the_names_of_approved_people_are_not_told():
    told = tell(policy(DataUseTerm.of("US", "jane@example.org")))
    assert "jane" not in str(told)


def test_an_unknown_code_and_no_code_are_told_to_be_for_people():
    assert "People judge" in sentence(policy("XYZ"), "XYZ").applicant
    assert "people judge your purpose" in sentence(policy(), "permission").applicant


@pytest.mark.parametrize("tier", AccessTier)
def test_each_tier_has_its_sentence(tier):
    assert sentence(policy("GRU", tier=tier), "tier").applicant


def test_what_is_not_said_is_not_told():
    bare = policy(
        "GRU",
        allowed_uses=None,
        geography=None,
        duration=None,
        research_question_required=None,
        consent_restrictions=None,
        custom_restrictions=None,
    )
    assert [each.clause for each in tell(bare)] == ["tier", "dataset_type", "DUO:0000042"]


def test_what_is_said_is_told():
    told = policy(
        "GRU",
        dataset_type=DatasetType.CLINICAL_PSEUDONYMIZED,
        tier=AccessTier.COMPUTE_ONLY,
        consent_restrictions="Not for x",
        legal_basis="Informed Consent Form",
        route=AccessRoute.EHDS_PERMIT,
        permit_number="HDAB-7",
        controllers=("House A", "House B"),
        processors=("Node",),
        retention_until="2040-01-01",
        citation="Doe 2026",
        acknowledgements=("Thanks",),
        research_question_required=True,
    )
    text = " ".join(each.contributor for each in tell(told))
    for word in (
        "Not for x",
        "Informed Consent",
        "HDAB-7",
        "House A; House B",
        "Node",
        "2040-01-01",
        "Doe 2026",
        "Thanks",
        "research question",
    ):
        assert word in text, word


@PATIENT
@given(st.lists(st.sampled_from(CODES), max_size=6), st.randoms())
def test_the_same_policy_gives_the_same_words(codes, chance):
    mixed = list(codes)
    chance.shuffle(mixed)
    assert tell(policy(*mixed_terms(mixed))) == tell(policy(*mixed_terms(codes)))


def mixed_terms(codes):
    return [DataUseTerm.of(code) for code in codes]
