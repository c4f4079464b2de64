"""Multipart bodies, however they are cut on their way."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.api.multipart_read import MultipartReader
from bigpicture.api.problem import MalformedError

BOUNDARY = "--bound"
HARD = [b"", b"\r\n", b"\r\n----boun", b"\r\n--", b"--" * 9, b"\r\n----boundless"[:12], b"x" * 300]


def written(parts):
    """As RFC 2046 5.1.1 writes it."""
    lead = b"--" + BOUNDARY.encode()
    return (
        b"".join(lead + b"\r\nA: b\r\n\r\n" + part + b"\r\n" for part in parts) + lead + b"--\r\n"
    )


def read(data, size):
    async def chunks():
        for start in range(0, len(data), size):
            yield data[start : start + size]

    async def everything():
        reader, found = MultipartReader(chunks(), BOUNDARY), []
        while (headers := await reader.next()) is not None:
            assert headers == {"a": "b"}
            found.append(b"".join([piece async for piece in reader.pieces()]))
        return found

    return asyncio.run(everything())


@given(st.lists(st.sampled_from(HARD) | st.binary(max_size=80), max_size=4), st.integers(1, 40))
def test_parts_come_as_they_were_written(parts, size):
    parts = [part for part in parts if b"\r\n--" + BOUNDARY.encode() not in b"\r\n" + part]
    assert read(written(parts), size) == parts


@given(st.integers(0, 60))
def test_a_body_that_is_cut_is_never_taken_for_whole(length):
    whole = written([b"one", b"two"])
    with pytest.raises(MalformedError):
        read(whole[: min(length, len(whole) - 4)], 7)


def test_what_pythons_own_writer_makes():
    message = EmailMessage()
    message.make_related()
    message.set_boundary(BOUNDARY)
    part = EmailMessage()
    part["A"] = "b"
    part.set_payload("text")
    message.attach(part)
    text = message.as_bytes().replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[2]
    assert read(text, 5) == [b"text"]
