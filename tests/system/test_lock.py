"""A lock by a file: one holds it, a killed one lets go, and no file of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bigpicture.system import lock

HOLDS = """
import sys, time
from pathlib import Path
from bigpicture.system.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_refused_or_waits(tmp_path):
    with lock.locked(tmp_path):
        with pytest.raises(BlockingIOError), lock.locked(tmp_path, waits=False):
            pass
        order = []

        def wait():
            with lock.locked(tmp_path):
                order.append("second")

        thread = threading.Thread(target=wait)
        thread.start()
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert not list(tmp_path.iterdir())


def test_a_killed_holder_has_let_go_and_its_file_is_taken_over(tmp_path):
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError), lock.locked(tmp_path, waits=False):
            pass
        holder.kill()
        holder.wait()
    assert (tmp_path / lock.NAME).exists()
    with lock.locked(tmp_path, waits=False):
        pass
    assert not list(tmp_path.iterdir())


def test_never_two_at_once_though_each_takes_the_file_away(tmp_path):
    assert _most_at_once(tmp_path) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.timeout(60)  # a lock that nobody lets go of is waited for
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_never_two_at_once_where_no_open_file_is_taken_away(tmp_path, monkeypatch):
    """As on Windows: the file is closed before it goes, and another may be quicker."""
    turn = threading.Lock()
    unlink, opened = Path.unlink, lock._open

    def open_in_turn(place):
        with turn:
            return opened(place)

    def refuse(place, **given):
        with turn:
            for link in Path("/proc/self/fd").iterdir():
                if os.path.lexists(link) and link.readlink() == place:
                    raise PermissionError("used by another process")
            unlink(place, **given)

    monkeypatch.setattr(lock, "IS_WINDOWS", True)
    monkeypatch.setattr(lock, "_open", open_in_turn)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert _most_at_once(tmp_path) == 1
    assert not list(tmp_path.iterdir())


def _most_at_once(folder):
    inside, most = [], []

    def go(_):
        with lock.locked(folder):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.0005)
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(go, range(200)))
    return max(most)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="asks for the modes of POSIX")
def test_a_file_that_somebody_else_left_is_no_obstacle(tmp_path, monkeypatch):
    left = tmp_path / lock.NAME
    left.write_bytes(b"")
    opened = os.open

    def refuse(path, flags, *mode):
        if path == left and flags & os.O_RDWR:
            raise PermissionError
        return opened(path, flags, *mode)

    monkeypatch.setattr(os, "open", refuse)
    with lock.locked(tmp_path, waits=False):
        pass


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), lock.locked(tmp_path / "none"):
        pass
