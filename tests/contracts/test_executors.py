"""Executors hold to their contract: threads here, and the workers of a Dask cluster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

import executor_tasks as tasks
from bigpicture.model.errors import BigpictureError, SettingsError
from bigpicture.worker.cluster import DaskExecutor
from bigpicture.worker.pool import PoolExecutor
from contracts.executors import ExecutorContract
from running import free_port


class TestPool(ExecutorContract):
    @pytest.fixture
    def here(self, tmp_path):
        return tmp_path

    @pytest.fixture
    def executor(self, here):
        made = PoolExecutor(here, jobs=2)
        yield made
        made.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers in processes of their own; gives its address and the folder."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {
        **os.environ,
        tasks.FOLDER: str(folder),
        "PYTHONPATH": str(Path(tasks.__file__).parent),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    }
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    with ExitStack() as processes:

        def begin(*words):
            command = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]]
            log = processes.enter_context((folder / f"{words[0]}.log").open("ab"))
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            processes.callback(process.wait)
            processes.callback(process.terminate)

        begin("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        begin("dask_worker", address, "--nworkers", "2", "--nthreads", "2", "--no-dashboard")
        yield address, folder


class TestDask(ExecutorContract):
    @pytest.fixture
    def here(self, cluster):
        return cluster[1]

    @pytest.fixture
    def executor(self, cluster):
        made = DaskExecutor(cluster[0], open_stores=tasks.folder)
        yield made
        made.close()

    def test_stores_are_opened_once_in_a_process(self, executor, here):
        executor.each(tasks.note, [f"many-{number}" for number in range(20)])
        processes = (here / "opened.log").read_text().splitlines()
        assert len(processes) == len(set(processes))

    def test_work_is_done_elsewhere_when_its_worker_is_killed(self, executor, here):
        references = ["phoenix", *(f"bystander-{number}" for number in range(4))]
        assert executor.each(tasks.die_once, references[:1]) == [None]
        first, second = (here / "phoenix.log").read_text().splitlines()
        assert first != second
        assert executor.each(tasks.note, references[1:]) == [None] * 4

    def test_work_that_kills_every_worker_is_told(self, executor, here):
        (error,) = executor.each(tasks.die, ["poison"])
        assert isinstance(error, BigpictureError)
        assert "died" in error.what
        assert executor.each(tasks.note, ["after-poison"]) == [None]

    def test_a_worker_without_keys_says_so(self, cluster):
        executor = DaskExecutor(cluster[0], open_stores=tasks.no_folder)
        (error,) = executor.each(tasks.note, ["keyless"])
        executor.close()
        assert isinstance(error, SettingsError)
        assert error.place == "keys"


def test_a_scheduler_that_does_not_answer_is_a_wrong_setting(monkeypatch):
    monkeypatch.setattr("bigpicture.worker.cluster._CONNECT_SECONDS", 0.3)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(SettingsError, match=re.escape(address)):
        DaskExecutor(address, open_stores=tasks.folder)
