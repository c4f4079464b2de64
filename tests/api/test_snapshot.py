"""The snapshot through its door, the client and the command; DuckDB and PyArrow read it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import pyarrow.parquet as pq
import pytest
from sqlalchemy import delete, update

import bigpicture
from bigpicture.access.epoch import Epoch, bump
from bigpicture.api.application import build
from bigpicture.client import snapshot as client_snapshot
from bigpicture.client.node import UnreachedError
from bigpicture.client.snapshot import snapshot
from bigpicture.model.errors import IntegrityError, SettingsError, UnknownError
from bigpicture.storage.records import tables as t
from published import CONTROLLED, OPEN, add_person, grant, image_name, served

DOOR = "/api/v1/snapshot.parquet"


@pytest.fixture
def rows(client, tmp_path):
    """What the world gets, by accession."""

    def read(**shown):
        answer = client.get(DOOR, **shown)
        assert answer.status_code == 200
        (tmp_path / "got.parquet").write_bytes(answer.content)
        table = pq.read_table(tmp_path / "got.parquet")
        return {row["accession"]: row for row in table.to_pylist()}

    return read


def test_an_open_image_is_told_of_as_it_was_published(rows):
    got = rows()

    assert set(got) == {image_name(OPEN, number) for number in range(3)}
    first = got[image_name(OPEN, 0)]  # as tests/published.py fills the records
    assert first["dataset"] == OPEN
    assert first["dataset_title"] == "The open set of livers and lungs"
    assert first["organ"] == ["Liver"]
    assert first["organ_key"] == ["SNOMED CT:10200004"]
    assert first["species"] == ["Human"]
    assert (first["stain"], first["type"], first["tier"]) == ("H&E", "Clinical", "Open")
    assert sorted(first["diagnosis"]) == ["Adenoma", "Fibrosis"]
    assert first["confirmed"] == ["Adenoma"]
    assert first["use"] == ["Research Use"]
    assert (first["width"], first["height"], first["year"]) == (200, 130, 2026)
    assert first["mpp"] == pytest.approx(0.25)
    assert first["being"] == [f"bb-sample-{OPEN.split('-')[2]}-being0"]
    assert (first["sex"], first["age"]) == (["Female"], pytest.approx(50))
    assert (first["method"], first["scanner"]) == ("Routine", "Invented Scanner 1")
    assert (first["magnification"], first["size"]) == (40, pytest.approx(0.026))
    assert (first["compression"], first["annotated"]) == ("JPEG", "No")
    assert first["companion"] == []


def test_nobody_gets_what_is_not_open_to_all(stores, rows):
    person, secret = add_person(stores, "granted", "researcher")
    grant(stores, person)

    for token in (None, secret):
        assert not [name for name, row in rows(token=token).items() if row["dataset"] == CONTROLLED]


def test_a_dataset_that_closes_is_gone(stores, client, rows):
    before = client.get(DOOR).headers["etag"]
    with stores.records.write() as connection:
        connection.execute(update(t.datasets).values(tier="controlled"))
        bump(connection, Epoch.SEAL)

    assert rows() == {}
    assert client.get(DOOR).headers["etag"] != before


def test_what_is_known_is_not_sent_again(client):
    first = client.get(DOOR)

    again = client.get(DOOR, headers={"If-None-Match": first.headers["etag"]})
    other = client.get(DOOR, headers={"If-None-Match": '"something else"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.content == first.content
    assert first.headers["content-type"] == "application/vnd.apache.parquet"


def test_an_erasure_makes_another(stores, client, node, rows):
    before = client.get(DOOR).headers["etag"]
    with stores.records.write() as connection:
        gone = image_name(OPEN, 1)
        key = connection.execute(t.levels.select().where(t.levels.c.image == gone)).first()
        connection.execute(
            update(t.objects).where(t.objects.c.key == key.object).values(header=None)
        )
        bump(connection, Epoch.ERASURE)
        connection.execute(delete(t.tokens))

    assert client.get(DOOR).headers["etag"] != before
    assert gone not in rows()
    kept = list((node.settings.cache / "snapshot").iterdir())
    assert len(kept) == 1, "what names the erased is gone from the node's folder too"


def test_a_part_of_the_file_may_be_asked_for(client):
    answer = client.get(DOOR, headers={"Range": "bytes=0-3"})

    assert (answer.status_code, answer.content) == (206, b"PAR1")


@pytest.fixture
def url(node):
    with served(build(node)) as place:
        yield f"http://{place}"


def test_the_client_takes_it_once(url, tmp_path):
    first = bigpicture.snapshot(url, folder=tmp_path)
    written = first.path.stat().st_mtime_ns
    second = snapshot(url, folder=tmp_path)

    assert (first.is_fresh, second.is_fresh) == (True, True)
    assert second.path == first.path
    assert second.path.stat().st_mtime_ns == written
    assert second.pyarrow().count_rows() == 3


@pytest.mark.skipif(find_spec("duckdb") is None, reason="duckdb is not installed")
def test_duckdb_reads_it(url, tmp_path):
    taken = snapshot(url, folder=tmp_path)

    found = taken.duckdb().filter("list_contains(organ, 'Liver') AND width >= 200")
    assert found.aggregate("count(*)").fetchall() == [(3,)]
    diagnoses = import_module("duckdb").sql(
        f"SELECT unnest(confirmed) AS it, count(*) FROM '{taken.path}' GROUP BY it"
    )
    assert diagnoses.fetchall() == [("Adenoma", 1)]
    assert type(taken.open()) is type(taken.duckdb())


def test_without_any_reader_it_says_what_to_install(url, tmp_path, monkeypatch):
    monkeypatch.setattr(client_snapshot, "find_spec", lambda _: None)

    with pytest.raises(SettingsError, match="pip install duckdb"):
        snapshot(url, folder=tmp_path).open()


def test_without_a_connection_the_one_before_is_given(node, tmp_path, monkeypatch):
    monkeypatch.setattr("bigpicture.client.node._PATIENCE", ())
    with served(build(node)) as place:
        taken = snapshot(f"http://{place}", folder=tmp_path)
    offline = snapshot(f"http://{place}", folder=tmp_path)

    assert (offline.path, offline.tag, offline.is_fresh) == (taken.path, taken.tag, False)
    with pytest.raises(UnreachedError):
        snapshot(f"http://{place}", folder=tmp_path / "other")


def answering(body):
    """A server that answers everything with this."""

    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            for _ in range(2):
                await send({"type": (await receive())["type"] + ".complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return application


def test_what_is_no_node_is_told(tmp_path):
    with (
        served(answering(b"<html>hello</html>")) as place,
        pytest.raises(UnknownError, match="no snapshot"),
    ):
        snapshot(f"http://{place}", folder=tmp_path)
    assert not list(tmp_path.glob("*.parquet"))


def test_a_file_cut_short_is_never_kept(tmp_path):
    with (
        served(answering(b"PAR1 and then no more")) as place,
        pytest.raises(IntegrityError, match="cut short"),
    ):
        snapshot(f"http://{place}", folder=tmp_path)
    assert not list(tmp_path.iterdir())
