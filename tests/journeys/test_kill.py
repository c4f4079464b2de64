"""A node is killed at random moments of a submission; it always ends with the same dataset."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from small_dataset import write_dataset
from snapshot import snapshot, stored_keys


def submit_while_killing(node, folder, keys, *, delays):
    """Run the real command; meanwhile kill and restart the node after each delay (seconds).

    A command that finds no node when it begins says so at once, and is run again as it advises.
    """
    command = [sys.executable, "-m", "bigpicture", *node.submit_words(folder, keys)]
    with subprocess.Popen(
        command, env=node.variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as submitting:
        for delay in delays:
            time.sleep(delay)
            node.kill()
            node.start()
        told, _ = submitting.communicate(timeout=200)
    if submitting.returncode != 0 and "could not be reached" in told:
        node.submit(folder, keys)
        return
    assert submitting.returncode == 0, told + node.log()


def settled(node):
    """Stop the node, and check that nothing is left that no row knows, nor the other way round."""
    node.stop()
    known, stored = stored_keys(node.settings)
    seen = snapshot(node.settings)
    assert {row[0] for row in seen["objects"] if row[0] != "writing"} == {"durable"}
    assert known >= stored
    return durable(seen)


def campaign(make_node, tmp_path, *, rounds, seed):
    folder = write_dataset(tmp_path, side=1600)
    keys = tmp_path / "site"
    calm = make_node("calm")
    calm.submit(folder, keys)
    expected = settled(calm)
    warm = make_node("warm")  # what is converted already is not converted again
    begun = time.monotonic()
    warm.submit(folder, keys)
    lasted = time.monotonic() - begun
    assert settled(warm) == expected
    chance = random.Random(seed)
    for number in range(rounds):
        node = make_node(f"killed-{number}")
        submit_while_killing(node, folder, keys, delays=[chance.uniform(0.3, lasted + 0.3)])
        assert settled(node) == expected


@pytest.mark.long
def test_two_kills(make_node, tmp_path):
    campaign(make_node, tmp_path, rounds=2, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_ten_kills(make_node, tmp_path):
    campaign(make_node, tmp_path, rounds=10, seed=None)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_kills_on_postgresql_and_s3_with_several_processes(
    make_node, make_postgresql_url, s3_url, s3_endpoint, tmp_path
):
    """The worker is a process of its own here; it dies with the node that started it."""
    folder = write_dataset(tmp_path, side=1600)
    keys = tmp_path / "site"

    def scaled_out(name):
        return make_node(
            name,
            database_url=make_postgresql_url().replace("postgresql+psycopg", "postgresql"),
            object_store=f"{s3_url}/{name}",
            object_store_endpoint=s3_endpoint,
            workers="2",
        )

    calm = scaled_out("calm")
    calm.submit(folder, keys)
    calm.stop()
    expected = durable(snapshot(calm.settings))
    chance = random.Random(None)
    for number in range(3):
        node = scaled_out(f"killed-{number}")
        submit_while_killing(node, folder, keys, delays=[chance.uniform(0.3, 4.0)])
        node.stop()
        assert durable(snapshot(node.settings)) == expected


def durable(seen):
    """What counts: a body written and never settled is noise, swept later."""
    return {**seen, "objects": [row for row in seen["objects"] if row[0] == "durable"]}
