"""Standing by the clock: an embargo hides until its end, and not at it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.standing import DatasetStanding, Standing

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
AWAY = st.timedeltas(timedelta(days=-900), timedelta(days=900))


@given(AWAY)
def test_an_embargo_hides_exactly_before_its_end(away):
    held = DatasetStanding(Standing.EMBARGOED, UNTIL)
    is_before = away < timedelta(0)
    assert held.is_hidden(UNTIL + away) == is_before
    assert held.at(UNTIL + away) == (Standing.EMBARGOED if is_before else Standing.RELEASED)


@given(AWAY)
def test_what_was_withdrawn_stays_so(away):
    assert DatasetStanding(Standing.WITHDRAWN).at(UNTIL + away) is Standing.WITHDRAWN
    assert not DatasetStanding(Standing.WITHDRAWN).is_hidden(UNTIL + away)
