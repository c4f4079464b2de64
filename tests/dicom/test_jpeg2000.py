from __future__ import annotations

import struct

import imagecodecs
import numpy as np

from bigpicture.dicom.jpeg2000 import without_comments
from slide_making import pattern

SAID = b"\xff\x64" + struct.pack(">HH", 4 + 9, 1) + b"ANNA MUST"


def _stream() -> bytes:
    """Four tiles, so four tile-parts."""
    picture = pattern(64, 64)
    return bytes(imagecodecs.htj2k_encode(picture, tile=(32, 32), reversible=True))


def _parts(stream: bytes) -> list[tuple[int, int]]:
    """Offset and length (Psot) of each tile-part, by ISO/IEC 15444-1 A.4.2."""
    found, at = [], stream.index(b"\xff\x90\x00\x0a")
    while stream[at : at + 2] == b"\xff\x90":
        (length,) = struct.unpack_from(">I", stream, at + 6)
        found.append((at, length))
        at += length
    assert stream[at:] == b"\xff\xd9"
    return found


def _commented(stream: bytes) -> bytes:
    """A comment in the main header and in the header of each tile-part, text after the end."""
    parts = _parts(stream)
    lengths = struct.pack(">4I", *(length + len(SAID) for _, length in parts))
    table = b"\xff\x55" + struct.pack(">HBB", 4 + len(lengths), 0, 0x40) + lengths  # A.7.1
    out = stream[: parts[0][0]] + table + SAID
    for at, length in parts:
        head = (
            stream[at : at + 6] + struct.pack(">I", length + len(SAID)) + stream[at + 10 : at + 12]
        )
        out += head + SAID + stream[at + 12 : at + length]
    return out + b"\xff\xd9ANNA MUST"


def test_comments_go_wherever_they_stand_and_pixels_stay():
    commented = _commented(_stream())
    assert np.array_equal(imagecodecs.jpeg2k_decode(commented), pattern(64, 64))
    clean = without_comments(commented)
    assert b"ANNA" not in clean
    assert b"\xff\x64" not in clean[: _parts(clean)[0][0]]
    assert len(_parts(clean)) == len(_parts(_stream())) == 4
    assert np.array_equal(imagecodecs.jpeg2k_decode(clean), pattern(64, 64))
    assert b"\xff\x55\x00\x14" in commented  # TLM: lengths that are no longer so
    assert b"\xff\x55" not in clean[: _parts(clean)[0][0]]
    assert without_comments(clean) == clean


def test_a_last_part_of_untold_length_is_kept_up_to_the_end():
    picture = pattern(64, 64)
    stream = bytearray(imagecodecs.jpeg2k_encode(picture, level=0, codecformat="j2k"))
    at, _ = _parts(bytes(stream))[-1]
    struct.pack_into(">I", stream, at + 6, 0)
    clean = without_comments(bytes(stream) + b"\0")
    assert clean.endswith(b"\xff\xd9")
    assert np.array_equal(imagecodecs.jpeg2k_decode(clean), picture)


def test_any_damage_is_met_without_an_error_of_another_kind():
    stream = _commented(_stream())
    for length in range(0, len(stream), 13):
        assert len(without_comments(stream[:length])) <= max(length, 2)
