"""Many tiles in one answer: read back with the standard library's own parser of MIME."""

import json
import socket
import time
from email import message_from_bytes
from email.policy import HTTP

import pytest

from bigpicture.api.application import build
from ending import WAYS, end_access
from published import CONTROLLED, OPEN, add_person, grant, image_name, served

IMAGE = image_name(OPEN, 0)
SHUT = image_name(CONTROLLED, 0)


def parts_of(answer):
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    parsed = message_from_bytes(head + answer.content, policy=HTTP)
    assert not parsed.defects
    return {part["Content-Location"]: part for part in parsed.iter_parts()}


def same_as_alone(client, parts):
    for place, part in parts.items():
        alone = client.get(place)
        assert part.get_payload(decode=True) == alone.content
        assert part["ETag"] == alone.headers["etag"]
        assert int(part["Content-Length"]) == len(alone.content)
        assert part.get_content_type() == alone.headers["content-type"]


@pytest.mark.parametrize("level", [0, 1])
def test_a_block_is_its_tiles_row_by_row(client, level):
    parts = parts_of(client.get(f"/tiles/{IMAGE}/{level}/0_0-1_1"))
    places = [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert list(parts) == [f"/tiles/{IMAGE}/{level}/{column}_{row}" for column, row in places]
    same_as_alone(client, parts)


def test_a_list_comes_in_its_own_order(client):
    answer = client.post(f"/tiles/{IMAGE}/0", [[3, 2], [0, 0], [1, 1]])
    parts = parts_of(answer)
    assert [place.rpartition("/")[2] for place in parts] == ["3_2", "0_0", "1_1"]
    same_as_alone(client, parts)


def test_a_tile_may_be_asked_for_twice(client):
    body = client.post(f"/tiles/{IMAGE}/0", [[1, 1], [1, 1]]).content
    assert body.count(b"Content-Location") == 2


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda client: client.get(f"/tiles/{IMAGE}/0/0_0-4_0"), 404),  # past the last column
        (lambda client: client.get(f"/tiles/{IMAGE}/7/0_0-1_1"), 404),
        (lambda client: client.get(f"/tiles/{IMAGE}/0/1_1-0_0"), 400),
        (lambda client: client.get(f"/tiles/{IMAGE}/0/0_0-9999_9999"), 413),
        (lambda client: client.get(f"/tiles/{IMAGE}/0"), 404),
        (lambda client: client.post(f"/tiles/{IMAGE}/0", []), 413),
        (lambda client: client.post(f"/tiles/{IMAGE}/0", [[0]]), 400),
        (lambda client: client.post(f"/tiles/{IMAGE}/0", [[0, -1]]), 404),
        (lambda client: client.post(f"/tiles/{IMAGE}/0", [[0, 0]] * 5000), 413),
        (lambda client: client.ask("POST", f"/tiles/{IMAGE}/0", content=b"\xff{"), 400),
        (lambda client: client.get(f"/tiles/{SHUT}/0/0_0-1_1"), 401),
    ],
)
def test_what_cannot_be_answered_is_refused_before_it_begins(client, ask, status):
    answer = ask(client)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def asked(place, token, number):
    """A client of small buffers that has asked for the same tile many times."""
    host, port = place.split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((host, int(port)))
    body = json.dumps([[1, 1]] * number).encode()
    connection.sendall(
        f"POST /tiles/{SHUT}/0 HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    connection.settimeout(10)
    return connection


def read_to_the_end(connection):
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


@pytest.mark.parametrize("way", WAYS)
def test_a_grant_that_ends_in_the_middle_ends_the_answer(node, stores, frames, way):
    ada, token = add_person(stores, "ada")
    given = grant(stores, ada)
    with served(build(node)) as place, asked(place, token, 4096) as connection:
        first = connection.recv(1000)
        assert first.startswith(b"HTTP/1.1 200")
        end_access(way, stores, given)
        revoked = time.monotonic()
        time.sleep(1.1)
        got = read_to_the_end(connection)
        assert time.monotonic() - revoked < 5
    assert got.count(b"Content-Location") < 4096
    assert not got.rstrip().endswith(b"0")  # the last, empty chunk of HTTP


def test_a_client_that_goes_away_is_read_for_no_longer(node, stores, frames):
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    counted = []
    read_many = type(node.tiles).read_many

    async def counting(*given, **more):
        counted.append(time.monotonic())
        return await read_many(*given, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(node.tiles), "read_many", counting)
        with served(build(node)) as place:
            with asked(place, token, 4096) as connection:
                connection.recv(1000)
            left = time.monotonic()
            time.sleep(0.5)
            assert len(counted) < 4096 / 64
            assert counted[-1] < left + 0.3
