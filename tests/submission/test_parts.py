"""Any range over sealed parts is the same range of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import IntegrityError
from bigpicture.submission.parts import Part, Parts, stream
from published import BytesSource


class Opened:
    """As much of a vault as parts need."""

    def __init__(self, pieces):
        self.pieces = pieces

    def open(self, key):
        return BytesSource(self.pieces[int(key)])


def parts_over(pieces):
    listed, at = [], 0
    for number, piece in enumerate(pieces):
        listed.append(Part(at, len(piece), str(number)))
        at += len(piece)
    return Parts(Opened(pieces), listed)


pieces = st.lists(st.binary(min_size=1, max_size=20), max_size=100)


@given(pieces, st.integers(0, 300), st.integers(0, 300))
def test_a_range_is_the_range_of_the_whole(found, offset, length):
    whole = b"".join(found)
    parts = parts_over(found)
    assert parts.size == len(whole)
    if offset + length <= len(whole):
        assert parts.read(offset, length) == whole[offset : offset + length]
    else:
        with pytest.raises(IntegrityError):
            parts.read(offset, length)


@given(pieces, st.integers(1, 50))
def test_a_stream_is_the_whole(found, stride):
    assert b"".join(stream(parts_over(found), stride)) == b"".join(found)


@pytest.mark.parametrize("offsets", [(0, 5), (1, 4), (0, 3)])
def test_a_gap_or_an_overlap_is_refused(offsets):
    with pytest.raises(IntegrityError):
        Parts(Opened([b"abcd", b"efgh"]), [Part(at, 4, str(n)) for n, at in enumerate(offsets)])


def test_nothing_is_read_before_the_begin():
    with pytest.raises(IntegrityError):
        parts_over([b"abcd"]).read(-1, 2)
