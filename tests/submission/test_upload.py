"""Bytes arrive part by part; whatever happens on the way, the offset tells the truth."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.model.errors import BigpictureError, ConflictError, LimitError, UnknownError
from bigpicture.submission.files import file_of, open_file
from bigpicture.submission.receive import close_submission
from bigpicture.submission.upload import append
from published import add_person
from submitting import body_of, opened, rows, send, sent

PATH = "METADATA/dataset.xml"


def upload_of(stores, person, data, alias="dataset-1"):
    return rows(stores, opened(stores, person, {PATH: data}, alias=alias))[PATH]


def read(stores, file):
    source = open_file(stores, file_of(stores, file))
    return source.read(0, source.size)


def test_parts_make_the_file(stores, contributor):
    data = bytes(range(256)) * 1000
    file = upload_of(stores, contributor, data)
    assert send(stores, contributor, file.id, data[:100]) == 100
    assert send(stores, contributor, file.id, data[100:], offset=100) == len(data)
    assert read(stores, file.id) == data


def test_what_came_before_the_connection_broke_is_kept(stores, contributor):
    """Else a line that breaks before each whole part would never get a file across."""
    data = b"x" * 100_000
    file = upload_of(stores, contributor, data)
    with pytest.raises(OSError, match="broke"):
        send(stores, contributor, file.id, data[:10], OSError("the line broke"))
    assert file_of(stores, file.id).size == len(data)
    assert send(stores, contributor, file.id, data[10:], offset=10) == len(data)


def test_two_at_once_write_once(stores, contributor):
    data = b"a" * 300_000
    file = upload_of(stores, contributor, data)

    async def twice():
        one = append(stores, contributor, file.id, offset=0, body=body_of(data))
        two = append(stores, contributor, file.id, offset=0, body=body_of(data))
        return await asyncio.gather(one, two, return_exceptions=True)

    outcomes = asyncio.run(twice())
    assert {type(one) for one in outcomes} <= {int, ConflictError}
    at = rows(stores, file.submission)[PATH].received
    if at < len(data):  # each took some parts from the other
        send(stores, contributor, file.id, data[at:], offset=at)
    assert read(stores, file.id) == data
    with stores.records.read() as connection:
        assert set(stores.vault.owned_by(connection, file.submission).values()) == {"durable"}


def test_a_wrong_offset_is_told_the_right_one(here, contributor):
    file = upload_of(here, contributor, b"abc")
    with pytest.raises(ConflictError, match="byte 0"):
        send(here, contributor, file.id, b"c", offset=2)


def test_more_than_announced_is_refused(here, contributor):
    file = upload_of(here, contributor, b"abc")
    with pytest.raises(LimitError):
        send(here, contributor, file.id, b"abcd")
    assert rows(here, file.submission)[PATH].received == 0


def test_nothing_is_added_once_the_node_works_on_it(here, contributor):
    accession, _ = sent(here, contributor, {PATH: b"abc"})
    with pytest.raises(ConflictError):
        send(here, contributor, rows(here, accession)[PATH].id, b"d", offset=3)


def test_not_complete_while_a_part_is_under_way(here, contributor):
    file = upload_of(here, contributor, b"abc")

    async def body():
        yield b"ab"
        with pytest.raises(ConflictError, match="not arrived"):
            close_submission(here, contributor, file.submission)
        yield b"c"

    asyncio.run(append(here, contributor, file.id, offset=0, body=body()))
    assert close_submission(here, contributor, file.submission) == 1


def test_another_person_finds_nothing(here, contributor):
    file = upload_of(here, contributor, b"abc")
    other, _ = add_person(here, "other", "contributor")
    with pytest.raises(UnknownError):
        send(here, other, file.id, b"abc")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), max_size=6))
def test_however_it_is_cut_and_broken_the_bytes_are_the_same(here, contributor, cuts):
    data = secrets.token_bytes(200_000)
    file = upload_of(here, contributor, data, alias=secrets.token_hex(8))
    at = 0
    for length, breaks in [*cuts, (200_000, False)]:
        pieces = [data[at : at + length], *([OSError()] if breaks else [])]
        with suppress(OSError, BigpictureError):
            send(here, contributor, file.id, *pieces, offset=at)
        at = rows(here, file.submission)[PATH].received
    assert read(here, file.id) == data
