"""The folder of objects: durable before it is promised, whole or absent after a kill."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bigpicture.model.errors import SettingsError, StorageFullError
from bigpicture.storage import disk
from bigpicture.storage.objects import Objects

MEBI = 1 << 20


@pytest.fixture
def objects(tmp_path):
    return Objects(tmp_path.as_uri())


def drafts(folder):
    return list((folder / ".writing").iterdir())


def test_the_file_then_the_name_then_the_folders_are_synced(tmp_path, monkeypatch):
    """The order that survives a power cut: bytes, name, folder of the name."""
    acts = []
    sync, link = os.fsync, Path.hardlink_to

    def note_sync(descriptor):
        acts.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    def note_link(path, target):
        acts.append(("link", path))
        link(path, target)

    objects = Objects(tmp_path.as_uri())
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "hardlink_to", note_link)
    objects.put("new/folder/object", b"x")
    (first, draft), *rest = acts
    assert first == "sync"
    assert draft.parent == tmp_path / ".writing"
    assert rest == [
        ("sync", tmp_path),
        ("sync", tmp_path / "new"),
        ("link", tmp_path / "new/folder/object"),
        ("sync", tmp_path / "new/folder"),
    ]
    acts.clear()
    objects.delete("new/folder/object")
    assert acts == [("sync", tmp_path / "new/folder")]


def test_objects_are_their_owners_alone(objects, tmp_path):
    objects.put("a/b", b"x")
    assert (tmp_path / "a/b").stat().st_mode & 0o077 == 0
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_no_draft_is_left(objects, tmp_path):
    objects.put("a", b"x")
    objects.put("a", b"y", if_absent=False)
    with pytest.raises(ZeroDivisionError):
        objects.put("b", (b"x" * (1 // n) for n in (1, 0)))
    assert drafts(tmp_path) == []


@pytest.mark.parametrize("url", ["file://elsewhere/folder", "file:relative", "nonsense", "x://y"])
def test_addresses_that_mean_nothing_are_refused(url):
    with pytest.raises(SettingsError, match="object_store"):
        Objects(url)


@pytest.mark.parametrize("endpoint", ["http://10.0.0.1:9000", "http://store.example", "ftp://x"])
def test_credentials_do_not_travel_in_the_clear(endpoint):
    with pytest.raises(SettingsError, match="https"):
        Objects("s3://bucket", endpoint=endpoint)


def test_a_refused_write_leaves_nothing(objects, tmp_path):
    """A real refusal by the kernel (EFBIG), as a quota gives it."""
    objects.put("old", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MEBI, hard))
    try:
        with pytest.raises(StorageFullError, match="nothing was kept"):
            objects.put("large", (b"x" * MEBI for _ in range(5)))
        with pytest.raises(StorageFullError):
            objects.put("old", (b"x" * MEBI for _ in range(5)), if_absent=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert objects.get("old") == b"old"
    assert [found.key for found in objects.list()] == ["old"]
    assert drafts(tmp_path) == []


@pytest.fixture
def tiny(tmp_path):
    """A file system of 2 MiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a tiny tmpfs is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_mended_by_room(tiny):
    objects = Objects(tiny.as_uri())
    objects.put("first", b"x" * MEBI)
    with pytest.raises(StorageFullError, match="Free some room"):
        objects.put("second", (b"y" * 65536 for _ in range(32)))
    assert [found.key for found in objects.list()] == ["first"]
    assert drafts(tiny) == []
    objects.delete("first")
    assert objects.put("second", b"y" * MEBI) == MEBI


_WRITER = """
import sys
from bigpicture.storage.objects import Objects

objects = Objects(sys.argv[1])
for number in range(1000):
    key = f"batch/{number}"
    if objects.exists(key):
        continue
    objects.put(key, (bytes([number % 251]) * 50_000 for _ in range(20)))
    objects.put("latest", (b"%06d" % number for _ in range(2000)), if_absent=False)
    print(key, flush=True)
"""


def test_a_kill_leaves_objects_whole_or_absent(objects, tmp_path):
    """SIGKILL at ten random moments; what was promised is there, the rest is whole or absent."""
    chance = random.Random(11)
    promised = set()
    for _ in range(10):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, tmp_path.as_uri()], stdout=subprocess.PIPE, text=True
        ) as child:
            for _ in range(chance.randrange(1, 4)):
                promised.add(child.stdout.readline().strip())
            with suppress(subprocess.TimeoutExpired):  # a random moment of its next steps
                child.wait(timeout=chance.uniform(0, 0.01))
            child.send_signal(signal.SIGKILL)
            promised |= {line.strip() for line in child.stdout if line.endswith("\n")}
        objects.sweep()
        assert drafts(tmp_path) == []
        found = {stored.key: stored.size for stored in objects.list()}
        assert promised <= set(found)
        for key in found.keys() - {"latest"}:
            body = objects.get(key)
            assert body == bytes([int(key.removeprefix("batch/")) % 251]) * 1_000_000
        if "latest" in found:
            latest = objects.get("latest")
            assert latest == latest[:6] * 2000
    assert len(promised) >= 10


def test_sweeping_spares_living_writers(objects, tmp_path):
    def body():
        yield b"half "
        assert len(drafts(tmp_path)) == 1
        assert Objects(tmp_path.as_uri()).sweep() == 0
        yield b"whole"

    objects.put("a", body())
    assert objects.get("a") == b"half whole"


def test_a_draft_swept_before_its_lock_is_made_again(objects, tmp_path, monkeypatch):
    """The one gap: between creating a draft and locking it."""
    lock = disk.fcntl.flock
    swept = []

    def sweep_first(descriptor, how):
        if not swept:
            swept.append(True)
            for draft in drafts(tmp_path):
                draft.unlink()
        lock(descriptor, how)

    monkeypatch.setattr(disk.fcntl, "flock", sweep_first)
    objects.put("a", b"x")
    assert objects.get("a") == b"x"


def test_a_dead_writers_draft_is_swept(objects, tmp_path):
    (tmp_path / ".writing" / "0123").write_bytes(b"half")
    assert objects.sweep() == 1
    assert drafts(tmp_path) == []
