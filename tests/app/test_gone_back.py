"""A database restored from last week opens no grant that was revoked since: the node is sealed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager

import pytest

from bigpicture.access.grant import revoke_grant
from bigpicture.access.seal import list_seals
from bigpicture.access.seal_files import SealFiles
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.app.gone_back import seal_if_gone_back
from bigpicture.app.initialise import initialise
from bigpicture.app.ledger import kept_checkpoint, open_sequencer
from bigpicture.app.open import open_stores
from bigpicture.app.sequencing import Sequencing
from bigpicture.app.web import make_web
from bigpicture.ledger.begin import begin_log
from bigpicture.settings import Settings
from published import CONTROLLED, OPEN, Client, add_person, grant, image_name, publish_two

SHUT_TILE = f"/tiles/{image_name(CONTROLLED, 0)}/0/0_0"
OPEN_TILE = f"/tiles/{image_name(OPEN, 0)}/0/0_0"
SEALS = "/api/v1/seals"


class NoQueue:
    """Nothing is submitted here."""


@pytest.fixture
def settings(tmp_path):
    made = Settings(data=tmp_path / "node")
    initialise(made, steward="sana", password="a long enough password")
    return made


@pytest.fixture
def stores(settings):
    made = open_stores(settings)
    publish_two(made)
    yield made
    made.records.close()


@pytest.fixture
def files(settings):
    return SealFiles(settings.seals_folder)


def copy(source, target):
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
def restored(stores, settings, tmp_path):
    """The token of who was granted a dataset; that was revoked, and then a backup was put back."""
    person, secret = add_person(stores, "reader", "researcher")
    given = grant(stores, person)
    assert open_sequencer(settings, stores.records).run()
    copy(settings.data / "records.sqlite", tmp_path / "last-week.sqlite")
    with stores.records.write() as connection:
        revoke_grant(connection, given.id, reason="over", by="node")
    assert open_sequencer(settings, stores.records).run()
    copy(tmp_path / "last-week.sqlite", settings.data / "records.sqlite")
    return secret


@contextmanager
def sequencing(stores, files):
    working = Sequencing(open_sequencer(stores.settings, stores.records), files, interval=0.02)
    working.start()
    yield
    working.stop()


def test_without_the_seal_it_would_run_again(stores, restored):
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        assert client.get(SHUT_TILE, token=restored).status_code == 200


def test_a_node_that_starts_on_older_records_is_sealed_and_says_why(stores, restored, files):
    stew, cora = add_person(stores, "stew", "steward"), add_person(stores, "cora", "committee")
    with Client(make_web(stores, NoQueue())) as client:
        assert client.get(SHUT_TILE, token=restored).status_code == 503
        assert client.get(OPEN_TILE).status_code == 503
        [seal] = client.get(SEALS, token=stew[1]).json()["items"]
        assert seal["scope"] == "node"
        assert seal["by"] is None  # the machine itself
        assert "put back" in seal["reason"]
        assert "revoked since" in seal["reason"]
        for _, token in (stew, cora):
            door = f"{SEALS}/{seal['id']}/unseal"
            answer = client.post(door, {"reason": "revoked again"}, token=token)
            assert answer.status_code == 200, answer.text
        assert client.get(OPEN_TILE).status_code == 200
    seal_if_gone_back(stores)  # two people opened that, and it is the same still
    assert files.names() == frozenset()


def test_a_node_that_runs_notices_it_too(stores, restored, files):
    with Client(build(Node.open(stores, start_work=lambda _: None))) as client:
        assert client.get(OPEN_TILE).status_code == 200
        with sequencing(stores, files):
            deadline = time.monotonic() + 20
            while client.get(OPEN_TILE).status_code != 503:
                assert time.monotonic() < deadline
        assert client.get(SHUT_TILE, token=restored).status_code == 503
    with stores.records.read() as connection:
        [standing] = list_seals(connection, files)
    assert "put back" in standing.seal.reason


def test_a_log_under_another_name_goes_on_and_seals_nothing_more(stores, restored, settings, files):
    seal_if_gone_back(stores)
    [name] = files.names()
    files.remove(name)
    sequencer = open_sequencer(settings, stores.records, origin="node.example/2")
    kept = kept_checkpoint(settings)
    with stores.records.write() as connection:
        begin_log(
            connection, origin="node.example/2", kept=kept, actor="console", reason="disk lost"
        )
    assert sequencer.run()
    seal_if_gone_back(stores)
    assert files.names() == frozenset()


def test_records_that_are_newer_seal_nothing(stores, settings, files):
    seal_if_gone_back(stores)  # nothing was signed yet
    open_sequencer(settings, stores.records).run()
    add_person(stores, "later", "researcher")
    seal_if_gone_back(stores)
    assert files.names() == frozenset()


def test_what_else_is_wrong_with_the_record_is_told_and_stops_no_start(stores, settings, files):
    open_sequencer(settings, stores.records).run()
    with closing(sqlite3.connect(settings.data / "records.sqlite")) as connection:
        connection.execute("UPDATE ledger_tiles SET hashes = zeroblob(32)")
        connection.commit()
    seal_if_gone_back(stores)
    assert files.names() == frozenset()
