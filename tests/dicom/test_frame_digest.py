"""The digest of a frame: what changes it and what does not, and one worked out by hand."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from blake3 import blake3

from bigpicture.dicom.frame_digest import FrameDigest, Kind
from bigpicture.model.errors import IntegrityError

PICTURE = np.random.default_rng(7).integers(0, 255, (32, 48, 3), np.uint8)
JPEG = simplejpeg.encode_jpeg(PICTURE, 90)
EOI = b"\xff\xd9"


def digest(stream, kind=Kind.JPEG, tables=b""):
    return FrameDigest(kind, tables).digest(stream)


def segments(stream):
    """Marker and payload of each segment up to the scan, and what follows its header (T.81 B.1)."""
    found, at = [], 2
    while True:
        marker, length = struct.unpack_from(">HH", stream, at)
        found.append((marker & 0xFF, stream[at + 4 : at + 2 + length]))
        at += 2 + length
        if marker == 0xFFDA:
            return found, stream[at:]


def joined(parts):
    return b"".join(
        struct.pack(">HH", 0xFF00 | marker, len(body) + 2) + body for marker, body in parts
    )


def test_bytes_are_digested_as_blake3_publishes():
    # The first of the test vectors that the authors of BLAKE3 publish: of no bytes.
    assert digest(b"", Kind.BYTES).hex() == (
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    )


def test_a_jpeg_is_digested_as_written_down():
    """The definition, followed by hand for a stream of one frame with tables of its own."""
    parts, coded = segments(JPEG)
    one = {marker: body for marker, body in parts if marker in {0xC0, 0xDA}}
    quantisation = {body[0] & 15: body for marker, body in parts if marker == 0xDB}
    huffman = {}
    for body in (body for marker, body in parts if marker == 0xC4):
        while body:
            size = 17 + sum(body[1:17])
            huffman[body[0]], body = body[:size], body[size:]
    wanted = [b"JPEG", b"\xc0" + one[0xC0], struct.pack(">H", 0), one[0xDA]]
    wanted += [bytes([number]) + quantisation[number] for number in sorted(quantisation)]
    wanted += [bytes([number]) + huffman[number] for number in sorted(huffman)]
    key = blake3(b"".join(struct.pack(">I", len(each)) + each for each in wanted)).digest()
    assert coded.endswith(EOI)
    assert digest(JPEG) == blake3(coded[:-2], key=key).digest()


def test_every_byte_of_the_coded_data_counts():
    _, coded = segments(JPEG)
    start = len(JPEG) - len(coded)
    seen = {digest(JPEG)}
    for at in range(start, len(JPEG) - 2):
        changed = bytearray(JPEG)
        changed[at] ^= 1
        seen.add(digest(bytes(changed)))
    assert len(seen) == len(coded) - 2 + 1


@pytest.mark.parametrize("marker", [0xC0, 0xC4, 0xDA, 0xDB])
def test_headers_and_tables_count(marker):
    parts, coded = segments(JPEG)
    number = next(n for n, part in enumerate(parts) if part[0] == marker)
    body = bytearray(parts[number][1])
    body[-1] ^= 1
    parts[number] = (marker, bytes(body))
    assert digest(b"\xff\xd8" + joined(parts) + coded) != digest(JPEG)


def test_where_tables_stand_and_what_is_said_beside_does_not_count():
    parts, coded = segments(JPEG)
    tables = [part for part in parts if part[0] in {0xC4, 0xDB}]
    rest = [part for part in parts if part not in tables and part[0] < 0xE0]
    shared = b"\xff\xd8" + joined(tables) + EOI
    abbreviated = b"\xff\xd8" + joined(rest) + coded
    assert digest(abbreviated, tables=shared) == digest(JPEG)
    told = [(0xE1, b"Exif\0\0invented"), (0xFE, b"invented"), *parts]
    assert digest(b"\xff\xd8" + joined(told) + coded) == digest(JPEG)
    assert digest(JPEG + b"\0") == digest(JPEG)


def test_one_digest_for_many_frames_is_that_of_each():
    other = simplejpeg.encode_jpeg(PICTURE[::-1].copy(), 60)
    many = FrameDigest(Kind.JPEG)
    assert [many.digest(each) for each in (JPEG, other, JPEG)] == [
        digest(JPEG), digest(other), digest(JPEG)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "stream"),
    [
        (Kind.JPEG_2000, imagecodecs.jpeg2k_encode(PICTURE, codecformat="j2k", level=0)),
        (Kind.JPEG_LS, imagecodecs.jpegls_encode(PICTURE)),
    ],
)
def test_of_other_streams_the_last_byte_counts_and_a_comment_does_not(kind, stream):
    stream = bytes(stream)
    end = stream.rindex(EOI)
    changed = stream[: end - 1] + bytes([stream[end - 1] ^ 1]) + stream[end:]
    assert digest(changed, kind) != digest(stream, kind)
    body = b"\0\1invented"
    comment = b"\xff\x64" if kind is Kind.JPEG_2000 else b"\xff\xfe"
    size = struct.unpack_from(">H", stream, 4)[0] if kind is Kind.JPEG_2000 else -2
    at = 4 + size  # after SIZ, or right after the start of the image
    told = stream[:at] + comment + struct.pack(">H", len(body) + 2) + body + stream[at:]
    assert digest(told, kind) == digest(stream, kind)


@pytest.mark.parametrize("stream", [b"", b"\xff\xd8", JPEG[:40], b"\xff\xd8" + EOI])
def test_a_stream_without_a_scan_is_refused(stream):
    with pytest.raises(IntegrityError):
        digest(stream)
