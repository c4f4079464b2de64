"""What was stored over DICOMweb becomes a published dataset once its metadata are there."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bigpicture.storage.records import tables as t
from bigpicture.submission.arrive import Arrival
from bigpicture.submission.receive import close_submission
from submitting import ingested, opened, rows, send


async def in_pieces(data):
    for start in range(0, len(data), 10_000):
        yield data[start : start + 10_000]


def test_from_the_store_to_publication_without_sending_a_pixel_twice(
    stores, contributor, clean_contents
):
    """The metadata call the image as they like; the files are known by their digests."""
    slides = {path: data for path, data in clean_contents.items() if path.endswith(".dcm")}
    arrival = Arrival(stores, contributor, alias="dataset-1", study=None)
    for data in slides.values():
        outcome = asyncio.run(arrival.take(in_pieces(data)))
        assert outcome.reason is None
    accession = opened(stores, contributor, clean_contents)
    waiting = rows(stores, accession)
    assert set(waiting) == set(clean_contents)
    for path, row in waiting.items():
        assert row.received == (row.size if path in slides else 0)
        if path not in slides:
            send(stores, contributor, row.id, clean_contents[path])
    attempt = close_submission(stores, contributor, accession)
    row = ingested(stores, accession, attempt)
    assert row.state == "published", row.problem
    with stores.records.read() as connection:
        objects = connection.scalars(select(t.levels.c.object)).all()
    assert {stores.vault.read(key) for key in objects} == set(slides.values())


def test_other_bytes_do_not_move(stores, contributor, clean_contents):
    path, data = next(each for each in clean_contents.items() if each[0].endswith(".dcm"))
    arrival = Arrival(stores, contributor, alias="dataset-1", study=None)
    asyncio.run(arrival.take(in_pieces(data)))
    accession = opened(stores, contributor, {path: data[:-1], "METADATA/dataset.xml": b"<x/>"})
    assert {each.received for each in rows(stores, accession).values()} == {0}


def test_one_instance_is_in_one_place(stores, contributor, clean_contents):
    """Announced twice, it moves to the first place; the other waits for its bytes."""
    data = next(data for path, data in clean_contents.items() if path.endswith(".dcm"))
    arrival = Arrival(stores, contributor, alias="dataset-1", study=None)
    asyncio.run(arrival.take(in_pieces(data)))
    places = {f"IMAGES/IMAGE_{name}/level-0.dcm": data for name in ("a", "b")}
    accession = opened(stores, contributor, places)
    received = {path: row.received for path, row in rows(stores, accession).items()}
    assert received == dict(zip(places, (len(data), 0), strict=True))
