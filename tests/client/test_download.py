"""Downloads against a real server: whole, interrupted, changed, hostile."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pytest
from sqlalchemy import update

from bigpicture.api.application import build
from bigpicture.client import fetch
from bigpicture.client.download import DownloadError, bytes_here, download
from bigpicture.client.node import Node
from bigpicture.client.remote import RemoteFile, list_remote, read_wanted
from bigpicture.model.errors import (
    ConflictError,
    ErasedError,
    ForbiddenError,
    InputError,
    StorageFullError,
)
from bigpicture.model.identifiers import Accession
from bigpicture.storage.records.tables import objects
from bigpicture.system.lock import NAME, locked
from published import CONTROLLED, add_person, grant, image_name, insert_file, served

DATASET = Accession.parse(CONTROLLED)
LARGE = f"DATASET_{CONTROLLED}/IMAGES/IMAGE_large/0.dcm"
CUT = 700_000


class Silent:
    """Progress that adds up."""

    def __init__(self):
        self.came = self.read = self.files = 0
        self.lock = threading.Lock()

    def checked(self, file, count):
        with self.lock:
            self.read += count

    def arrived(self, file, count):
        with self.lock:
            self.came += count

    def ended(self, file):
        with self.lock:
            self.files += 1


class Breaking:
    """The application, whose answers to `/files/` break after so many bytes, so many times."""

    def __init__(self, application, *, after, times):
        self.application, self.after, self.times = application, after, times

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith("/files/") or self.times < 1:
            await self.application(scope, receive, send)
            return
        left = self.after

        async def cut(message):
            nonlocal left
            left -= len(message.get("body", b""))
            if left < 0 and self.times > 0:
                self.times -= 1
                raise ConnectionError
            await send(message)

        await self.application(scope, receive, cut)


class Changing:
    """The application, whose answers to one file have their first byte changed, some times."""

    def __init__(self, application, *, times):
        self.application, self.times = application, times

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or not scope["path"].endswith("/large") or self.times < 1:
            await self.application(scope, receive, send)
            return
        self.times -= 1
        is_first = True

        async def change(message):
            nonlocal is_first
            if is_first and message.get("body"):
                body = bytes([message["body"][0] ^ 1]) + message["body"][1:]
                message, is_first = {**message, "body": body}, False
            await send(message)

        await self.application(scope, receive, change)


@pytest.fixture
def reader(stores, frames):
    person, secret = add_person(stores, "reader", "researcher")
    grant(stores, person)
    return secret


@pytest.fixture
def large(stores, frames):
    """3 MB of chance in the controlled dataset."""
    data = np.random.default_rng(1).bytes(3_000_000)
    kept = stores.vault.keep([data], owner=CONTROLLED)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
        insert_file(connection, CONTROLLED, "large", "IMAGES/IMAGE_large/0.dcm", kept)
    return data


@pytest.fixture
def to(tmp_path):
    """Where downloads go."""
    folder = tmp_path / "to"
    folder.mkdir()
    return folder


@pytest.fixture
def door(node, reader):
    with served(build(node)) as place, Node(f"http://{place}", token=reader) as opened:
        yield opened


def run(door, folder, files=None, **more):
    files = list_remote(door, [DATASET]) if files is None else files
    return download(door, files, folder, progress=Silent(), **more)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_file_arrives_with_its_digest(door, large, to):
    files = list_remote(door, [DATASET])
    progress = Silent()
    done = download(door, files, to, progress=progress)
    here = contents(to)
    assert set(here) == {file.path for file in files}
    for file in files:
        assert hashlib.sha256(here[file.path]).hexdigest() == file.sha256
    size = sum(file.size for file in files)
    assert (done.new, done.kept, done.received, done.undigested) == (len(files), 0, size, 0)
    assert (progress.came, progress.files) == (size, len(files))


def test_a_file_that_is_erased_while_it_comes_does_not_stay_by_halves(
    stores, node, reader, large, to
):
    application = Breaking(build(node), after=CUT, times=1)

    async def erased_after_the_break(scope, receive, send):
        try:
            await application(scope, receive, send)
        except ConnectionError:
            with stores.records.write() as connection:
                connection.execute(
                    update(objects)
                    .where(objects.c.size == len(large))
                    .values(state="erased", header=None)
                )
            raise

    with (
        served(erased_after_the_break) as place,
        Node(f"http://{place}", token=reader) as opened,
        pytest.raises(DownloadError) as told,
    ):
        run(opened, to, jobs=1)
    (error,) = told.value.errors
    assert isinstance(error, ErasedError)
    assert error.place == LARGE
    assert "Delete what you have" in error.remedy
    here = contents(to)
    assert LARGE not in here
    assert not [path for path in here if path.endswith(".part")]
    assert len(here) > 3  # the others came


def test_again_nothing_is_fetched_and_all_is_read(door, large, to):
    files = list_remote(door, [DATASET])
    run(door, to, files)
    progress = Silent()
    assert bytes_here(files, to) == sum(file.size for file in files)
    done = download(door, files, to, progress=progress)
    assert (done.new, done.kept, done.received) == (0, len(files), 0)
    assert progress.read == sum(file.size for file in files)


@pytest.mark.parametrize("cut", [1, CUT, 2_999_999, 3_000_000])
def test_a_part_goes_on_at_its_last_byte(door, large, to, cut):
    files = [file for file in list_remote(door, [DATASET]) if file.path == LARGE]
    part = to / (LARGE + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(large[:cut])
    done = run(door, to, files)
    assert done.received == len(large) - cut
    assert contents(to) == {LARGE: large}


@pytest.mark.parametrize("begun", [b"\0" * CUT, b"\0" * 4_000_000])
def test_a_part_that_is_no_beginning_of_the_file_is_fetched_again(door, large, to, begun):
    """What a lost power supply leaves, or another file of that name."""
    part = to / (LARGE + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(begun)
    run(door, to)
    assert contents(to)[LARGE] == large
    assert not part.exists()


def test_a_file_of_ones_own_is_never_overwritten(door, large, to):
    mine = to / LARGE
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(DownloadError) as raised:
        run(door, to)
    (error,) = raised.value.errors
    assert isinstance(error, ConflictError)
    assert error.place == LARGE
    here = contents(to)
    assert here.pop(LARGE) == b"mine"
    assert len(here) == len(list_remote(door, [DATASET])) - 1  # the others arrived


def test_a_connection_that_breaks_is_taken_up_where_it_broke(node, reader, large, to):
    breaking = Breaking(build(node), after=1_000_000, times=3)
    with served(breaking) as place, Node(f"http://{place}", token=reader) as door:
        files = [file for file in list_remote(door, [DATASET]) if file.path == LARGE]
        done = run(door, to, files)
    assert contents(to) == {LARGE: large}
    assert breaking.times < 3
    assert done.received == len(large)  # not a byte twice


def test_what_is_changed_on_its_way_once_is_fetched_again(node, reader, large, to):
    with (
        served(Changing(build(node), times=1)) as place,
        Node(f"http://{place}", token=reader) as door,
    ):
        run(door, to)
    assert contents(to)[LARGE] == large


def test_what_is_wrong_twice_never_gets_its_name(node, reader, large, to):
    with (
        served(Changing(build(node), times=9)) as place,
        Node(f"http://{place}", token=reader) as door,
        pytest.raises(DownloadError) as raised,
    ):
        run(door, to)
    assert "SHA-256" in str(raised.value.errors[0])
    assert not (to / LARGE).exists()
    assert (to / f"DATASET_{CONTROLLED}/METADATA/dataset.xml").exists()


def test_a_manifest_brings_its_images_and_the_documents(door, tmp_path):
    wanted = tmp_path / "wanted.txt"
    image = image_name(CONTROLLED, 1)
    wanted.write_text(f"\ufeff# two\r\n{image}  # the second\r\n\r\n{image.upper()}\n")
    files = list_remote(door, read_wanted(str(wanted)))
    assert sorted(file.path.partition("/")[2] for file in files) == [
        "IMAGES/IMAGE_image 1/0.dcm",
        "IMAGES/IMAGE_image 1/1.dcm",
        "METADATA/dataset.xml",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("bb-dataset-cntrzz-cntrzz\nnonsense\n", "list.txt, line 2"),
        ("bb-sample-cntrzz-cntrzz\n", "list.txt, line 1"),
        ("# nothing\n", "list.txt"),
        ("\0\x80", "list.txt"),
    ],
)
def test_a_wrong_manifest_is_told_by_its_line(tmp_path, text, place):
    path = tmp_path / "list.txt"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as raised:
        read_wanted(str(path))
    assert raised.value.place == place


def test_what_is_neither_accession_nor_file_is_told(tmp_path):
    with pytest.raises(InputError, match="no accession"):
        read_wanted(str(tmp_path / "absent"))
    with pytest.raises(InputError, match="no accession"):
        read_wanted(str(tmp_path))


def test_without_a_grant_nothing_is_listed(stores, node, frames):
    _, secret = add_person(stores, "stranger", "researcher")
    with (
        served(build(node)) as place,
        Node(f"http://{place}", token=secret) as door,
        pytest.raises(ForbiddenError, match=r"access@example\.org"),
    ):
        list_remote(door, [DATASET])


class Lying:
    """A node that lists what it likes."""

    def __init__(self, item, folder="DATASET_x"):
        self.page = {"folder": folder, "items": [item], "next": None}

    def get(self, path, **parameters):
        return self.page


ITEM = {"path": "METADATA/a.xml", "size": 3, "sha256": "0" * 64, "header_size": 0, "address": "/a"}


@pytest.mark.parametrize(
    ("folder", "wrong"),
    [
        ("DATASET_x", {"path": "../../escape"}),
        ("DATASET_x", {"path": "/etc/escape"}),
        ("DATASET_x", {"path": "a\\..\\..\\escape"}),
        ("DATASET_x", {"path": "a/.hidden"}),
        ("DATASET_x", {"path": "a/\x1b[31mred"}),
        ("..", {}),
        ("/tmp", {}),
        ("", {}),
        ("DATASET_x", {"address": "http://elsewhere.example/a"}),
        ("DATASET_x", {"address": "//elsewhere.example/a"}),
    ],
)
def test_a_node_cannot_write_outside_the_folder(folder, wrong):
    with pytest.raises(InputError):
        list_remote(Lying({**ITEM, **wrong}, folder), [DATASET])


def test_a_link_in_the_folder_leads_nowhere(door, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    to = tmp_path / "to"
    to.mkdir()
    (to / f"DATASET_{CONTROLLED}").symlink_to(outside)
    with pytest.raises(DownloadError) as raised:
        run(door, to)
    assert all(isinstance(error, InputError) for error in raised.value.errors)
    assert not contents(outside)


def test_two_runs_do_not_share_a_folder(door, to):
    with locked(to), pytest.raises(ConflictError, match="another run"):
        run(door, to)
    run(door, to)
    assert not (to / NAME).exists()


def test_a_name_that_windows_would_write_elsewhere_is_refused_there(door, to, monkeypatch):
    named = RemoteFile(f"DATASET_{CONTROLLED}/nul.xml", 3, "0" * 64, 0, "/files/none")
    monkeypatch.setattr(fetch, "IS_WINDOWS", True)
    with pytest.raises(DownloadError) as raised:
        run(door, to, [named])
    assert "Windows" in str(raised.value.errors[0])


def test_what_cannot_fit_is_said_before_the_first_byte(door, to):
    huge = RemoteFile(LARGE, 1 << 60, "0" * 64, 0, f"/files/{CONTROLLED}/large")
    with pytest.raises(StorageFullError, match="free here"):
        run(door, to, [huge])
    assert not contents(to)


def test_the_proxy_of_the_environment_is_asked(node, reader, to, monkeypatch):
    """Hospitals reach the world through one; here the node stands in its place."""
    with served(build(node)) as place:
        monkeypatch.setenv("HTTP_PROXY", f"http://{place}")
        with Node("http://node.example", token=reader) as door:
            assert run(door, to).new == len(contents(to))
