"""A bar after a misuse: who sees it, who lifts it, and what is open then."""

import pytest

from bigpicture.access.committees import create_committee, give_dataset, seat
from bigpicture.ledger.read import events_before
from bigpicture.model.voting import VotingRule
from published import CONTROLLED, OPEN, add_person, grant

BARRED = f"/api/v1/datasets/{CONTROLLED}/barred"
WHY = {"reason": "an invented misuse"}


@pytest.fixture
def stew(stores, frames):
    return add_person(stores, "stew", "steward")


@pytest.fixture
def cora(stores, frames, stew):
    """A member of the committee of the controlled dataset."""
    cora = add_person(stores, "cora", "committee")
    with stores.records.write() as connection:
        made = create_committee(
            connection,
            name="Lungs",
            contact="x@example.org",
            rule=VotingRule.MAJORITY,
            quorum=1,
            by=stew[0].id,
        )
        seat(connection, made.id, cora[0].id, by=stew[0].id)
        give_dataset(connection, made.id, CONTROLLED, by=stew[0].id)
    return cora


@pytest.fixture
def ada(client, stores, stew):
    """A researcher who was barred."""
    ada = add_person(stores, "ada", "researcher")
    misused = grant(stores, ada[0])
    wanted = {**WHY, "is_misuse": True}
    door = f"/api/v1/grants/{misused.id}"
    assert client.ask("DELETE", door, json=wanted, token=stew[1]).status_code == 200
    return ada


def lift(client, who, person, **more):
    wanted = {"reason": "it was somebody else"} | more
    return client.ask("DELETE", f"{BARRED}/{person}", json=wanted, token=who[1])


def test_who_is_barred_is_told_to_stewards_and_the_committee_alone(client, stores, stew, cora, ada):
    for who in (stew, cora):
        [told] = client.get(BARRED, token=who[1]).json()["items"]
        assert told["person"]["id"] == ada[0].id
        assert told["by"]["display_name"] == "Stew"
        assert told["reason"] == WHY["reason"]
    for other in (
        ada,
        add_person(stores, "odo", "auditor"),
        add_person(stores, "con", "committee"),
    ):
        assert client.get(BARRED, token=other[1]).status_code == 403
        assert lift(client, other, ada[0].id).status_code == 403
    assert client.get(f"/api/v1/datasets/{OPEN}/barred", token=cora[1]).status_code == 403


def test_lifted_it_is_on_record_and_a_grant_may_be_given_again(client, stores, stew, cora, ada):
    with pytest.raises(Exception, match="barred"):
        grant(stores, ada[0])
    assert lift(client, cora, ada[0].id, reason="").status_code == 422
    assert lift(client, cora, ada[0].id).status_code == 204
    assert lift(client, cora, ada[0].id).status_code == 404
    assert client.get(BARRED, token=stew[1]).json()["items"] == []
    with stores.records.read() as connection:
        event = events_before(connection, None, 1)[0]
    assert (event.action, event.actor, event.subject) == ("person:unbar", cora[0].id, ada[0].id)
    assert event.details == {"dataset": CONTROLLED, "reason": "it was somebody else"}
    assert grant(stores, ada[0]).revoked is None


def test_nobody_lifts_a_bar_of_their_own(client, stores, stew):
    misused = grant(stores, stew[0])
    wanted = {**WHY, "is_misuse": True}
    client.ask("DELETE", f"/api/v1/grants/{misused.id}", json=wanted, token=stew[1])
    answer = lift(client, stew, stew[0].id)
    assert answer.status_code == 403
    assert "own" in answer.json()["detail"]


def test_the_list_goes_on_from_page_to_page(client, stores, stew):
    for name in ("ann", "ben", "cat"):
        misused = grant(stores, add_person(stores, name, "researcher")[0])
        wanted = {**WHY, "is_misuse": True}
        client.ask("DELETE", f"/api/v1/grants/{misused.id}", json=wanted, token=stew[1])
    told, after = [], ""
    while after is not None:
        page = client.get(f"{BARRED}?limit=2&after={after}", token=stew[1]).json()
        told += page["items"]
        after = page["next"]
    assert sorted(each["person"]["display_name"] for each in told) == ["Ann", "Ben", "Cat"]
