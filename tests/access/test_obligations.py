"""What a grant obliges to, by hand from its policy and its days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.access.obligations import owed
from bigpicture.model import data_use as duo
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.grant import Grant, GrantUse
from bigpicture.model.obligation import Obligation, ObligationState
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import AccessRoute, UsePolicy

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
END = datetime(2028, 6, 1, tzinfo=UTC)


def policy(*terms, **more):
    return UsePolicy(
        dataset_type=DatasetType.CLINICAL_PSEUDONYMIZED,
        terms=tuple(DataUseTerm(term.code, ()) for term in terms),
        **({"tier": AccessTier.CONTROLLED} | more),
    )


def asked(*terms, uses=frozenset(GrantUse), **more):
    grant = Grant("g", "ada", "d", START, END, uses=uses)
    found = owed(grant, policy(*terms, **more), start=START, end=END)
    return [(str(each.kind), each.due) for each in found]


def test_every_grant_owes_a_report_a_year_one_at_the_end_and_the_deletion_of_copies():
    month = timedelta(days=30)
    assert asked() == [
        ("use-report", datetime(2027, 3, 31, tzinfo=UTC)),  # 1 March and 30 days
        ("use-report", datetime(2028, 3, 31, tzinfo=UTC)),
        ("use-report", END + month),
        ("deletion-confirmation", END + month),
    ]


@pytest.mark.parametrize("uses", [{GrantUse.VIEW}, {GrantUse.COMPUTE, GrantUse.VIEW}])
def test_who_took_no_copy_has_none_to_delete(uses):
    assert "deletion-confirmation" not in dict(asked(uses=frozenset(uses)))


@pytest.mark.parametrize(
    ("term", "kind", "due"),
    [
        (duo.PUB, "publication", datetime(2028, 6, 2, tzinfo=UTC)),  # until that day is over
        (duo.RTN, "return-of-results", datetime(2028, 6, 2, tzinfo=UTC)),
        (duo.COL, "collaboration", None),
    ],
)
def test_the_codes_of_the_policy_are_owed(term, kind, due):
    assert (kind, due) in asked(term)


def test_what_comes_before_an_application_is_not_owed_again():
    assert "ethics-document" not in dict(asked(duo.IRB))


def test_a_permit_wants_results_public_within_18_months_of_the_end():
    with_permit = asked(
        route=AccessRoute.EHDS_PERMIT, tier=AccessTier.COMPUTE_ONLY, permit_number="invented-1"
    )
    assert ("publication", datetime(2029, 12, 2, tzinfo=UTC)) in with_permit


def test_acknowledgements_and_citations_wait_for_their_occasion():
    found = asked(acknowledgements=("The invented fund",), citation="Invented et al. 2026")
    assert ("acknowledgement", None) in found
    assert ("citation", None) in found


@given(
    start=st.integers(0, 4000).map(lambda days: START + timedelta(days=days, minutes=days)),
    days=st.integers(1, 40_000),
)
def test_no_duty_is_due_before_the_grant_begins_and_their_number_is_bounded(start, days):
    end = start + timedelta(days=days)
    grant = Grant("g", "ada", "d", start, end)
    found = owed(grant, policy(duo.PUB, duo.RTN, duo.COL), start=start, end=end)
    assert len(found) < 40
    assert all(each.due is None or start < each.due for each in found)


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "open"),
        ({"due": None}, "open"),
        ({"due": START}, "overdue"),
        ({"missed": START}, "overdue"),  # also when the clock is set back
        ({"due": START, "done": START}, "done"),
        ({"due": START, "waived": START}, "waived"),
    ],
)
def test_where_a_duty_stands(more, state):
    duty = Obligation("o", "g", "ada", "d", "use-report", "agreement", "Report.",
                      **({"due": END} | more))  # fmt: skip
    assert duty.state(START) == state
    is_settled = state in (ObligationState.DONE, ObligationState.WAIVED)
    assert (duty.consequence(START, END) == "") is is_settled
