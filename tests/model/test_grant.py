from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.grant import Grant, GrantState, Hold

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made(**more):
    return Grant("g", "ada", "d", **({"start": NOON - HOUR, "end": NOON + HOUR} | more))


@pytest.mark.parametrize(
    ("grant", "state"),
    [
        (made(), "active"),
        (made(start=NOON), "active"),
        (made(end=NOON), "expired"),
        (made(start=NOON + HOUR / 2), "future"),
        (made(revoked=NOON), "revoked"),
        (made(revoked=NOON, end=NOON), "revoked"),
        (made(revoked=NOON, superseded_by="h"), "superseded"),
        (made(holds=frozenset({Hold.TERMS}), has_begun=False), "pending-terms"),
        (made(holds=frozenset({Hold.TERMS}), has_begun=True), "suspended"),
        (made(holds=frozenset({Hold.DUTY}), end=NOON), "expired"),
        (made(holds=frozenset({Hold.DUTY}), revoked=NOON), "revoked"),
        (made(holds=frozenset({Hold.TERMS}), has_begun=False, start=NOON + HOUR / 2),
         "pending-terms"),
        (made(expired=NOON - HOUR / 2), "expired"),  # the clock was set back since
    ],
)  # fmt: skip
def test_where_a_grant_stands(grant, state):
    assert grant.state(NOON) == state


MOMENTS = st.integers(-3, 3).map(lambda hours: NOON + hours * HOUR)


@given(
    st.builds(
        Grant,
        st.just("g"),
        st.just("ada"),
        st.just("d"),
        MOMENTS,
        MOMENTS,
        revoked=st.none() | MOMENTS,
        holds=st.frozensets(st.sampled_from(Hold)),
        has_begun=st.booleans(),
        expired=st.none() | MOMENTS,
        superseded_by=st.sampled_from(["", "h"]),
    ),
    MOMENTS,
)
def test_a_grant_opens_exactly_while_it_is_active_and_never_after_its_end(grant, now):
    assert grant.is_live(now) == (grant.state(now) is GrantState.ACTIVE)
    if grant.is_over(now):
        assert not grant.is_live(now)
        assert grant.state(now) in {
            GrantState.EXPIRED,
            GrantState.REVOKED,
            GrantState.SUPERSEDED,
        }
