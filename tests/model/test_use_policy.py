"""Use policies: what contradicts itself is refused; one policy has one hash."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.model.data_use import CODES, DataUseTerm
from bigpicture.model.errors import InputError
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import AccessRoute, UsePolicy
from bigpicture.model.use_policy_json import NARROWED, from_json, use_policy_of

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PSEUDONYMISED = DatasetType.CLINICAL_PSEUDONYMIZED


def made(**said):
    told = {"dataset_type": PSEUDONYMISED, "tier": AccessTier.CONTROLLED}
    return UsePolicy(**{**told, **said})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"tier": AccessTier.OPEN}, "cannot be open"),
        ({"type_of_access": "Indirect Access"}, "compute-only"),
        ({"route": AccessRoute.EHDS_PERMIT, "permit_number": "P-1"}, "compute-only"),
        ({"route": AccessRoute.EHDS_PERMIT, "tier": AccessTier.COMPUTE_ONLY}, "number"),
        ({"permit_number": "P-1"}, "does not rest on one"),
    ],
)
def test_what_contradicts_itself_is_refused_with_a_remedy(said, what):
    with pytest.raises(InputError, match=what) as refused:
        made(**said)
    assert refused.value.remedy
    assert refused.value.rule


@pytest.mark.parametrize("tier", [each for each in AccessTier if each is not AccessTier.OPEN])
def test_pseudonymised_data_have_any_other_tier(tier):
    assert made(tier=tier).tier is tier


def test_anonymised_data_may_be_open():
    assert made(dataset_type=DatasetType.CLINICAL_ANONYMIZED, tier=AccessTier.OPEN)


_term = st.builds(
    DataUseTerm,
    st.sampled_from([each.code for each in CODES]) | st.text(max_size=8),
    st.lists(st.text(max_size=8), max_size=3).map(tuple),
)
_text = st.none() | st.text(max_size=8)
_texts = st.none() | st.lists(st.text(max_size=8), max_size=3).map(tuple)
policies = st.builds(
    made,
    version=st.text(max_size=8),
    allowed_uses=_texts,
    geography=_text,
    duration=_text,
    research_question_required=st.none() | st.booleans(),
    consent_restrictions=_text,
    custom_restrictions=_text,
    acknowledgements=_texts,
    citation=_text,
    terms=st.lists(_term, max_size=4).map(tuple),
    retention_until=_text,
    legal_basis=_text,
    controllers=_texts,
    processors=_texts,
    route=st.none() | st.sampled_from(list(AccessRoute)[:3]),
    unread=st.lists(st.text(max_size=8), max_size=3).map(tuple),
)


@PATIENT
@given(policies)
def test_it_comes_back_from_the_records_as_it_was(policy):
    said = json.loads(json.dumps(policy.as_json()))
    assert from_json(said) == policy
    assert from_json(said).hash == policy.hash


@PATIENT
@given(policies, st.randoms())
def test_the_order_of_terms_does_not_change_the_hash(policy, chance):
    terms = list(policy.terms) * 2
    chance.shuffle(terms)
    said = {
        **policy.as_json(),
        "terms": [{"code": t.code, "values": list(t.values)} for t in terms],
    }
    assert from_json(said).hash == policy.hash


def test_what_is_not_said_and_what_is_said_to_be_none_are_two_policies():
    assert made().hash != made(consent_restrictions="").hash


def older(**said):
    policy = {
        "dataset_type": "Clinical/Anonymized",
        "tier": "controlled",
        "type_of_access": "Direct Access",
        "allowed_uses": ["Research Use"],
        "geography": "Worldwide",
        "duration": "",
        "research_question_required": False,
        "restrictions": ["Not for sale"],
    }
    row = {"dataset_type": "Clinical/Anonymized", "tier": "controlled"}
    return {**row, **said, "policy": policy}


def test_a_row_of_an_older_release_says_less_and_nothing_is_guessed():
    policy = use_policy_of(older())
    assert policy.geography == "Worldwide"
    assert policy.unread == ("Not for sale",)
    assert policy.duration is None
    assert policy.research_question_required is None
    assert policy.consent_restrictions is None
    assert policy.terms == ()


def test_an_older_row_that_opened_pseudonymised_data_is_read_as_controlled():
    policy = use_policy_of(older(dataset_type=PSEUDONYMISED.value, tier="open"))
    assert policy.tier is AccessTier.CONTROLLED
    assert NARROWED in policy.unread
