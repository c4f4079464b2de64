"""File calls: the fast way of this system and the way of one that lacks it do the same."""

from __future__ import annotations

import os
import random
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bigpicture.system import files


@pytest.fixture
def content():
    return random.Random(7).randbytes(200_000)


@pytest.fixture
def opened(tmp_path, content):
    place = tmp_path / "file"
    place.write_bytes(content)
    descriptor = os.open(place, os.O_RDONLY | files.BINARY)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize("read", [files.read_at, files.read_in_turn])
def test_many_threads_read_their_own_offsets(opened, content, read):
    chance = random.Random(1)
    wanted = [(chance.randrange(len(content)), chance.randrange(5000)) for _ in range(2000)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: read(opened, each[1], each[0]), wanted))
    assert found == [content[offset : offset + length] for offset, length in wanted]


@pytest.mark.parametrize("read", [files.read_at, files.read_in_turn])
def test_behind_the_end_there_is_nothing(opened, content, read):
    assert read(opened, 10, len(content) - 3) == content[-3:]
    assert read(opened, 10, len(content) + 3) == b""


@pytest.mark.parametrize("write", [files.write_parts, files.write_joined])
def test_parts_are_written_in_their_order(tmp_path, write):
    place = tmp_path / "file"
    with place.open("wb") as file:
        file.write(b"head\r\n")
        file.flush()
        assert write(file.fileno(), [b"one\n", memoryview(b"two"), b""]) == 7
    assert place.read_bytes() == b"head\r\none\ntwo"


def test_where_the_system_has_them_the_fast_ways_are_used():
    assert (files.read_at is getattr(os, "pread", files.read_in_turn)) is True
    assert (files.write_parts is getattr(os, "writev", files.write_joined)) is True


def test_a_new_file_is_its_owners_and_never_one_that_is_there(tmp_path):
    with files.create(tmp_path / "key") as file:
        file.write(b"se\r\ncret\n")
        files.write_through(file)
    assert (tmp_path / "key").read_bytes() == b"se\r\ncret\n"
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        files.create(tmp_path / "key")
    files.sync_file(tmp_path / "key")
    files.sync_folder(tmp_path)
