"""Headers: opened by their recipients alone, and refused when anything is odd."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.header import header_size, read_header, write_header
from bigpicture.sealing.keys import make_key_pair

NODE, READER, STRANGER = (make_key_pair() for _ in range(3))
DATA_KEY = bytes(range(32))
HEADER = write_header(DATA_KEY, [NODE.public, READER.public])


def test_the_layout_is_the_standards():
    """Crypt4GH 1.0, section 3: 16 bytes, then 108 for each recipient of a data key."""
    assert HEADER[:16] == b"crypt4gh" + struct.pack("<II", 1, 2)
    assert len(HEADER) == 16 + 2 * 108
    assert HEADER[16:24] == struct.pack("<II", 108, 0)


def test_recipients_open_it_and_no_one_else():
    assert read_header(HEADER, NODE) == DATA_KEY
    assert read_header(HEADER, READER) == DATA_KEY
    with pytest.raises(IntegrityError, match="not sealed for this key"):
        read_header(HEADER, STRANGER)


def test_the_header_ends_where_it_says():
    assert header_size(HEADER + b"body") == len(HEADER)
    with pytest.raises(IntegrityError, match="something follows"):
        read_header(HEADER + b"body", NODE)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"", "cut short"),
        (HEADER[:15], "cut short"),
        (HEADER[:-1], "cut short"),
        (b"Crypt4GH" + HEADER[8:], "not a Crypt4GH header"),
        (HEADER[:8] + struct.pack("<I", 2) + HEADER[12:], "of version 1"),
        (HEADER[:12] + struct.pack("<I", 1000) + HEADER[16:], "more than 256"),
        (HEADER[:16] + struct.pack("<I", 0) + HEADER[20:], "damaged"),
        (HEADER[:16] + struct.pack("<I", 0xFFFFFFFF) + HEADER[20:], "damaged"),
        (b"crypt4gh" + struct.pack("<II", 1, 0), "not sealed for this key"),
    ],
)
def test_damage_is_told(header, told):
    with pytest.raises(IntegrityError, match=told):
        read_header(header, NODE)


@given(st.integers(0, len(write_header(DATA_KEY, [NODE.public])) - 1), st.integers(1, 255))
def test_no_changed_byte_yields_another_key(place, change):
    header = bytearray(write_header(DATA_KEY, [NODE.public]))
    header[place] ^= change
    with pytest.raises(IntegrityError):
        read_header(bytes(header), NODE)


@given(st.binary(max_size=400))
def test_noise_is_refused_and_nothing_worse(noise):
    for header in (noise, HEADER[:16] + noise):
        with pytest.raises(IntegrityError):
            read_header(header, NODE)


def test_a_public_key_of_low_order_is_refused():
    """RFC 7748, section 6.1: the all-zero agreement is to be refused."""
    header = bytearray(write_header(DATA_KEY, [NODE.public]))
    header[24:56] = bytes(32)
    with pytest.raises(IntegrityError):
        read_header(bytes(header), NODE)
