"""Once a subject is erased, no door gives anything of it: not from memory, not as unchanged."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select

from bigpicture.api import file_answer, still
from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.sealing.open import RangeOpener
from bigpicture.storage.records import tables as t
from bigpicture.submission.erase_subject import erase_subject
from bigpicture.vault.subject import Subject
from published import (
    OPEN,
    Client,
    image_name,
    instance_uid,
    make_stores,
    named_series,
    publish_anew,
    served,
)

IMAGE, OTHER = image_name(OPEN, 0), image_name(OPEN, 1)
NAMED = named_series(OPEN, 0)
STUDY = f"/dicomweb/studies/{NAMED['StudyInstanceUID']}"
SERIES = f"{STUDY}/series/{NAMED['SeriesInstanceUID']}"
INSTANCE = f"{SERIES}/instances/{instance_uid(OPEN, 0, 0)}"
BY_NAME = tuple(
    INSTANCE + tail
    for tail in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail", "/frames/1/rendered")
)
"""Doors that find an image by its names, which go with it."""
DOORS = (
    f"/tiles/{IMAGE}/0/0_0",
    f"/tiles/{IMAGE}/0/0_0-1_1",
    f"/tiles/{IMAGE}/1/0_0",
    f"/iiif/3/{IMAGE}/info.json",
    f"/iiif/3/{IMAGE}/full/max/0/default.jpg",
    f"/iiif/3/{IMAGE}/0,0,50,50/25,25/0/default.png",
    f"/regions/{IMAGE}?region=0,0,40,40&size=20,20",
    f"/deepzoom/{IMAGE}.dzi",
    f"/deepzoom/{IMAGE}_files/8/0_0.jpg",
    f"/api/v1/images/{IMAGE}/thumbnail",
    f"/files/{OPEN}/openzz-0-0",
)
"""Every door to pixels."""


@pytest.fixture
def stores(tmp_path, monkeypatch):
    """The first image is of a being of its own; the rest are as always."""
    made = make_stores(tmp_path / "data")
    keep = made.vault.keep
    number = iter(range(100))

    def as_of_one(chunks, *, owner, subjects=()):
        mine = owner == OPEN and next(number) < 5  # two levels, two indexes, one thumbnail
        subject = Subject.being("being 0" if mine else "another")
        return keep(chunks, owner=owner, subjects=[subject])

    monkeypatch.setattr(
        type(made.vault), "keep", lambda _, *given, **more: as_of_one(*given, **more)
    )
    publish_anew(made)
    yield made
    made.records.close()


def being(stores):
    with stores.records.read() as connection:
        return connection.scalar(select(t.beings.c.accession).where(t.beings.c.dataset == OPEN))


def test_every_door_of_every_process_says_gone(stores):
    nodes = [Node.open(stores, start_work=lambda _: None) for _ in range(2)]  # two processes
    with Client(build(nodes[0])) as one, Client(build(nodes[1])) as two:
        tags = {}
        for client in (one, two):
            for door in DOORS:
                answer = client.get(door)
                assert answer.status_code == 200, (door, answer.text)
                tags[door] = answer.headers.get("etag")
        for client in (one, two):
            for door in BY_NAME:
                assert client.get(door).status_code == 200, door
            assert len(client.get(f"{STUDY}/instances").json()) > 2
        others = one.get(f"/tiles/{OTHER}/0/0_0").content
        erase_subject(stores, being(stores), reason="test")
        for node in nodes:
            node.epochs.outdate()  # as after FRESH_SECONDS
        for client in (one, two):
            assert client.get("/healthz").status_code == 200
            for door in DOORS:
                again = {"if-none-match": tags[door]} if tags[door] else {}
                first = client.get(door, headers=again)
                assert first.status_code in (304, 410)  # 304: asked before the epoch was read
                for headers in ({}, again):
                    answer = client.get(door, headers=headers)
                    assert answer.status_code == 410, (door, headers, answer.status_code)
                    told = answer.json()
                    assert told["title"] == "Erased"
                    assert "key of its subject was destroyed" in told["detail"]
            assert client.get(f"/tiles/{OTHER}/0/0_0").content == others
        for client in (one, two):
            for door in BY_NAME:
                assert client.get(door).status_code in (404, 410), door
            found = client.get("/dicomweb/instances").text
            assert instance_uid(OPEN, 0, 0) not in found
            assert instance_uid(OPEN, 1, 0) in found
        listed = one.get(f"/api/v1/datasets/{OPEN}/files").json()["items"]
    assert not [each for each in listed if each["path"].startswith("IMAGES/IMAGE_image 0/")]
    assert [each for each in listed if each["path"].startswith("IMAGES/IMAGE_image 1/")]


def test_a_file_that_is_going_out_breaks_off(stores, monkeypatch):
    monkeypatch.setattr(still, "SECONDS", 0.0)
    monkeypatch.setattr(file_answer, "PIECE", 1 << 10)
    node = Node.open(stores, start_work=lambda _: None)
    read = []

    async def erased_in_the_middle(self, offset, length):
        read.append(offset)
        if len(read) == 3:
            await asyncio.to_thread(erase_subject, stores, being(stores), reason="test")
            node.epochs.outdate()
        return self.read(offset, length)

    monkeypatch.setattr(RangeOpener, "aread", erased_in_the_middle)
    with served(build(node)) as place, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://{place}/files/{OPEN}/openzz-0-0")
    assert len(read) == 3
