"""What holds for every policy and every purpose."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.access.data_use.match import match
from bigpicture.access.data_use.narrow import narrow
from bigpicture.access.data_use.reason import Answer
from bigpicture.model.data_use import CC, CODES, DataUseTerm, Kind, Parameter
from bigpicture.model.purpose import (
    CodedPurpose,
    OrganisationType,
    Prohibited,
    Recipient,
    Sensitive,
    Use,
)
from data_uses import CANCER, DIABETES, LUNG_CANCER, LUNG_DISEASE, MONDO, SMALL_CELL, policy

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A starved machine needs it."""
STRICTNESS = [Answer.ALLOW, Answer.HUMAN, Answer.DENY]
DISEASES = [LUNG_DISEASE, LUNG_CANCER, SMALL_CELL, CANCER, DIABETES, "SNOMED CT:363358000"]
VALUES = {
    Parameter.DISEASES: DISEASES,
    Parameter.COUNTRIES: ["DE", "US", "EU", "EEA", "The Alps"],
    Parameter.ORGANISATIONS: ["Institute of Examples", "Another"],
    Parameter.USERS: ["user-1", "user-2"],
    Parameter.PROJECTS: ["project-1", "project-2"],
    Parameter.MONTHS: ["6", "12", "24", "a year"],
    Parameter.DAY: ["2030-01-01", "soon"],
    Parameter.TEXT: ["x"],
    Parameter.NONE: [],
}


@st.composite
def terms(draw):
    code = draw(st.sampled_from(CODES))
    values = VALUES[code.parameter]
    few = st.lists(st.sampled_from(values), max_size=2) if values else st.just([])
    return DataUseTerm.of(code, *draw(few))


lists = st.lists(terms(), max_size=5)
_maybe = st.none() | st.booleans()
purposes = st.builds(
    CodedPurpose,
    uses=st.frozensets(st.sampled_from(Use), max_size=3),
    diseases=st.frozensets(st.sampled_from(DISEASES), max_size=2),
    is_commercial=_maybe,
    country=st.sampled_from([None, "DE", "US"]),
    organisation_type=st.none() | st.sampled_from(OrganisationType),
    organisation=st.sampled_from([None, "Institute of Examples", "x"]),
    users=st.none() | st.frozensets(st.sampled_from(["user-1", "user-2"]), max_size=2),
    project=st.sampled_from([None, "project-1"]),
    months=st.sampled_from([None, 6, 12, 24]),
    has_approval=_maybe,
    recipients=st.sampled_from([None, (), (Recipient("x", "US"),)]),
    sensitive=st.sampled_from([None, frozenset(), frozenset({Sensitive.CONTROL})]),
    prohibited=st.sampled_from([None, frozenset(), frozenset({Prohibited.MARKETING})]),
)
lineages = st.sampled_from([None, MONDO])


def rank(given, asked, lineage):
    return STRICTNESS.index(match(policy(*given), asked, lineage).answer)


def narrows(term):
    """A permission is one more that has to agree; CC alone permits."""
    return term.code != CC.code


@settings(PATIENT, max_examples=400)
@given(lists, terms().filter(narrows), purposes, lineages)
def test_one_more_restriction_makes_no_answer_milder(given, more, asked, lineage):
    held = [each for each in given if each.known.kind is Kind.PERMISSION]
    if more.known.kind is Kind.PERMISSION and not held:
        # the first permission says what no code said before: never less than a denial
        assert not (rank(given, asked, lineage) == 2 and rank([*given, more], asked, lineage) < 2)
    else:
        assert rank([*given, more], asked, lineage) >= rank(given, asked, lineage)


@PATIENT
@given(lists, purposes, lineages, st.randoms())
def test_the_order_of_clauses_does_not_matter(given, asked, lineage, chance):
    mixed = list(given) * 2
    chance.shuffle(mixed)
    assert match(policy(*mixed), asked, lineage) == match(policy(*given), asked, lineage)


@PATIENT
@given(lists, st.text(max_size=12), purposes, lineages)
def test_an_unknown_code_never_allows(given, said, asked, lineage):
    strange = DataUseTerm.of(f"x{said}")
    assert match(policy(*given, strange), asked, lineage).answer is not Answer.ALLOW


@PATIENT
@given(lists, purposes, lineages)
def test_a_terminology_only_makes_doubts_sure(given, asked, lineage):
    without = match(policy(*given), asked).answer
    with_it = match(policy(*given), asked, MONDO).answer
    assert without in (with_it, Answer.HUMAN)


@settings(PATIENT, max_examples=300)
@given(lists, st.lists(lists.map(tuple), min_size=1, max_size=2), purposes, lineages)
def test_consents_only_narrow(given, scopes, asked, lineage):
    whole = policy("GRU", *given)
    narrowed = narrow(whole, scopes)
    assert rank_of(narrowed, asked, lineage) >= rank_of(whole, asked, lineage)


@settings(PATIENT, max_examples=300)
@given(lists, lists.map(tuple), purposes, lineages)
def test_what_a_consent_denies_alone_stays_denied(given, scope, asked, lineage):
    alone = match(policy("GRU", *scope), asked, lineage).answer
    if alone is Answer.DENY:
        assert match(narrow(policy("GRU", *given), [scope]), asked, lineage).answer is Answer.DENY


@PATIENT
@given(lists, purposes, lineages)
def test_nothing_is_allowed_to_who_says_nothing(given, asked, lineage):
    silent = replace(asked, uses=frozenset())
    assert match(policy(*given), silent, lineage).answer is not Answer.ALLOW


def rank_of(given, asked, lineage):
    return STRICTNESS.index(match(given, asked, lineage).answer)
