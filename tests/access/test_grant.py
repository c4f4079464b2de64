from datetime import UTC, datetime, timedelta

import pytest

from bigpicture.access.grant import list_grants, revoke_grant
from bigpicture.model.errors import ConflictError
from published import CONTROLLED, OPEN, add_person, grant

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.fixture
def ada(stores, frames):
    return add_person(stores, "ada", "researcher")[0]


def held_by(stores, person):
    with stores.records.read() as connection:
        return len(list_grants(connection, person=person.id))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, NOW + 2 * DAY),  # the same again
        (NOW - DAY, NOW + DAY),
        (NOW + DAY, NOW + 3 * DAY),  # begins before the first has ended
        (NOW - 9 * DAY, NOW + 9 * DAY),
    ],
)
def test_nobody_holds_two_grants_to_a_dataset_at_a_time(stores, ada, start, end):
    first = grant(stores, ada, end=NOW + 2 * DAY)
    with pytest.raises(ConflictError) as raised:
        grant(stores, ada, start=start, end=end)
    assert raised.value.place == first.id
    assert "Revoke it first" in raised.value.remedy
    assert held_by(stores, ada) == 1


def test_a_grant_that_is_to_come_counts_too(stores, ada):
    grant(stores, ada, start=NOW + DAY, end=NOW + 2 * DAY)
    with pytest.raises(ConflictError):
        grant(stores, ada, end=NOW + 9 * DAY)


def test_what_is_over_is_in_nobodys_way(stores, ada):
    grant(stores, ada, start=NOW - 9 * DAY, end=NOW - DAY)
    current = grant(stores, ada, start=NOW - 9 * DAY, end=NOW + DAY)
    grant(stores, ada, start=NOW + DAY, end=NOW + 2 * DAY)  # an end is exclusive
    with stores.records.write() as connection:
        revoke_grant(connection, current.id, reason="over", by="node")
    grant(stores, ada, end=NOW + DAY)
    assert held_by(stores, ada) == 4


def test_others_and_other_datasets_are_their_own(stores, ada):
    bob, _ = add_person(stores, "bob", "researcher")
    grant(stores, ada)
    grant(stores, bob)
    grant(stores, ada, OPEN)
    assert (held_by(stores, ada), held_by(stores, bob)) == (2, 1)
    with pytest.raises(ConflictError):
        grant(stores, bob, CONTROLLED)
