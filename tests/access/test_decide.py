from datetime import UTC, datetime, timedelta

import pytest

from bigpicture.access.decide import Purpose, Reason, Terms, decide, read_terms
from bigpicture.model.grant import Grant, GrantUse, Hold
from bigpicture.model.person import Person, Role
from bigpicture.model.policy import AccessTier

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = Person("id-ada", "ada", "Ada", "", frozenset({Role.RESEARCHER}))
OPEN = Terms("d", AccessTier.OPEN)
CONTROLLED = Terms("d", AccessTier.CONTROLLED, "https://apply.example.org")
HOUR = timedelta(hours=1)


def granted(start, end, revoked=None):
    return [Grant("g", ADA.id, "d", start, end, revoked)]


def asked(terms, person=ADA, grants=(), now=NOON):
    return decide(person, terms, Purpose.VIEW, grants=grants, now=now)


def test_everybody_opens_an_open_dataset():
    assert asked(OPEN, None).allowed
    assert asked(OPEN, ADA).allowed


def test_the_world_is_asked_to_sign_in():
    decision = asked(CONTROLLED, None)
    assert (decision.allowed, decision.reason) == (False, Reason.SIGN_IN)
    assert decision.apply == "https://apply.example.org"


@pytest.mark.parametrize("role", Role)
def test_no_role_opens_a_controlled_dataset(role):
    person = Person("id", "n", "N", "", frozenset({role}))
    decision = asked(CONTROLLED, person)
    assert (decision.allowed, decision.reason) == (False, Reason.GRANT)


@pytest.mark.parametrize("tier", [AccessTier.REGISTERED, AccessTier.COMPUTE_ONLY])
def test_every_tier_but_open_needs_a_grant(tier):
    assert asked(Terms("d", tier), None).reason is Reason.SIGN_IN
    assert asked(Terms("d", tier)).reason is Reason.GRANT


@pytest.mark.parametrize(
    ("purpose", "allowed"),
    [
        (Purpose.READ, True),
        (Purpose.VIEW, False),
        (Purpose.STREAM, False),
        (Purpose.DOWNLOAD, False),
        (Purpose.COMPUTE, True),
    ],
)
def test_nobody_looks_at_what_is_compute_only_or_takes_it_away(purpose, allowed):
    terms, grants = Terms("d", AccessTier.COMPUTE_ONLY), granted(NOON - HOUR, NOON + HOUR)
    decision = decide(ADA, terms, purpose, grants=grants, now=NOON)
    assert decision.allowed is allowed
    assert decision.reason is (None if allowed else Reason.COMPUTE_ONLY)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        (granted(NOON - HOUR, NOON + HOUR), True),
        (granted(NOON, NOON + SECOND), True),  # from its first moment
        (granted(NOON - HOUR, NOON), False),  # its end is exclusive
        (granted(NOON - HOUR, NOON - SECOND), False),
        (granted(NOON + SECOND, NOON + HOUR), False),
        (granted(NOON - HOUR, NOON + HOUR, revoked=NOON), False),
        ([*granted(NOON - HOUR, NOON - SECOND), *granted(NOON - HOUR, NOON + HOUR)], True),
    ],
)
def test_a_grant_opens_while_it_lives(grants, allowed):
    decision = asked(CONTROLLED, grants=grants)
    assert decision.allowed is allowed
    assert (decision.grant is not None) is allowed


@pytest.mark.parametrize(
    ("landing", "apply"),
    [
        ({"rems_access_link": "https://rems.example.org/1"}, "https://rems.example.org/1"),
        ({"rems_access_link": "javascript:alert(1)"}, None),
        ({"contact_email": "a@example.org"}, "mailto:a@example.org"),
        ({"contact_email": "N/A"}, None),
        ({}, None),
    ],
)
def test_where_to_apply_is_a_safe_link_or_nothing(landing, apply):
    row = {"accession": "d", "tier": "controlled", "landing": landing}
    assert read_terms(row) == Terms("d", AccessTier.CONTROLLED, apply)


ALLOWED = {  # which purposes each single use opens, from the text of the issue
    GrantUse.VIEW: {Purpose.READ, Purpose.VIEW},
    GrantUse.STREAM: {Purpose.READ, Purpose.STREAM},
    GrantUse.DOWNLOAD: {Purpose.READ, Purpose.STREAM, Purpose.DOWNLOAD},
    GrantUse.COMPUTE: {Purpose.READ, Purpose.COMPUTE},
}


@pytest.mark.parametrize("use", GrantUse)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_grant_opens_what_it_was_given_for(use, purpose):
    grants = [Grant("g", ADA.id, "d", NOON - HOUR, NOON + HOUR, uses=frozenset({use}))]
    decision = decide(ADA, CONTROLLED, purpose, grants=grants, now=NOON)
    assert decision.allowed is (purpose in ALLOWED[use])
    if not decision.allowed:
        assert decision.reason is Reason.USE
        assert use in decision.text
        assert decision.apply == CONTROLLED.apply


def test_a_refusal_names_the_use_that_is_missing():
    grants = [Grant("g", ADA.id, "d", NOON - HOUR, NOON + HOUR, uses=frozenset({GrantUse.VIEW}))]
    decision = decide(ADA, CONTROLLED, Purpose.DOWNLOAD, grants=grants, now=NOON)
    assert decision.text == "Your grant allows view, and this needs download; apply for a change."


@pytest.mark.parametrize("hold", Hold)
@pytest.mark.parametrize(
    ("has_begun", "reason"), [(True, Reason.SUSPENDED), (False, Reason.PENDING)]
)
def test_a_held_grant_opens_nothing_and_says_what_to_do(hold, has_begun, reason):
    held = frozenset({hold})
    grants = [Grant("g", ADA.id, "d", NOON - HOUR, NOON + HOUR, holds=held, has_begun=has_begun)]
    for purpose in Purpose:
        decision = decide(ADA, CONTROLLED, purpose, grants=grants, now=NOON)
        assert (decision.allowed, decision.reason) == (False, reason)
        assert len(decision.text) > len("Your grant is suspended: .")


@pytest.mark.parametrize(
    ("grants", "words"),
    [
        (granted(NOON - HOUR, NOON), "ended on 2026-03-01 12:00"),
        (granted(NOON + HOUR, NOON + 2 * HOUR), "begins on 2026-03-01 13:00"),
        (granted(NOON - HOUR, NOON + HOUR, revoked=NOON), "was revoked"),
        ([], "apply for one"),
    ],
)
def test_a_refusal_tells_what_became_of_the_grant(grants, words):
    decision = asked(CONTROLLED, grants=grants)
    assert decision.reason is Reason.GRANT
    assert words in decision.text
