from contextlib import contextmanager
from time import monotonic

import pytest

from bigpicture.access.grant import revoke_grant
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import StorageError
from published import CONTROLLED, OPEN, add_person, grant, image_name

TILE = f"/tiles/{image_name(OPEN, 0)}/0/1_2"
SHUT = f"/tiles/{image_name(CONTROLLED, 0)}/0/1_2"


def test_a_tile_is_the_stored_frame_and_private(client, frames):
    answer = client.get(TILE)
    assert answer.content.rstrip(b"\0") == frames[image_name(OPEN, 0), 0][9].rstrip(b"\0")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "private" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_known_tile_is_not_sent_again(client):
    tag = client.get(TILE).headers["etag"]
    again = client.get(TILE, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


def test_a_known_tile_still_needs_the_right(client, stores):
    ada, token = add_person(stores, "ada")
    given = grant(stores, ada)
    tag = client.get(SHUT, token=token).headers["etag"]
    shown = {"If-None-Match": tag}
    assert client.get(SHUT, token=token, headers=shown).status_code == 304
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    revoked, status = monotonic(), 304
    while status == 304 and monotonic() - revoked < 1:
        status = client.get(SHUT, token=token, headers=shown).status_code
    assert status == 403  # within a second


def test_a_read_under_a_grant_is_recorded_before_it_is_answered(client, stores):
    ada, token = add_person(stores, "ada")
    given = grant(stores, ada)
    assert client.get(SHUT, token=token).status_code == 200
    client.get(SHUT.replace("1_2", "0_0"), token=token)
    with stores.records.read() as connection:
        told = [each for each in events_after(connection, 0, 100) if each.action == "image:read"]
    assert [(each.actor, each.subject) for each in told] == [(ada.id, image_name(CONTROLLED, 0))]
    assert told[0].details == {"dataset": CONTROLLED, "grant": given.id}


def test_without_its_event_nothing_is_served(client, stores, monkeypatch):
    ada, token = add_person(stores, "ada")
    grant(stores, ada)

    @contextmanager
    def fail():
        raise StorageError("/secret/place is full.", place="/secret/place")
        yield

    monkeypatch.setattr(stores.records, "write", fail)
    refused = client.get(SHUT, token=token)
    assert refused.status_code == 503
    assert "secret" not in refused.text
    thumbnail = f"/api/v1/images/{image_name(CONTROLLED, 0)}/thumbnail"
    assert client.get(thumbnail, token=token).status_code == 503
    assert client.get(TILE).status_code == 200  # an open dataset needs no event


def test_the_world_reads_open_tiles_without_an_event(client, stores):
    client.get(TILE)
    with stores.records.read() as connection:
        assert events_after(connection, 0, 100) == []


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/",
        "/tiles/x",
        f"/tiles/{image_name(OPEN, 0)}/0/1-2",
        f"/tiles/{image_name(OPEN, 0)}/0/-1_0",
        f"/tiles/{image_name(OPEN, 0)}/0/99999999999999999999_0",
        f"/tiles/{image_name(OPEN, 0)}/00000/1_2",
        "/tiles/../../etc/passwd",
        "/tiles/%00/0/0_0",
        f"/tiles/{image_name(OPEN, 0)}/0/1_2/",
    ],
)
def test_a_path_that_is_no_tile_is_a_problem(client, path):
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_head_gives_the_length_and_no_body(client):
    whole = client.get(TILE)
    head = client.ask("HEAD", TILE)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("plane=0", 200),
        ("other=1", 200),
        ("plane=1", 404),
        ("plane=-1", 404),
        ("plane=", 404),
        ("plane=x", 404),
        ("plane=%D9%A0", 404),  # an Arabic zero is a digit, but not of this address
        ("channels=0", 404),
        ("channels=", 404),
        ("channels=0,,1", 404),
        ("plane=0&channels=0", 404),
    ],
)
def test_layers_of_a_flat_slide_in_colour(client, query, status):
    answer = client.get(f"{TILE}?{query}")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["etag"] == client.get(TILE).headers["etag"]
