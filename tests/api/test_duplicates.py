"""Duplicates across datasets: found from what runs gave, by whoever may read it."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

import run_world as world
from bigpicture.access.grant import revoke_grant
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.client.duplicates import find_duplicates
from bigpicture.client.node import Node as Door
from bigpicture.client.run import begin_run
from bigpicture.model.errors import ForbiddenError, InputError
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from published import CONTROLLED, OPEN, Client, add_person, grant, make_stores, served

SIDE = 2560
"""Pixels of 0.25 µm."""


def section(seed, *, is_again=False):
    """Pink pieces on glass; `is_again`: mirrored, darker, and elsewhere on the glass."""
    chance = np.random.default_rng(seed)
    picture = np.full((SIDE // 10, SIDE // 10, 3), 242, np.uint8)
    for _ in range(9):
        middle = tuple(int(each) for each in chance.integers(70, 186, 2))
        axes = tuple(int(each) for each in chance.integers(8, 40, 2))
        colour = tuple(int(each) for each in np.array([200, 110, 160]) - chance.integers(0, 70))
        cv2.ellipse(picture, middle, axes, float(chance.uniform(0, 180)), 0, 360, colour, -1)
    if is_again:
        picture = np.roll(picture[:, ::-1], (9, -7), (0, 1))
        picture = np.clip(picture.astype(np.float32) * 0.97, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Two datasets; the second slide of one is in the other, scanned anew."""
    stores = make_stores(tmp_path_factory.mktemp("duplicates") / "data")
    world.add_datasets(stores)
    closed = [
        world.add_slide(stores, CONTROLLED, number, pixels=section(number)) for number in range(3)
    ]
    again = world.add_slide(stores, OPEN, 7, pixels=section(1, is_again=True))
    executor = PoolExecutor(stores, jobs=2)
    cohorts = RunCohorts(stores, executor, owner="0")
    cohorts.start()
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        yield stores, client, closed, again
    cohorts.stop()
    executor.close()
    stores.records.close()


def test_one_glass_in_two_datasets(here):
    stores, client, closed, again = here
    rita, token = add_person(stores, "rita", "researcher")
    held = grant(stores, rita)
    with served(client.application) as address, Door(f"http://{address}", token=token) as door:
        one, other = (
            begin_run(door, "core.fingerprint", images=images).wait()
            for images in (closed, [again])
        )
        assert not list(one.slides("failed"))
        [pair] = find_duplicates([one, other])
        assert {pair.first, pair.second} == {closed[1], again}
        assert {pair.first_dataset, pair.second_dataset} == {CONTROLLED, OPEN}
        assert pair.is_across
        assert pair.likeness > 0.97
        assert find_duplicates([one, one]) == []
        with pytest.raises(InputError, match="no fingerprints"):
            find_duplicates([begin_run(door, "core.tissue", images=[again]).wait()])
        with stores.records.write() as connection:
            revoke_grant(connection, held.id, reason="over", by="node")
        with pytest.raises(ForbiddenError):
            _until_closed([one, other])


def _until_closed(jobs):
    """A process knows within a quarter of a second."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        find_duplicates(jobs)
