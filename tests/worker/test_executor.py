"""Which executor a node uses follows from its settings."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings
from bigpicture.worker.executor import make_executor
from bigpicture.worker.pool import PoolExecutor
from published import make_stores


def unused():
    raise AssertionError("nothing opens stores here")


def test_this_machine_is_the_default(tmp_path):
    stores = make_stores(tmp_path)
    executor = make_executor(stores, open_stores=unused)
    assert isinstance(executor, PoolExecutor)
    executor.close()
    stores.records.close()


def test_a_cluster_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bigpicture.worker.cluster", None)
    stores = make_stores(tmp_path)
    settings = stores.settings.model_copy(update={"compute": "tcp://nowhere:1"})
    with pytest.raises(SettingsError, match=r"bigpicture\[cluster\]"):
        make_executor(replace(stores, settings=settings), open_stores=unused)
    stores.records.close()


def test_compute_is_an_address_or_nothing():
    with pytest.raises(SettingsError, match="compute"):
        Settings.load(compute="everywhere")


def test_the_library_is_loaded_only_when_asked_for():
    import subprocess

    code = "import bigpicture.app.work, sys; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
