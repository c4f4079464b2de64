"""Tiles from a store across a network that is slow, busy, cut off or damaged."""

import time
from dataclasses import replace

import pytest

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.sealing import open as sealing_open
from bigpicture.sealing.keys import make_key_pair
from bigpicture.storage.objects import Objects
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.vault import Vault
from bigpicture.viewing import tiles
from faulty_store import between
from published import OPEN, Client, image_name, make_stores, publish_two

IMAGE = image_name(OPEN, 0)
TILE = f"/tiles/{IMAGE}/0/1_2"


@pytest.fixture
def afar(tmp_path, s3_url, s3_endpoint):
    """Doors over a published slide whose objects lie behind a way that can fail."""
    with between(s3_endpoint) as (address, fault):
        here = make_stores(tmp_path / "data")
        settings = here.settings.model_copy(
            update={"tile_cache_bytes": 0, "segment_cache_bytes": 0}
        )
        pair = make_key_pair()
        key_store = KeyStore(Objects(here.settings.key_store_url), pair)
        afar = Objects(s3_url, endpoint=address)
        vault = Vault(here.records, afar, pair, key_store, memory_bytes=0)
        stores = replace(here, settings=settings, vault=vault)
        frames = publish_two(stores)
        node = Node.open(stores, start_work=lambda accession: None)
        with Client(build(node)) as client:
            yield client, fault, frames[IMAGE, 0][9].rstrip(b"\0")
        here.records.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(sealing_open, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(tiles, "PATIENCE_SECONDS", 0.5)


@pytest.mark.parametrize(
    ("kind", "is_open"),
    [(kind, is_open) for kind in ("503", "hangs", "cut", "flipped") for is_open in (True, False)]
    + [("old", True)],
)
def test_a_bad_answer_is_told_and_nothing_of_it_stays(afar, kind, is_open):
    client, fault, frame = afar
    if is_open:
        assert client.get(TILE).content.rstrip(b"\0") == frame
        if kind == "old":
            paths = [each.partition(" ")[2].partition("?")[0] for each in fault.asked]
            fault.old = dict.fromkeys(paths, b"what lay here last week, and is long replaced")
    fault.kind, fault.seconds = kind, 1.5 if kind == "hangs" else 0.0
    began = time.monotonic()
    answer = client.get(TILE)
    assert time.monotonic() - began < 2
    assert answer.status_code in (500, 503)
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").status_code in (200, 503)
    fault.kind, fault.seconds = "", 0.0
    deadline = time.monotonic() + 10
    while client.get(TILE).status_code != 200:  # what was under way comes to its end
        assert time.monotonic() < deadline
    assert client.get(TILE).content.rstrip(b"\0") == frame


def test_a_slow_store_is_waited_for_and_others_are_served(afar):
    client, fault, frame = afar
    client.get(TILE)
    fault.seconds = 0.2
    assert client.get(TILE).content.rstrip(b"\0") == frame
    before = len(fault.asked)
    assert client.get(f"/api/v1/images/{IMAGE}").status_code == 200
    assert len(fault.asked) == before


def test_a_block_costs_few_requests(afar):
    client, fault, _ = afar
    client.get(TILE)
    before = len(fault.asked)
    assert client.get(f"/tiles/{IMAGE}/0/0_0-3_2").content.count(b"Content-Location") == 12
    assert len(fault.asked) - before == 1  # this level is one segment
