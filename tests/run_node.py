"""A process that only computes runs, to be killed at any time; and what it leaves word of.

`python -m run_node DATA [SCHEDULER]` with the tests on its path; the database's address is in the
environment, as for any process of a node.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import run_world
from bigpicture.app.open import open_stores, open_stores_here
from bigpicture.settings import Settings
from bigpicture.worker.executor import make_executor
from bigpicture.worker.run_cohort import RunCohorts

LOG = "computed.log"


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


def main():
    settings = Settings.load()
    stores = open_stores(settings)
    executor = make_executor(stores, open_stores=open_stores_here)
    cohorts = RunCohorts(stores, executor, owner="0", task=compute_there)
    cohorts.start()
    print("ready", flush=True)
    while sys.stdin.readline():
        time.sleep(0.01)
    os._exit(0)


if __name__ == "__main__":
    from run_node import compute as compute_there  # by a name that others find, too

    main()
