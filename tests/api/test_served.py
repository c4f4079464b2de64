"""The doors as they are served: on PostgreSQL, by a real server, with two processes' memories."""

from __future__ import annotations

from time import monotonic

import httpx
import pytest

from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.api.node import Node
from published import (
    CONTROLLED,
    OPEN,
    Client,
    add_person,
    grant,
    image_name,
    make_stores,
    publish_two,
    served,
)

SHUT = f"/tiles/{image_name(CONTROLLED, 0)}/0/1_2"


def open_node(stores):
    return build(Node.open(stores, start_work=lambda _: None))


@pytest.fixture
def on_postgresql(tmp_path, make_postgresql_url):
    made = make_stores(tmp_path / "elsewhere", make_postgresql_url())
    yield made
    made.records.close()


def test_postgresql_answers_as_sqlite_does(on_postgresql, stores, frames):
    publish_two(on_postgresql)
    paths = [
        "/api/v1/node",
        "/api/v1/datasets",
        f"/api/v1/datasets/{OPEN}",
        f"/api/v1/datasets/{OPEN}/images?stain=H%26E",
        f"/api/v1/images/{image_name(OPEN, 0)}",
        f"/api/v1/datasets/{CONTROLLED}/images",
    ]
    with Client(open_node(on_postgresql)) as there, Client(open_node(stores)) as here:
        for path in paths:
            assert there.get(path).json() == here.get(path).json(), path


def test_on_postgresql_a_grant_opens_is_recorded_and_ends(on_postgresql):
    frames = publish_two(on_postgresql)
    ada, token = add_person(on_postgresql, "ada", "steward")
    given = grant(on_postgresql, ada)
    with Client(open_node(on_postgresql)) as client:
        body = client.get(SHUT, token=token).content
        assert body.rstrip(b"\0") == frames[image_name(CONTROLLED, 0), 0][9].rstrip(b"\0")
        actions = [
            each["action"] for each in client.get("/api/v1/events", token=token).json()["items"]
        ]
        assert actions[-1] == "image:read"
        wanted = {
            "person": ada.id,
            "dataset": "nul\0",
            "end": "2999-01-01T00:00:00Z",
            "reason": "r",
        }
        assert client.post("/api/v1/grants", wanted, token=token).status_code in (404, 422)
        revoke = client.ask(
            "DELETE", f"/api/v1/grants/{given.id}", token=token, json={"reason": "x"}
        )
        assert revoke.status_code == 200
        assert _until(403, lambda: client.get(SHUT, token=token).status_code)


def test_two_processes_memories_learn_of_each_others_acts_within_a_second(stores, frames):
    ada, token = add_person(stores, "ada", "researcher")
    with Client(open_node(stores)) as one, Client(open_node(stores)) as other:
        assert one.get(SHUT, token=token).status_code == 403
        assert other.get(SHUT, token=token).status_code == 403
        given = grant(stores, ada)
        assert _until(200, lambda: one.get(SHUT, token=token).status_code)
        assert _until(200, lambda: other.get(SHUT, token=token).status_code)
        with stores.records.write() as connection:
            revoke_grant(connection, given.id, reason="over", by="node")
        assert _until(403, lambda: one.get(SHUT, token=token).status_code)
        assert _until(403, lambda: other.get(SHUT, token=token).status_code)


def _until(status, ask, seconds=1.0):
    began = monotonic()
    while monotonic() - began < seconds:
        if ask() == status:
            return True
    return False


@pytest.fixture
def address(stores, frames):
    with served(open_node(stores)) as made:
        yield f"http://{made}"


def test_a_real_server_serves_many_tiles_on_one_connection(address, frames, stores):
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    shown = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=shown) as client:
        for dataset in (OPEN, CONTROLLED):
            image = image_name(dataset, 0)
            for number in range(12):
                answer = client.get(f"/tiles/{image}/0/{number % 4}_{number // 4}")
                assert answer.status_code == 200
                assert answer.content.rstrip(b"\0") == frames[image, 0][number].rstrip(b"\0")
        assert client.get(f"/tiles/{image}/0/4_0").json()["status"] == 404
        assert client.get("/api/v1/node").json()["counts"]["images"] == 5
