"""Overlays at the door: over the slide, for whom the slide is open now, and gone when it is not."""

from __future__ import annotations

from time import monotonic

import cv2
import numpy as np
import pytest

from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.ledger.read import events_after
from bigpicture.viewing.colour_maps import table_of_classes
from published import (
    CONTROLLED,
    OPEN,
    Client,
    add_person,
    grant,
    make_stores,
    publish_two,
)
from results_kept import KEY, keep_results


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two datasets with results in both, computed by somebody else."""
    made = make_stores(tmp_path_factory.mktemp("overlays") / "data")
    publish_two(made)
    person, _ = add_person(made, "rita")
    for dataset in (OPEN, CONTROLLED):
        keep_results(made, dataset, person.id)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def node(stores):
    return Node.open(stores, start_work=lambda _: None)


@pytest.fixture(scope="module")
def client(node):
    with Client(build(node)) as made:
        yield made


def address(what, output="tissue", dataset=OPEN):
    return f"/api/v1/results/{KEY[dataset]}/{output}/{what}"


def picture(answer):
    assert answer.status_code == 200, answer.text
    decoded = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA)


def test_a_tile_lies_over_the_slides_own(client):
    answer = client.get(address("tiles/0/0_0"))
    drawn = picture(answer)
    assert answer.headers["content-type"] == "image/png"
    assert "private" in answer.headers["cache-control"]
    assert "research use only" in answer.headers["bigpicture-notice"].lower()
    there = np.zeros(drawn.shape[:2], bool)
    there[16:24, 24:32] = True
    assert np.array_equal(drawn[..., 3] == 255, there)
    assert (drawn[there][:, :3] == table_of_classes()[1, :3]).all()
    assert picture(client.get(address("tiles/0/0_0", "focus")))[..., 3][:8, :8].min() == 255


def test_a_known_tile_is_not_sent_again_and_another_map_is_another(client):
    tag = client.get(address("tiles/0/0_0", "focus")).headers["etag"]
    again = client.get(address("tiles/0/0_0", "focus"), headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address("tiles/0/0_0?map=ember", "focus")).headers["etag"] != tag


def test_what_its_colours_say(client):
    told = client.get(address("overlay")).json()
    assert [(one["name"], one["colour"]) for one in told["classes"]] == [
        ("tissue", "#e69f00"),
        ("fold", "#56b4e9"),
    ]
    assert told["shapes"] is None
    filled = told["tiles"].format(level=0, column=0, row=0)
    assert client.get(filled).status_code == 200
    told = client.get(address("overlay", "focus")).json()
    assert (told["unit"], told["range"], len(told["stops"])) == ("um", [0.0, 1.0], 16)
    told = client.get(address("overlay", "nuclei")).json()
    assert told["classes"] == [{"name": "nucleus", "colour": "#e69f00", "count": 1}]
    seen = client.get(told["shapes"] + "&x=0&y=0&width=100&height=100&cell=50").json()
    assert seen["total"] == 1
    answer = client.get(address("geojson", "nuclei"))
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [40.5, 20.25]}
    assert feature["properties"]["classification"]["color"] == [0xE6, 0x9F, 0x00]
    assert seen["points"] == {"x": [40.5], "y": [20.2], "label": [0], "score": [0.5]}


def test_layers_over_one_another_are_told_apart_by_their_colours(client):
    told = client.get(address("overlay?first=3")).json()
    assert [one["colour"] for one in told["classes"]] == ["#009e73", "#f0e442"]
    drawn = picture(client.get(told["tiles"].format(level=0, column=0, row=0)))
    assert drawn[16, 24].tolist() == [0x00, 0x9E, 0x73, 255]
    usual, other = (client.get(address(f"tiles/0/0_0{more}")) for more in ("", "?first=3"))
    assert usual.headers["etag"] != other.headers["etag"]
    told = client.get(address("overlay?map=grey", "focus")).json()
    for colour in told["stops"]:
        assert colour[1:3] == colour[3:5] == colour[5:7]
    drawn = picture(client.get(told["tiles"].format(level=0, column=0, row=0)))
    assert (drawn[..., 0] == drawn[..., 1]).all()
    for more in ("first=0", "first=256"):
        assert client.get(address(f"overlay?{more}")).status_code == 422
    assert client.get(address("overlay?map=rainbow", "focus")).status_code == 404


def test_what_is_not_there_is_answered_so(client):
    for path, status in (
        (address("tiles/9/0_0"), 404),
        (address("tiles/0/99_99"), 404),
        (address("tiles/0/0_0?map=rainbow", "focus"), 404),
        (address("tiles/0/0_0", "nuclei"), 404),
        (address("shapes?x=0&y=0&width=10&height=10&cell=1"), 404),
        (address("overlay", "area"), 404),
        (address("geojson"), 404),
        (address("overlay", "nothing"), 404),
        (address("overlay?image=bb-image-other"), 404),
        (address("shapes?x=0&y=0&width=10000&height=10000&cell=1", "nuclei"), 404),
        (address("shapes?x=0&y=0&width=-1&height=10&cell=1", "nuclei"), 422),
        (address("tiles/0/0-0"), 422),
    ):
        assert client.get(path).status_code == status, path


def test_without_the_right_nothing_is_seen_and_with_it_the_read_is_recorded(client, stores):
    shut = address("tiles/0/0_0", dataset=CONTROLLED)
    assert client.get(shut).status_code == 401
    _, other = add_person(stores, "bob")
    assert client.get(shut, token=other).status_code == 403
    ada, token = add_person(stores, "ada")
    given = grant(stores, ada)
    assert client.get(shut, token=token).status_code == 200
    client.get(shut, token=token)
    with stores.records.read() as connection:
        told = [each for each in events_after(connection, 0, 200) if each.actor == ada.id]
    assert [each.action for each in told if ":read" in each.action] == ["image:read", "result:read"]
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    revoked, status = monotonic(), 200
    while status == 200 and monotonic() - revoked < 1:
        status = client.get(shut, token=token).status_code
    assert status == 403  # within a second, though its tile is in memory


def test_a_destroyed_key_leaves_nothing_in_memory(client, node):
    assert client.get(address("tiles/0/0_0")).status_code == 200
    assert node.overlays.uses["overlays"].weight > 0
    node.overlays.forget()
    assert all(use.weight == 0 for use in node.overlays.uses.values())
