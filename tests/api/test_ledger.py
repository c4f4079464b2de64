"""The ledger's doors: what they give is checked by the specifications' own steps, from outside."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update

from bigpicture.ledger.checkpoint import open_checkpoint
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.proof import verify_consistency, verify_inclusion
from bigpicture.ledger.record import record
from bigpicture.ledger.sequence import Sequencer
from bigpicture.storage.records.tables import events
from published import add_person

PROOF, GROWTH = "/api/v1/ledger/proof", "/api/v1/ledger/consistency"


@pytest.fixture
def act(stores):
    def act(count):
        with stores.records.write() as connection:
            for n in range(count):
                last = record(
                    connection, actor="node", action="test:done", subject=f"x-{n}", details={"n": n}
                )
        return last.seq

    return act


@pytest.fixture
def sequencer(stores, tmp_path):
    signer = Signer("node.example/ledger", Ed25519PrivateKey.generate())
    return Sequencer(stores.records, signer, KeptCheckpoint(tmp_path / "kept"))


@pytest.fixture
def auditor(stores):
    return add_person(stores, "audrey", "auditor")[1]


def hashes(texts):
    return [base64.b64decode(each) for each in texts]


def test_before_anything_is_sequenced_there_is_no_checkpoint(client):
    answer = client.get("/ledger/checkpoint")
    assert answer.status_code == 404
    assert answer.json()["remedy"]


def test_the_checkpoint_is_served_as_c2sp_asks(client, act, sequencer):
    act(3)
    sequencer.run()
    answer = client.get("/ledger/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "max-age=2" in answer.headers["cache-control"]
    told = open_checkpoint(answer.text, [sequencer.signer.verifier])
    assert told.origin == "node.example/ledger"
    assert told.size >= 3


def test_an_event_is_proven(client, act, sequencer, auditor):
    seq = act(300)
    sequencer.run()
    answer = client.get(f"{PROOF}?event={seq}&openings=true", token=auditor).json()
    head = open_checkpoint(answer["checkpoint"], [sequencer.signer.verifier])
    leaf = json.dumps(
        answer["leaf"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    hashed = hashlib.sha256(b"\0" + leaf).digest()
    assert base64.b64decode(answer["leaf_hash"]) == hashed
    assert answer["size"] == head.size
    verify_inclusion(
        hashed,
        index=answer["index"],
        size=head.size,
        root=head.root,
        proof=hashes(answer["proof"]),
    )
    assert answer["leaf"]["seq"] == seq
    subject = answer["openings"]["subject"]
    assert subject["value"] == "x-299"
    committed = hashlib.sha256(bytes.fromhex(subject["salt"]) + b'"x-299"').hexdigest()
    assert answer["leaf"]["subject"] == committed
    plain = client.get(f"{PROOF}?event={seq}", token=auditor)
    assert "x-299" not in plain.text
    assert plain.json()["openings"] is None


def test_what_cannot_be_proven_is_told(client, stores, act, sequencer, auditor):
    seq = act(2)
    assert client.get(f"{PROOF}?event={seq}", token=auditor).status_code == 409
    assert client.get(f"{PROOF}?event={seq + 9}", token=auditor).status_code == 404
    for wrong in ("0", "-1", "x", "", str(2**70)):
        assert client.get(f"{PROOF}?event={wrong}", token=auditor).status_code == 422
    sequencer.run()
    with stores.records.write() as connection:
        connection.execute(update(events).where(events.c.seq == seq).values(action="test:undone"))
    assert client.get(f"{PROOF}?event={seq}", token=auditor).status_code == 500
    with stores.records.write() as connection:
        connection.execute(delete(events).where(events.c.seq == seq))
    assert client.get(f"{PROOF}?event={seq}", token=auditor).status_code == 500


def test_growth_is_proven_to_anybody(client, act, sequencer):
    checkpoints = []
    for count in (5, 400):
        act(count)
        sequencer.run()
        note = client.get("/ledger/checkpoint").text
        checkpoints.append(open_checkpoint(note, [sequencer.signer.verifier]))
    earlier, later = checkpoints
    answer = client.get(f"{GROWTH}?from={earlier.size}").json()
    assert (answer["earlier"], answer["later"]) == (earlier.size, later.size)
    verify_consistency(
        earlier=earlier.size,
        earlier_root=earlier.root,
        later=later.size,
        later_root=later.root,
        proof=hashes(answer["proof"]),
    )
    assert client.get(f"{GROWTH}?from={earlier.size}&to={later.size}").json() == answer
    for wrong in ("", "?from=0", "?from=9&to=8", f"?from={later.size + 1}", "?from=1&to=99999"):
        assert client.get(GROWTH + wrong).status_code == 422


def test_tiles_make_the_root_as_c2sp_tells(client, act, sequencer):
    act(600)
    sequencer.run()
    head = open_checkpoint(client.get("/ledger/checkpoint").text, [sequencer.signer.verifier])
    full, rest = divmod(head.size, 256)
    assert full == 2
    leaves = b"".join(
        client.get(f"/ledger/tile/0/{place}").content for place in ("000", "001", f"002.p/{rest}")
    )
    answer = client.get("/ledger/tile/0/000")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) == 8192

    def root(nodes):
        if len(nodes) == 32:
            return nodes
        half = 32
        while half * 2 < len(nodes):
            half *= 2
        return hashlib.sha256(b"\1" + root(nodes[:half]) + root(nodes[half:])).digest()

    assert root(leaves) == head.root
    above = client.get("/ledger/tile/1/000.p/2").content
    assert above == root(leaves[:8192]) + root(leaves[8192:16384])
    assert client.get("/ledger/tile/0/001.p/7").content == leaves[8192:][: 7 * 32]


@pytest.mark.parametrize(
    "place",
    [
        "0/003",
        "0/002",  # partial
        "0/002.p/250",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/07",
        "0/0",
        "0/x000/000",
        "0/x000/x000/x000/x000/x000/x000/000",
        "0/x999/999",
        "1/000",
        "2/000.p/1",
        "63/000.p/1",
        "0/000/",
        "0/entries/000",
        "entries/000",
        "00/000",
        "64/000",
        "-1/000",
        "0/٠٠٠",
    ],
)
def test_there_are_no_other_tiles(client, act, sequencer, place):
    act(580 - 20)
    sequencer.run()
    assert client.get(f"/ledger/tile/{place}").status_code in (404, 422)


def test_the_openapi_names_them(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/ledger/checkpoint", "/ledger/tile/{level}/{place}", PROOF, GROWTH} <= set(paths)
