"""A tus client that no one here wrote (tuspy) sends the files of a submission to a real node."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time

import httpx
import pytest
from tusclient import client as tus
from tusclient.exceptions import TusCommunicationError

from bigpicture.app.open import open_stores
from bigpicture.submission.files import file_of, open_file
from running import RunningNode


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = RunningNode(tmp_path_factory.mktemp("tus") / "node", {}).init().start()
    yield made
    made.stop()


@pytest.fixture
def session(node):
    with node.client() as client:
        yield client


def announced(session, data):
    """Open a submission of one file; returns the file's row."""
    path = "METADATA/dataset.xml"
    file = {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    wanted = {"alias": os.urandom(8).hex(), "files": [file]}
    opened = session.post("/api/v1/submissions", json=wanted).json()
    return session.get(f"/api/v1/submissions/{opened['accession']}/files").json()["items"][0]


def uploader(node, session, row, place, *, address=None, **options):
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    headers = {"Cookie": cookies, "X-Requested-With": "bigpicture"}
    client = tus.TusClient(node.address, headers=headers)
    url = (address or node.address) + row["upload"]
    return client.uploader(str(place), url=url, **options)


def kept(node, row):
    stores = open_stores(node.settings)
    try:
        source = open_file(stores, file_of(stores, row["id"]))
        return source.read(0, source.size)
    finally:
        stores.records.close()


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_a_file_in_chunks_of_its_own(node, session, place):
    row = announced(session, place.read_bytes())
    sending = uploader(node, session, row, place, chunk_size=700_001)
    sending.upload()
    assert sending.offset == 3_000_000
    assert kept(node, row) == place.read_bytes()


def test_a_second_client_goes_on_where_the_first_stopped(node, session, place):
    row = announced(session, place.read_bytes())
    uploader(node, session, row, place, chunk_size=1_000_000).upload_chunk()
    second = uploader(node, session, row, place, chunk_size=1_000_000)
    assert second.offset == 1_000_000  # as the node says
    second.upload()
    assert kept(node, row) == place.read_bytes()


class BreakingLine:
    """Passes bytes on to a node, and breaks once so many have gone there."""

    def __init__(self, node, after):
        self.port, self.after = node.port, after
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self._pass, args=(far, near, None), daemon=True).start()
            threading.Thread(target=self._pass, args=(near, far, self.after), daemon=True).start()

    @staticmethod
    def _pass(source, target, most):
        passed = 0
        try:
            while data := source.recv(65536):
                target.sendall(data)
                passed += len(data)
                if most and passed > most:
                    break
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_broken_connection_costs_nothing_that_arrived(node, session, place):
    """It breaks before one whole part of the node has come: still it gets on."""
    row = announced(session, place.read_bytes())
    line = BreakingLine(node, after=1_200_000)
    broken = uploader(node, session, row, place, address=line.address, retries=0)
    with pytest.raises((TusCommunicationError, OSError)):
        broken.upload()
    line.listening.close()
    again = uploader(node, session, row, place)
    deadline = time.monotonic() + 20
    while again.offset == 0 and time.monotonic() < deadline:  # it may still be sealing what came
        again.offset = again.get_offset()
    assert again.offset > 500_000
    again.upload()
    assert kept(node, row) == place.read_bytes()


def test_the_node_says_what_of_tus_it_speaks(node):
    answer = httpx.options(f"{node.address}/api/v1/uploads/x")
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert int(answer.headers["Tus-Max-Size"]) > 0
    assert answer.headers["Tus-Resumable"] == "1.0.0"
