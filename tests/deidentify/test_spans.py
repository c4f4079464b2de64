"""Which parts of an instance hold text, where even short strings count."""

from __future__ import annotations

import struct

import imagecodecs
import pytest

from bigpicture.deidentify.spans import packed_parts


def profile(*tags):
    """A colour profile of the given tag data (ICC.1:2022 7.2, 7.3)."""
    table, data = b"", b""
    start = 132 + 12 * len(tags)
    for number, tag in enumerate(tags):
        table += struct.pack(">4sII", b"tag%d" % number, start + len(data), len(tag))
        data += tag
    return bytes(128) + struct.pack(">I", len(tags)) + table + data


def test_numbers_are_packed_and_descriptions_are_text():
    curve, words = b"curv" + bytes(60), b"desc" + bytes(8) + b"ScanScope SS1302"
    made = profile(curve, words, curve)
    (first, second) = packed_parts(made)
    assert made[first[0] : first[1]] == made[second[0] : second[1]] == curve
    assert first[1] + len(words) == second[0]


def test_tags_that_share_bytes_are_told_once():
    made = bytearray(profile(b"curv" + bytes(60), b"XYZ " + bytes(16)))
    made[132 + 12 + 4 : 132 + 12 + 12] = made[132 + 4 : 132 + 12]
    assert len(packed_parts(bytes(made))) == 1


def test_a_real_profile_keeps_its_words_as_text():
    made = imagecodecs.cms_profile("srgb")
    packed = b"".join(made[start:end] for start, end in packed_parts(made))
    assert packed
    assert b"sRGB" not in packed
    assert "sRGB".encode("utf-16-be") not in packed


@pytest.mark.parametrize("data", [b"", bytes(131), bytes(128) + b"\xff" * 40, profile(b"de")])
def test_what_does_not_parse_is_text_altogether(data):
    assert all(end <= len(data) for _, end in packed_parts(data))
