"""The disk is full in the middle: it is told, the node stays up, and with room it goes on."""

from __future__ import annotations

import os
import subprocess

import httpx
import pytest

from small_dataset import write_dataset


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 24 MB, where this account may mount one."""
    place = tmp_path / "node"
    place.mkdir(mode=0o700)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"needs a disk to fill, and none may be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk, *, leave):
    """Take all room on the disk but `leave` bytes."""
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    ballast.write_bytes(b"\0" * (room.f_bavail * room.f_frsize - leave))
    return ballast


@pytest.mark.long
def test_told_and_taken_up_again(small_disk, make_node, tmp_path):
    node = make_node()
    folder = write_dataset(tmp_path, side=1200)
    ballast = fill(small_disk, leave=700_000)
    told = node.submit(folder, tmp_path / "site", check=False)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert httpx.get(f"{node.address}/healthz").status_code == 200
    ballast.unlink()
    told = node.submit(folder, tmp_path / "site")
    assert "Published" in told.stderr
