"""A grant that ends stops who pans and who reads many tiles, in every process of the node."""

from __future__ import annotations

import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from small_dataset import write_dataset

SOON = 5.0
"""Seconds."""
NAME, PASSWORD = "ada", "another long password"


@pytest.fixture
def shut(make_node, tmp_path):
    """A node of two web processes, its one controlled image, and who was granted it."""
    node = make_node(workers=2)
    node.submit(write_dataset(tmp_path, tier="controlled", side=600), tmp_path / "site")
    with node.client() as steward:
        dataset = steward.get("/api/v1/datasets").json()["items"][0]["accession"]
        ada = steward.post(
            "/api/v1/people",
            json={
                "name": NAME,
                "display_name": "Ada",
                "organisation": "Invented hospital",
                "password": PASSWORD,
                "roles": ["researcher"],
            },
        )
        assert ada.status_code == 201, ada.text
        given = steward.post(
            "/api/v1/grants",
            json={
                "person": ada.json()["id"],
                "dataset": dataset,
                "end": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
                "reason": "an invented study",
            },
        )
        assert given.status_code == 201, given.text
        with node.client(NAME, PASSWORD) as reader:
            image = reader.get(f"/api/v1/datasets/{dataset}/images").json()["items"][0]["accession"]
            token = reader.post("/api/v1/tokens", json={"label": "pan", "days": 1}).json()
        yield node, image, token["token"], lambda: revoke(steward, given.json()["id"])


def revoke(steward, grant):
    answer = steward.request("DELETE", f"/api/v1/grants/{grant}", json={"reason": "over"})
    assert answer.status_code < 300, answer.text
    return time.monotonic()


class Panning(threading.Thread):
    """Asks for one tile after another on a connection of its own, until it is refused."""

    def __init__(self, node, image, token):
        super().__init__(daemon=True)
        self.node, self.image, self.token = node, image, token
        self.last_seen = self.refused = None

    def run(self):
        shown = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=self.node.address, headers=shown, timeout=10) as client:
            while self.refused is None:
                status = client.get(f"/tiles/{self.image}/0/1_1").status_code
                if status == 200:
                    self.last_seen = time.monotonic()
                else:
                    self.refused = status


def reading(node, image, token):
    """A connection that has asked for many tiles and takes them slowly."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", node.port))
    connection.settimeout(20)
    body = json.dumps([[0, 0]] * 4096).encode()
    connection.sendall(
        f"POST /tiles/{image}/0 HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    return connection


@pytest.mark.long
def test_every_process_stops_within_five_seconds(shut):
    node, image, token, end = shut
    panning = [Panning(node, image, token) for _ in range(12)]
    many = [reading(node, image, token) for _ in range(6)]
    for one in panning:
        one.start()
    while any(one.last_seen is None and one.refused is None for one in panning):
        time.sleep(0.1)
    ended = end()
    for one in panning:
        one.join(SOON + 5)
    assert [one.refused for one in panning] == [403] * len(panning)
    assert max(one.last_seen for one in panning) - ended < SOON
    for connection in many:
        connection.settimeout(SOON)
        got = b"".join(iter(lambda c=connection: c.recv(1 << 20), b""))
        connection.close()
        assert got.count(b"Content-Location") < 4096
        assert not got.endswith(b"0\r\n\r\n")
    assert time.monotonic() - ended < SOON + 2
