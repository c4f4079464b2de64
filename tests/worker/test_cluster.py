"""A node that computes on a Dask cluster publishes what one without would publish."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from running import RunningNode, free_port, settled
from small_dataset import write_dataset


@pytest.fixture
def node(tmp_path):
    """A node and, in processes of their own, a scheduler and one worker with the node's keys."""
    address = f"tcp://127.0.0.1:{free_port()}"
    made = RunningNode(tmp_path / "node", {"BIGPICTURE_COMPUTE": address}).init()
    with ExitStack() as processes:

        def begin(*words):
            log = processes.enter_context((tmp_path / f"{words[0]}.log").open("ab"))
            command = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]]
            process = subprocess.Popen(command, env=made.variables, stdout=log, stderr=log)
            processes.callback(process.wait)
            processes.callback(process.terminate)

        port = address.rpartition(":")[2]
        begin("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        begin("dask_worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard")
        made.start()
        processes.callback(made.stop)
        yield made


def test_a_dataset_is_published_by_the_cluster(node, tmp_path):
    folder = write_dataset(tmp_path / "sets")
    node.submit(folder, tmp_path / "keys")
    with node.client() as client:
        (dataset,) = client.get("/api/v1/datasets").json()["items"]
        submission = settled(client, dataset["accession"])
    assert submission["state"] == "published"
    assert "fault of its own" not in node.log()


def test_a_node_does_not_start_without_its_scheduler(tmp_path):
    address = f"tcp://127.0.0.1:{free_port()}"
    node = RunningNode(tmp_path / "node", {"BIGPICTURE_COMPUTE": address}).init()
    done = subprocess.run(
        [sys.executable, "-m", "bigpicture", "worker"],
        env={**os.environ, **node.variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "no Dask scheduler answers there" in done.stdout + done.stderr
