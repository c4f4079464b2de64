"""A subject is erased while two processes serve: within seconds both say that it is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from bigpicture.app.open import open_stores
from bigpicture.storage.records import tables as t
from small_dataset import write_dataset

SOON = 5.0
"""Seconds."""
STEP = 0.05
"""Seconds by which each kill comes later than the one before."""


@pytest.fixture
def running(make_node, tmp_path):
    """A node of two web processes, its one dataset, image and being."""
    node = make_node(workers=2)
    node.submit(write_dataset(tmp_path, side=600), tmp_path / "site")
    stores = open_stores(node.settings)
    with stores.records.read() as connection:
        names = [
            connection.scalars(select(table.c.accession)).one()
            for table in (t.datasets, t.images, t.beings)
        ]
    stores.records.close()
    return node, *names


def object_states(node, dataset):
    stores = open_stores(node.settings)
    with stores.records.read() as connection:
        states = set(stores.vault.owned_by(connection, dataset).values())
    stores.records.close()
    return states


@pytest.mark.long
def test_every_process_says_gone_within_seconds(running):
    node, dataset, image, being = running
    tile = f"/tiles/{image}/0/0_0"
    with ExitStack() as opened:
        # connections of their own, so that both processes answer some
        clients = [opened.enter_context(node.client()) for _ in range(8)]
        assert {client.get(tile).status_code for client in clients} == {200}
        words = ["keys", "destroy", being, "--reason", "invented", "--confirm", being, "--json"]
        told = node.run(*words)
        began = time.monotonic()
        assert json.loads(told.stdout)["objects"] > 3
        for client in clients:
            while client.get(tile).status_code != 410:
                assert time.monotonic() - began < SOON
            assert client.get(f"/api/v1/images/{image}/thumbnail").status_code == 410
            assert client.get(f"/iiif/3/{image}/full/64,/0/default.jpg").status_code == 410
        assert time.monotonic() - began < SOON
        assert clients[0].get(f"/api/v1/datasets/{dataset}").status_code == 200
    assert object_states(node, dataset) == {"durable", "erased"}


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_killed_destruction_is_whole_or_never_began(running):
    """Killed ever later, until one comes too late; the node is started again after each."""
    node, dataset, image, being = running
    words = ["keys", "destroy", being, "--reason", "invented", "--confirm", being]
    before = len(list((node.data / "subject-keys").glob("destroyed/*/*")))  # the arrival's
    later = 0.6
    while True:
        process = subprocess.Popen(
            [sys.executable, "-m", "bigpicture", *words],
            env=node.variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(later)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        marked = len(list((node.data / "subject-keys").glob("destroyed/*/*")))
        node.kill()
        node.start()
        deadline = time.monotonic() + SOON  # its worker finishes what it finds
        wanted = 410 if marked > before else 200
        with node.client() as client:
            while client.get(f"/tiles/{image}/0/0_0").status_code != wanted:
                assert time.monotonic() < deadline
        if marked == before:
            assert object_states(node, dataset) == {"durable"}
            later += STEP
            continue
        while object_states(node, dataset) != {"durable", "erased"}:
            assert time.monotonic() < deadline
        return
