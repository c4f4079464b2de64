"""The emergency stop through its doors: one person seals, two different people unseal."""

import pytest

from bigpicture.access.epoch import FRESH_SECONDS
from bigpicture.access.seal import lay_seal
from bigpicture.access.seal_files import SealFiles
from bigpicture.ledger.read import events_before
from bigpicture.model.errors import StorageError
from bigpicture.model.seal import SealScope
from published import CONTROLLED, OPEN, add_person, grant, image_name

WHY = {"reason": "an invented breach"}
SEALS = "/api/v1/seals"
OPEN_TILE = f"/tiles/{image_name(OPEN, 0)}/0/0_0"
SHUT_TILE = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0"


@pytest.fixture
def stew(stores, frames):
    return add_person(stores, "stew", "steward")


@pytest.fixture
def cora(stores, frames):
    return add_person(stores, "cora", "committee")


def laid_elsewhere(stores, scope="node", of=""):
    """A seal as another process, or a command, lays it."""
    files = SealFiles(stores.settings.seals_folder)
    return lay_seal(files, scope=SealScope(scope), of=of, by="node", **WHY)


def actions(stores, kind="seal"):
    with stores.records.read() as connection:
        told = events_before(connection, None, 100)[::-1]
    return [each.action for each in told if each.action.startswith(kind)]


def test_one_seals_and_two_different_people_unseal(client, stores, stew, cora):
    ada, token = add_person(stores, "ada", "researcher")
    grant(stores, ada)
    sealed = client.post(SEALS, {"scope": "dataset", "of": CONTROLLED} | WHY, token=cora[1])
    assert sealed.status_code == 201
    told = sealed.json()
    assert told["by"] == {"id": cora[0].id, "display_name": "Cora",
                          "organisation": "Invented hospital"}  # fmt: skip
    assert told["unseal"] is None
    assert told["of_shown"] != CONTROLLED  # its title
    answer = client.get(SHUT_TILE, token=token)
    assert (answer.status_code, answer.json()["reason"]) == (403, "sealed")
    assert client.get(OPEN_TILE).status_code == 200
    door = f"{SEALS}/{told['id']}/unseal"
    first = client.post(door, WHY, token=stew[1])
    assert first.json()["unseal"]["by"]["id"] == stew[0].id
    again = client.post(door, WHY, token=stew[1])
    assert (again.status_code, again.json()["rule"]) == (409, "two different people open a seal")
    assert client.get(SHUT_TILE, token=token).status_code == 403
    (listed,) = client.get(SEALS, token=stew[1]).json()["items"]
    assert listed["unseal"]["by"]["display_name"] == "Stew"
    assert client.post(door, WHY, token=cora[1]).json() == {"is_open": True}
    assert client.get(SHUT_TILE, token=token).status_code == 200
    assert client.get(SEALS, token=stew[1]).json() == {"items": []}
    assert actions(stores) == ["seal:set", "seal:agree", "seal:open"]


def test_a_sealed_node_answers_nothing_but_what_opens_it(client, stores, stew, cora):
    assert client.post(SEALS, {"scope": "node"} | WHY, token=stew[1]).status_code == 201
    shut = [
        OPEN_TILE,
        "/api/v1/datasets",
        f"/api/v1/datasets/{OPEN}",
        f"/datasets/{OPEN}",
        f"/files/{OPEN}/document-dataset",
        "/api/v1/images",
        "/api/v1/grants",
        "/api/v1/snapshot.parquet",
        "/dicomweb/studies",
        "/sitemap.xml",
        f"/iiif/3/{image_name(OPEN, 0)}/info.json",
    ]
    for path in shut:
        answer = client.get(path, token=stew[1])
        assert (answer.status_code, answer.json()["reason"]) == (503, "sealed"), path
        assert WHY["reason"] not in answer.text
    assert client.get("/api/v1/node").json()["is_sealed"]
    for path in (SEALS, "/api/v1/events", "/api/v1/sessions/current"):
        assert client.get(path, token=stew[1]).status_code == 200, path
    (sealed,) = client.get(SEALS, token=cora[1]).json()["items"]
    for token in (stew[1], cora[1]):
        client.post(f"{SEALS}/{sealed['id']}/unseal", WHY, token=token)
    assert client.get(OPEN_TILE).status_code == 200
    assert not client.get("/api/v1/node").json()["is_sealed"]


def test_only_who_may_unseal_signs_in_at_a_sealed_node(client, stores, frames):
    from bigpicture.access.password import hash_password

    given = {"password_hash": hash_password("a long enough password")}
    add_person(stores, "ada", "researcher", **given)
    add_person(stores, "stew", "steward", **given)
    laid_elsewhere(stores)
    wanted = {"password": "a long enough password"}
    assert client.post("/api/v1/sessions", {"name": "ada"} | wanted).status_code == 503
    assert client.post("/api/v1/sessions", {"name": "stew"} | wanted).status_code == 201


def test_the_node_stays_sealed_while_its_database_is_away(client, stores, node, monkeypatch):
    def fail():
        raise StorageError("the records are away.")

    laid_elsewhere(stores)
    monkeypatch.setattr(stores.records, "read", fail)
    node.epochs.outdate()
    node.seals.outdate()
    answer = client.get(OPEN_TILE)
    assert (answer.status_code, answer.json()["reason"]) == (503, "sealed")
    assert client.get("/api/v1/datasets").json()["reason"] == "sealed"


def test_a_sealed_account_does_nothing_more(client, stores, stew):
    eve, token = add_person(stores, "eve", "steward")
    assert (
        client.post(SEALS, {"scope": "person", "of": eve.id} | WHY, token=stew[1]).json()[
            "of_shown"
        ]
        == "Eve"
    )
    for path in (SEALS, "/api/v1/people", "/api/v1/grants"):
        assert client.get(path, token=token).status_code == 403
    assert client.post(SEALS, {"scope": "node"} | WHY, token=token).status_code == 403
    assert client.get(OPEN_TILE, token=token).json()["reason"] == "sealed"
    assert client.get(OPEN_TILE).status_code == 200


def test_a_seal_laid_without_records_is_listed_and_unsealed(client, stores, node, stew, cora):
    laid = laid_elsewhere(stores, "dataset", CONTROLLED)
    (listed,) = client.get(SEALS, token=stew[1]).json()["items"]
    assert (listed["id"], listed["by"]) == (laid.id, None)
    for token in (stew[1], cora[1]):
        assert client.post(f"{SEALS}/{laid.id}/unseal", WHY, token=token).status_code == 200
    assert client.get(SEALS, token=stew[1]).json()["items"] == []
    assert actions(stores) == ["seal:set", "seal:agree", "seal:open"]


@pytest.mark.parametrize(
    "wanted",
    [{"scope": "moon"}, {"scope": "dataset"}, {"scope": "node", "of": "x"}, {"scope": "node"}],
)
def test_a_wrong_seal_is_refused_and_shuts_nothing(client, stew, wanted):
    more = {} if wanted == {"scope": "node"} else WHY
    assert client.post(SEALS, wanted | more, token=stew[1]).status_code == 422
    assert client.get(OPEN_TILE).status_code == 200


@pytest.mark.parametrize("role", ["researcher", "contributor", "auditor"])
def test_others_do_not_seal(client, stores, frames, role):
    _, token = add_person(stores, "ada", role)
    assert client.post(SEALS, {"scope": "node"} | WHY, token=token).status_code == 403
    assert client.post(f"{SEALS}/none/unseal", WHY, token=token).status_code == 403
    status = 200 if role == "auditor" else 403
    assert client.get(SEALS, token=token).status_code == status


def test_every_process_sees_it_within_a_second():
    assert FRESH_SECONDS < 1
