"""A process that only computes runs, to be killed at any time; and what it leaves word of.

Its settings are in the environment, as for any process of a node.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import run_world
from bigpicture.app.open import open_stores, open_stores_here
from bigpicture.settings import Settings
from bigpicture.worker.executor import make_executor
from bigpicture.worker.run_cohort import RunCohorts

LOG, READY = "computed.log", "ready"


def compute(stores, reference):
    """As the tests' task, leaving word of each beginning: `reference process`."""
    place = Path(stores.settings.data) / LOG
    line = f"{reference} {os.getpid()}\n".encode()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, line)
    os.close(descriptor)
    run_world.compute(stores, reference)


def computed(data):
    """What was begun: pairs of a reference and the process that did."""
    place = Path(data) / LOG
    lines = place.read_text().splitlines() if place.exists() else []
    return [(line.split()[0], int(line.split()[1])) for line in lines]


def serve(data, environment, log):
    """Be the node, in a process forked from one that has imported all of it."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    stores = open_stores(Settings.load(data=data))
    executor = make_executor(stores, open_stores=open_stores_here)
    RunCohorts(stores, executor, owner="0", task=compute).start()
    (Path(data) / READY).touch()
    while True:
        time.sleep(60)
