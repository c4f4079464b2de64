"""A node that takes identified slides: the dataset is published, and nothing of anyone is left."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from bigpicture.app.open import open_stores
from bigpicture.phantom.identity import identity
from bigpicture.storage.records.tables import METADATA, objects
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
    said |= {str(path): path.read_bytes() for path in node.data.rglob("*") if path.is_file()}
    return [
        (name, planted)
        for name, data in said.items()
        for planted in PLANTED
        if planted.encode() in data or planted in name
    ]


def actions(node):
    with node.client() as client:
        items = client.get("/api/v1/events", params={"limit": 200}).json()["items"]
    return [each["action"] for each in items]


def test_published_and_the_source_destroyed(make_node, folder, tmp_path):
    node = make_node(intake="identified")
    told = node.submit(folder, tmp_path / "site", "--identified")
    assert "Published" in told.stderr
    assert actions(node).count("source:destroy") == 1
    assert traces(node) == []
    assert list((node.data / "tmp").iterdir()) == []


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
