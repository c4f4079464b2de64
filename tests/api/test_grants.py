"""Grants, duties and uses through their doors."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bigpicture.access.committees import create_committee, give_dataset, seat
from bigpicture.access.overdue import fall_due
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records.grant_tables import duties
from bigpicture.storage.records.tables import submissions
from published import CONTROLLED, add_person, grant, image_name

TILE = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0"
BLOCK = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0-1_1"
REGION = f"/regions/{image_name(CONTROLLED, 0)}?region=0,0,9,9"
FILE = f"/files/{CONTROLLED}/document-dataset"
FUTURE = "2999-01-01T00:00:00Z"
WHY = {"reason": "an invented reason"}


@pytest.fixture
def stew(stores, frames):
    return add_person(stores, "stew", "steward")


@pytest.fixture
def ada(stores, frames):
    return add_person(stores, "ada", "researcher")


def given(client, stew, ada, **more):
    wanted = {"person": ada[0].id, "dataset": CONTROLLED, "end": FUTURE} | WHY | more
    answer = client.post("/api/v1/grants", wanted, token=stew[1])
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("uses", "opened"),
    [
        (["view"], {TILE}),
        (["stream"], {BLOCK, REGION}),
        (["download"], {BLOCK, REGION, FILE}),
        (["compute"], set()),
    ],
)
def test_a_door_opens_for_the_use_that_was_granted(client, stew, ada, uses, opened):
    shown = given(client, stew, ada, uses=uses, conditions=["Only of the liver."])
    assert (shown["uses"], shown["conditions"]) == (uses, ["Only of the liver."])
    for path in (TILE, BLOCK, REGION, FILE):
        answer = client.get(path, token=ada[1])
        assert answer.status_code == (200 if path in opened else 403), path
        if path not in opened:
            assert answer.json()["reason"] == "use"
    assert client.get(f"/api/v1/datasets/{CONTROLLED}/images", token=ada[1]).status_code == 200


def test_a_grant_is_held_and_released(client, stew, ada):
    held = given(client, stew, ada)
    assert (held["state"], held["holds"]) == ("active", [])
    path = f"/api/v1/grants/{held['id']}"
    shown = client.post(f"{path}/hold", WHY, token=stew[1]).json()
    assert (shown["state"], shown["holds"]) == ("suspended", ["steward"])
    answer = client.get(TILE, token=ada[1])
    assert (answer.status_code, answer.json()["reason"]) == (403, "suspended")
    (mine,) = client.get("/api/v1/grants?state=suspended", token=ada[1]).json()["items"]
    assert mine["person_shown"]["display_name"] == "Ada"
    assert mine["dataset_title"]
    assert client.get("/api/v1/grants?state=active", token=ada[1]).json()["items"] == []
    assert client.post(f"{path}/release", WHY, token=stew[1]).json()["state"] == "active"
    assert client.get(TILE, token=ada[1]).status_code == 200


def test_who_misused_a_dataset_gets_no_grant_to_it(client, stew, ada):
    path = f"/api/v1/grants/{given(client, stew, ada)['id']}"
    more = {"json": WHY | {"is_misuse": True}, "token": stew[1]}
    assert client.ask("DELETE", path, **more).json()["state"] == "revoked"
    assert client.post(f"{path}/hold", WHY, token=stew[1]).status_code == 409
    wanted = {"person": ada[0].id, "dataset": CONTROLLED, "end": FUTURE} | WHY
    refused = client.post("/api/v1/grants", wanted, token=stew[1])
    assert refused.status_code == 409
    assert "barred" in refused.json()["detail"]


def test_a_duty_is_missed_suspends_and_is_done(client, stores, node, stew, ada):
    held = given(client, stew, ada)
    first, *_ = client.get("/api/v1/duties", token=ada[1]).json()["items"]
    assert first["dataset"]["accession"] == CONTROLLED
    assert first["state"] == "open"
    now = datetime.now(UTC)
    with stores.records.write() as connection:
        row = duties.c.id == first["id"]
        connection.execute(update(duties).where(row).values(due=now - timedelta(days=1)))
        fall_due(connection, now)
    node.epochs.outdate()
    assert client.get(TILE, token=ada[1]).json()["reason"] == "suspended"
    (late,) = client.get("/api/v1/duties?state=overdue", token=ada[1]).json()["items"]
    assert "suspended until" in late["consequence"]
    _, other = add_person(stores, "bob", "researcher")
    done = f"/api/v1/duties/{late['id']}/done"
    assert client.post(done, {"evidence": "mine"}, token=other).status_code == 404
    told = client.post(done, {"evidence": "doi:10.5555/invented"}, token=ada[1]).json()
    assert (told["state"], told["evidence"]) == ("done", "doi:10.5555/invented")
    assert client.get(TILE, token=ada[1]).status_code == 200
    everybodys = client.get("/api/v1/duties?view=all&grant=" + held["id"], token=stew[1])
    assert {each["person"]["id"] for each in everybodys.json()["items"]} == {ada[0].id}


def test_a_contributor_sees_who_uses_their_dataset_and_nobody_elses(client, stores, ada):
    carl, token = add_person(stores, "carl", "contributor")
    _, other = add_person(stores, "otto", "contributor")
    now = datetime.now(UTC)
    with stores.records.write() as connection:
        mine = submissions.c.accession == CONTROLLED
        connection.execute(update(submissions).where(mine).values(person=carl.id))
    held = grant(stores, ada[0])
    for _ in range(2):
        assert client.get(TILE, token=ada[1]).status_code == 200
    assert client.get(FILE, token=ada[1]).status_code == 200
    path = f"/api/v1/datasets/{CONTROLLED}/uses"
    (told,) = client.get(path, token=token).json()["items"]
    assert told["grant"] == held.id
    assert told["person"]["display_name"] == "Ada"
    assert (told["images_read"], told["files_delivered"]) == (1, 1)
    assert datetime.fromisoformat(told["last_read"]) >= now
    assert client.get(path, token=other).status_code == 404


def test_a_committee_acts_on_its_own_datasets_only(client, stores, stew, ada):
    cora, token = add_person(stores, "cora", "committee")
    _, other = add_person(stores, "otto", "committee")
    with stores.records.write() as connection:
        decides = create_committee(
            connection, name="Invented", contact="", rule=VotingRule.MAJORITY, quorum=1, by="stew"
        )
        seat(connection, decides.id, cora.id, by="stew")
        give_dataset(connection, decides.id, CONTROLLED, by="stew")
    held = given(client, stew, ada)
    path = f"/api/v1/grants/{held['id']}"
    (duty, *_) = client.get("/api/v1/duties", token=ada[1]).json()["items"]
    waive, uses = f"/api/v1/duties/{duty['id']}/waive", f"/api/v1/datasets/{CONTROLLED}/uses"
    for by, status in ((other, 403), (ada[1], 403), (token, 200)):
        assert client.post(f"{path}/hold", WHY, token=by).status_code == status
        assert client.post(f"{path}/release", WHY, token=by).status_code == status
        assert client.post(waive, WHY, token=by).status_code == status
        assert client.get(uses, token=by).status_code == (200 if status == 200 else 404)


def test_nobody_lets_themself_off_a_duty(client, stores, stew):
    given(client, stew, stew)
    (duty, *_) = client.get("/api/v1/duties", token=stew[1]).json()["items"]
    answer = client.post(f"/api/v1/duties/{duty['id']}/waive", WHY, token=stew[1])
    assert answer.status_code == 403
