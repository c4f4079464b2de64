"""The processes of a node: several at once, dying, and ending together."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from small_dataset import write_dataset

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


def processes(node, *words):
    """The living processes of a node whose command line has all `words`."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment = (place / "environ").read_bytes()
            command = (place / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        ours = f"BIGPICTURE_DATA={node.data}".encode() in environment.split(b"\0")
        if ours and command != [""] and all(word in command for word in words):
            found.append(int(place.name))
    return found


def eventually(claim, *, within=30):
    deadline = time.monotonic() + within
    while not (seen := claim()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return seen


@pytest.mark.long
def test_a_worker_that_dies_is_started_again(make_node, tmp_path):
    node = make_node(workers=2)
    (worker,) = eventually(lambda: processes(node, "worker"))
    os.kill(worker, signal.SIGKILL)
    told = node.submit(write_dataset(tmp_path, side=400), tmp_path / "site")
    assert "Published" in told.stderr
    assert processes(node, "worker") != [worker]
    assert node.stop() == 0
    eventually(lambda: not processes(node))  # a nursery notices the end of its worker by itself


@pytest.mark.long
def test_nothing_outlives_a_killed_node(make_node, tmp_path):
    """Else an orphan keeps the port, or works under the slot of the next."""
    node = make_node(workers=2)
    eventually(lambda: processes(node, "worker"))
    os.kill(node.process.pid, signal.SIGKILL)
    node.process.wait()
    eventually(lambda: not processes(node))
    node.start()
    assert httpx.get(f"{node.address}/healthz").status_code == 200


def test_stopped_in_the_middle_it_goes_on_at_the_next_start(node, tmp_path):
    folder = write_dataset(tmp_path, side=1600)
    node.submit(folder, tmp_path / "site", "--no-follow")
    assert node.stop() == 0
    node.start()
    eventually(lambda: httpx.get(f"{node.address}/api/v1/datasets").json()["total"] == 1)
