"""Huffman tables that are left out are those of the standard: frames are whole without them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import simplejpeg

from bigpicture.dicom.frame_digest import FrameDigest, Kind
from bigpicture.dicom.huffman import segments
from bigpicture.dicom.jpeg import Splicer, read_head
from bigpicture.dicom.standard_tables import STANDARD, standard_segments
from slide_making import pattern

_HUFFMAN = 0xC4


def _without(stream: bytes, names: set[int]) -> bytes:
    """The stream without these tables: each has a segment of its own, as libjpeg writes them."""
    for name in names:
        at = stream.index(
            bytes([0xFF, _HUFFMAN, *struct.pack(">H", len(STANDARD[name]) + 2), name])
        )
        stream = stream[:at] + stream[at + 4 + len(STANDARD[name]) :]
    return stream


@pytest.fixture
def stream() -> bytes:
    return simplejpeg.encode_jpeg(pattern(64, 64), 90, "RGB", "420")


def test_they_are_those_that_libjpeg_writes(stream):
    written = {
        content[0]: content
        for marker, content in segments(read_head(stream, place="made").tables)
        if marker == _HUFFMAN
    }
    assert written == STANDARD
    assert standard_segments([0x05]) == b""


@pytest.mark.parametrize("names", [{0x00}, {0x11}, set(STANDARD)])
def test_a_frame_has_what_its_stream_left_out(stream, names):
    short = _without(stream, names)
    frame = Splicer(b"", is_rgb=False, columns=64, rows=64).splice(short, place="made")
    whole = frame.head + bytes(frame.body)
    given = [content[0] for marker, content in segments(read_head(whole, place="made").tables)
             if marker == _HUFFMAN]  # fmt: skip
    assert sorted(given) == sorted(STANDARD)
    assert np.array_equal(simplejpeg.decode_jpeg(whole), simplejpeg.decode_jpeg(stream))
    digest = FrameDigest(Kind.JPEG).digest
    assert digest(whole) == digest(short) == digest(stream)


def test_tables_of_its_own_are_kept(stream):
    """Of another order of symbols, the digest is another."""
    short = _without(stream, {0x00})
    other = bytearray(STANDARD[0x00])
    other[17], other[18] = other[18], other[17]
    own = short[:2] + b"\xff\xc4" + struct.pack(">H", len(other) + 2) + bytes(other) + short[2:]
    frame = Splicer(b"", is_rgb=False, columns=64, rows=64).splice(own, place="made")
    assert bytes(other) in frame.head
    assert STANDARD[0x00] not in frame.head
    digest = FrameDigest(Kind.JPEG).digest
    assert digest(own) != digest(short)
