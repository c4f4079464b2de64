"""A node that takes identified slides: the dataset is published, and nothing of anyone is left."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sqlite3
from contextlib import ExitStack, closing

import pytest
from sqlalchemy import create_engine, inspect, select, text

from bigpicture.app.open import open_stores
from bigpicture.phantom.identity import identity
from bigpicture.storage.records.tables import METADATA, objects
from running import PASSWORD, settled
from small_dataset import IMAGE, write_dataset

NAME = "Rabenhorst"
PLANTED = [NAME, *(str(each) for each in vars(identity(5)).values() if len(str(each)) > 5)]


@pytest.fixture
def folder(tmp_path):
    """Label, tags and the very name of the file tell names."""
    root = write_dataset(tmp_path, side=600, seed=5)
    (root / IMAGE / "slide.svs").rename(root / IMAGE / f"{NAME}.svs")
    listing = root / "METADATA/image.xml"
    listing.write_text(listing.read_text().replace("slide.svs", f"{NAME}.svs"))
    data = (root / IMAGE / f"{NAME}.svs").read_bytes()
    assert [each for each in PLANTED[1:] if each.encode() in data]
    return root


def forms(planted):
    """A text as it could lie somewhere: in the usual codings, base64 (at any of the three offsets
    at which it can begin, without the letters that its neighbours share) and hexadecimal."""
    plain = planted.encode()
    found = [plain, planted.encode("utf-16-le"), planted.encode("utf-16-be")]
    for lead in range(3):
        coded = base64.b64encode(bytes(lead) + plain).rstrip(b"=")
        found.append(coded[(0, 2, 3)[lead] : len(coded) - 1])
    return [*found, plain.hex().encode(), plain.hex().upper().encode()]


FORMS = [(planted, form) for planted in PLANTED for form in forms(planted)]


def lying(said):
    """Which of `said` (name to bytes) hold something planted, in any form."""
    return [
        (name, planted)
        for name, data in said.items()
        for planted, form in FORMS
        if form in data or planted in name
    ]


def files_in(folder):
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of_workflows(url):
    """Every row of the durable workflows' own tables, wherever they lie."""
    engine = create_engine(url)
    try:
        found = inspect(engine)
        schema = "dbos" if engine.dialect.name == "postgresql" else None
        with engine.connect() as connection:
            return {
                name: repr(
                    connection.execute(
                        text(f'SELECT * FROM {f"{schema}." if schema else ""}"{name}"')
                    ).all()
                ).encode()
                for name in found.get_table_names(schema=schema)
            }
    finally:
        engine.dispose()


def traces(node):
    """Everything planted that lies in a row, an opened object, a log or any file of the node."""
    stores = open_stores(node.settings)
    try:
        with stores.records.read() as connection:
            said = {
                name: repr(connection.execute(select(table)).all()).encode()
                for name, table in METADATA.tables.items()
            }
            kept = connection.scalars(select(objects.c.key).where(objects.c.header.is_not(None)))
            said |= {key: stores.vault.read(key) for key in kept.all()}
    finally:
        stores.records.close()
    workflows = rows_of_workflows(node.settings.workflows_url)
    assert workflows
    return lying(said | workflows | files_in(node.data))


def test_the_search_finds_each_form_among_other_bytes():
    for planted, form in FORMS:
        assert (("x", planted)) in lying({"x": b"\0ab" + form + b"cd\0"})
    for lead in range(5):
        coded = base64.b64encode(b"z" * lead + NAME.encode() + b"zz")
        assert lying({"x": coded}) == [("x", NAME)]
    assert lying({"x": b"nothing", "y": NAME.encode()[:-1]}) == []


def actions(node):
    with node.client() as client:
        items = client.get("/api/v1/events", params={"limit": 200}).json()["items"]
    return [each["action"] for each in items]


READERS = ("reader one", "reader two")


@pytest.fixture
def readers(make_node):
    """A node that takes identified slides, and two stewards beside the one who submits."""
    node = make_node(intake="identified")
    with node.client() as client:
        for name in READERS:
            person = {"name": name, "roles": ["steward"], "password": PASSWORD}
            assert client.post("/api/v1/people", json=person).status_code == 201
    return node


def waiting(node, folder, site):
    """Submit; returns the accession of what waits."""
    told = node.submit(folder, site, "--identified")
    assert "Waiting for review (0 of 2" in told.stderr
    with node.client() as client:
        return client.get("/api/v1/submissions").json()["items"][0]["accession"]


def decided(node, name, accession, **given):
    """Read the review as a browser does, and answer it; returns what was read and the answer."""
    with node.client(name) as client:
        door = f"/api/v1/submissions/{accession}/review"
        read = client.get(door).json()
        body = {"decision": "release", "digest": read["digest"], **given}
        return read, client.post(door, json=body)


def backed_up(node, folder):
    """A backup as docs/operate.md tells: the databases by SQLite, then the objects."""
    folder.mkdir()
    for name in ("records", "workflows"):
        with ExitStack() as opened:
            live = opened.enter_context(closing(sqlite3.connect(node.data / f"{name}.sqlite")))
            copy = opened.enter_context(closing(sqlite3.connect(folder / f"{name}.sqlite")))
            live.backup(copy)
    shutil.copytree(node.data / "objects", folder / "objects")
    return folder


def test_published_and_the_source_destroyed(readers, folder, tmp_path):
    node = readers
    accession = waiting(node, folder, tmp_path / "site")
    assert actions(node).count("source:destroy") == 1
    with node.client() as client:
        assert decided(node, "steward", accession)[1].status_code == 403
    read, answer = decided(node, READERS[0], accession)
    assert answer.json() == {"state": "reviewing", "released": 1, "needed": 2}
    image = read["items"][0]
    assert image["format"] == "aperio-svs"
    assert image["report"]["scan"]["findings"] == 0
    assert image["report"]["by_action"]["drop"] > 0
    left_out = {each["flavour"]: each["why"] for each in image["report"]["left_out"]}
    assert left_out["label"] == "a label is never carried over"
    assert lying({"review": repr(read).encode()}) == []
    with node.client(READERS[1]) as client:
        assert client.get(image["preview"]).content[:2] == b"\xff\xd8"
    node.kill()
    node.start()
    again = node.submit(folder, tmp_path / "site", "--identified")
    assert "Waiting for review (1 of 2" in again.stderr
    assert decided(node, READERS[1], accession)[1].status_code == 200
    with node.client() as client:
        assert settled(client, accession)["state"] == "published"
    assert actions(node).count("review:release") == 2
    assert traces(node) == []
    assert list((node.data / "tmp").iterdir()) == []
    assert lying(files_in(backed_up(node, tmp_path / "backup"))) == []


def test_refused_in_review_and_nothing_is_left(readers, folder, tmp_path):
    node = readers
    accession = waiting(node, folder, tmp_path / "site")
    _, answer = decided(node, READERS[0], accession, decision="refuse")
    assert answer.status_code == 422
    _, answer = decided(node, READERS[0], accession, decision="refuse", reason="identifying")
    assert answer.json()["state"] == "refused"
    assert [path for path in (node.data / "objects").rglob("*") if path.is_file()] == []
    assert traces(node) == []


def test_refused_and_the_source_destroyed(make_node, folder, tmp_path):
    node = make_node(intake="identified")
    slide = folder / IMAGE / f"{NAME}.svs"
    before = hashlib.sha256(slide.read_bytes()).hexdigest()
    slide.write_bytes(slide.read_bytes()[:-40_000])
    after = hashlib.sha256(slide.read_bytes()).hexdigest()
    listing = folder / "METADATA/image.xml"
    listing.write_text(listing.read_text().replace(before, after))
    told = node.submit(folder, tmp_path / "site", "--identified", check=False)
    assert told.returncode == 1
    assert "Refused" in told.stderr
    assert NAME not in told.stderr
    assert actions(node).count("source:destroy") == 1
    assert traces(node) == []


def test_by_default_no_scanner_file_leaves_the_site(node, folder, tmp_path):
    told = node.submit(folder, tmp_path / "site", "--identified", check=False)
    assert told.returncode == 1
    assert "intake" in told.stderr
    assert traces(node) == []
