"""A node keeps its record while it works; an auditor follows it from outside, and after a kill."""

from __future__ import annotations

import json
import time

import httpx
import pytest


def checkpoint(node, *, past=0):
    """The served checkpoint, once it tells more than `past` entries."""
    deadline = time.monotonic() + 30
    while True:
        answer = httpx.get(f"{node.address}/ledger/checkpoint")
        if answer.status_code == 200 and int(answer.text.splitlines()[1]) > past:
            return answer.text
        assert time.monotonic() < deadline, node.log()
        time.sleep(0.1)


@pytest.mark.parametrize("workers", [1, 2])
def test_events_enter_the_tree_while_the_node_works(make_node, tmp_path, workers):
    node = make_node(workers=workers)
    kept = checkpoint(node)
    (tmp_path / "kept.txt").write_text(kept, encoding="utf-8")
    with node.client() as client:  # signing in is an event
        newer = checkpoint(node, past=int(kept.splitlines()[1]))
        event = client.get("/api/v1/events?first=newest").json()["items"][0]["seq"]
        proven = client.get(f"/api/v1/ledger/proof?event={event}")
        assert proven.json()["checkpoint"].splitlines()[1] >= newer.splitlines()[1]
    node.kill()
    node.start()
    with node.client():
        checkpoint(node, past=int(newer.splitlines()[1]))
    words = ("ledger", "verify", "--json", "--checkpoint", tmp_path / "kept.txt")
    told = json.loads(node.run(*words).stdout)
    assert told["is_whole"]
    assert told["trusted"] == 2  # the auditor's and the node's own
    assert node.stop() == 0
    assert json.loads(node.run("ledger", "verify", "--json").stdout)["waiting"] == 0
