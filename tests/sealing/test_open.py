"""Opening: exact ranges, few reads, and nothing that was tampered with."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.keys import make_key_pair
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.sealing.open import RangeOpener, open_body, open_header
from bigpicture.sealing.seal import Sealer
from bigpicture.sealing.segments import NONCE, SEALED_SEGMENT, SEGMENT, TAG, nonce, sealed_size

PAIR = make_key_pair()
SIZE = 5 * SEGMENT + 1000
PLAIN = random.Random(5).randbytes(SIZE)


class Recorded:
    """A ranged reader that remembers what was asked of it."""

    def __init__(self, body):
        self.body = body
        self.size = len(body)
        self.asked = []

    def read(self, offset, length):
        self.asked.append((offset, length))
        assert offset + length <= self.size
        return self.body[offset : offset + length]

    async def aread(self, offset, length):
        return self.read(offset, length)

    async def aread_many(self, ranges):
        return [self.read(*each) for each in ranges]

    is_near = True


@pytest.fixture(scope="module")
def sealed():
    sealer = Sealer([PAIR.public])
    body = b"".join(sealer.seal([PLAIN]))
    return body, open_header(sealer.header, PAIR)


def test_the_size_of_a_body_follows_the_standard():
    """Crypt4GH 1.0, section 4: 28 bytes more for each segment begun."""
    assert [sealed_size(n) for n in (0, 1, 65536, 65537)] == [0, 29, 65564, 65593]
    assert (SEGMENT, NONCE, TAG, SEALED_SEGMENT) == (65536, 12, 16, 65564)


@settings(deadline=None, max_examples=100)
@given(data=st.data(), cached=st.integers(0, 3))
def test_any_ranges_in_any_order_are_exact(sealed, data, cached):
    body, data_key = sealed
    opener = RangeOpener(Recorded(body), data_key, SIZE, memory=SegmentMemory.of(cached))
    for _ in range(data.draw(st.integers(1, 6))):
        offset = data.draw(st.integers(0, SIZE))
        length = data.draw(st.integers(0, SIZE - offset))
        assert opener.read(offset, length) == PLAIN[offset : offset + length]


def test_a_tile_costs_one_read_of_the_segments_it_touches(sealed):
    body, data_key = sealed
    source = Recorded(body)
    opener = RangeOpener(source, data_key, SIZE, memory=SegmentMemory.of(0))
    opener.read(10, 12_500)
    opener.read(SEGMENT - 10, 12_500)
    opener.read(SIZE - 1, 1)
    opener.read(SIZE, 0)
    assert source.asked == [
        (0, SEALED_SEGMENT),
        (0, 2 * SEALED_SEGMENT),
        (5 * SEALED_SEGMENT, 1000 + NONCE + TAG),
    ]


def test_a_segment_that_is_kept_is_not_read_again(sealed):
    body, data_key = sealed
    source = Recorded(body)
    opener = RangeOpener(source, data_key, SIZE, memory=SegmentMemory.of(2))
    for offset in (0, 100, SEGMENT, 50, SEGMENT + 50):
        assert opener.read(offset, 10) == PLAIN[offset : offset + 10]
    assert source.asked == [(0, SEALED_SEGMENT), (SEALED_SEGMENT, SEALED_SEGMENT)]
    opener.read(2 * SEGMENT, 10)  # pushes out segment 0, the one used longest ago
    opener.read(0, 10)
    assert source.asked[2:] == [(2 * SEALED_SEGMENT, SEALED_SEGMENT), (0, SEALED_SEGMENT)]


class Far(Recorded):
    """One that takes a while, and remembers how often it was asked."""

    is_near = False

    async def aread_many(self, ranges):
        await asyncio.sleep(0.01)
        return await super().aread_many(ranges)


def test_neighbours_and_strangers_are_asked_for_at_once(sealed):
    source = Far(sealed[0])
    opener = RangeOpener(source, sealed[1], SIZE, memory=SegmentMemory.of(8))
    ranges = [(10, 100), (SEGMENT - 5, 10), (4 * SEGMENT, 7), (SIZE, 0), (20, 3)]
    got = asyncio.run(opener.aread_many(ranges))
    assert got == [PLAIN[offset : offset + length] for offset, length in ranges]
    assert source.asked == [(0, 2 * SEALED_SEGMENT), (4 * SEALED_SEGMENT, SEALED_SEGMENT)]
    assert asyncio.run(opener.aread(SEGMENT, 5)) == PLAIN[SEGMENT : SEGMENT + 5]
    assert len(source.asked) == 2


def test_a_thousand_who_want_the_same_cost_one_read(sealed):
    source = Far(sealed[0])
    opener = RangeOpener(source, sealed[1], SIZE)

    async def ask():
        return await asyncio.gather(*(opener.aread(number, 5) for number in range(1000)))

    assert asyncio.run(ask()) == [PLAIN[number : number + 5] for number in range(1000)]
    assert source.asked == [(0, SEALED_SEGMENT)]


def test_who_goes_away_takes_nothing_from_those_who_wait(sealed):
    opener = RangeOpener(Far(sealed[0]), sealed[1], SIZE)

    async def ask():
        first = asyncio.ensure_future(opener.aread(0, 5))
        second = asyncio.ensure_future(opener.aread(5, 5))
        await asyncio.sleep(0.001)
        first.cancel()
        return await second

    assert asyncio.run(ask()) == PLAIN[5:10]


def test_a_read_that_failed_is_tried_again_by_the_next(sealed):
    source = Far(bytearray(sealed[0]))
    opener = RangeOpener(source, sealed[1], SIZE)
    source.body[20] ^= 1

    async def ask():
        return await asyncio.gather(*(opener.aread(0, 5) for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in asyncio.run(ask())] == [IntegrityError] * 3
    source.body[20] ^= 1
    assert asyncio.run(opener.aread(0, 5)) == PLAIN[:5]


def test_what_is_brought_near_is_not_read_again(sealed):
    source = Far(sealed[0])
    opener = RangeOpener(source, sealed[1], SIZE, memory=SegmentMemory.of(8))

    async def ask():
        brought = [await opener.fetch([(0, 5), (3 * SEGMENT, 5)]) for _ in range(2)]
        return brought, await opener.aread(3, 2)

    assert asyncio.run(ask()) == ([2, 0], PLAIN[3:5])
    assert len(source.asked) == 2


def test_who_takes_the_whole_file_drives_nobody_out(sealed):
    memory = SegmentMemory(200 * SEGMENT)
    many = random.Random(7).randbytes(70 * SEGMENT)
    sealer = Sealer([PAIR.public])
    body = b"".join(sealer.seal([many]))
    opener = RangeOpener(Recorded(body), open_header(sealer.header, PAIR), len(many), memory=memory)
    assert opener.read(0, len(many)) == many
    assert memory.use.weight == 0


@pytest.mark.parametrize("wanted", [(0, SIZE + 1), (SIZE, 1), (SIZE + 1, 0), (-1, 2), (5, -1)])
def test_ranges_outside_are_refused(sealed, wanted):
    opener = RangeOpener(Recorded(sealed[0]), sealed[1], SIZE)
    with pytest.raises(IntegrityError):
        opener.read(*wanted)


@pytest.mark.parametrize("place", [0, NONCE, NONCE + 5, SEALED_SEGMENT - 1])
@pytest.mark.parametrize("segment", [0, 3])
def test_one_flipped_bit_is_found(sealed, segment, place):
    body = bytearray(sealed[0])
    body[segment * SEALED_SEGMENT + place] ^= 1
    opener = RangeOpener(Recorded(bytes(body)), sealed[1], SIZE)
    with pytest.raises(IntegrityError, match=f"segment {segment}"):
        opener.read(segment * SEGMENT, 1)
    with pytest.raises(IntegrityError, match=f"segment {segment}"):
        list(open_body([bytes(body)], sealed[1], SIZE))


def rearranged(body, order):
    cut = [body[at : at + SEALED_SEGMENT] for at in range(0, len(body), SEALED_SEGMENT)]
    return b"".join(cut[index] for index in order)


@pytest.mark.parametrize("order", [(1, 0, 2, 3, 4, 5), (0, 0, 2, 3, 4, 5), (0, 1, 2, 4, 3, 5)])
def test_swapped_and_repeated_segments_are_found(sealed, order):
    body = rearranged(sealed[0], order)
    with pytest.raises(IntegrityError, match="not in its place"):
        RangeOpener(Recorded(body), sealed[1], SIZE).read(0, SIZE)
    with pytest.raises(IntegrityError, match="not in its place"):
        list(open_body([body], sealed[1], SIZE))


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 5), (), (5,)])
def test_missing_and_added_segments_are_found(sealed, order):
    body = rearranged(sealed[0], order)
    with pytest.raises(IntegrityError):
        RangeOpener(Recorded(body), sealed[1], SIZE)
    with pytest.raises(IntegrityError):
        list(open_body([body], sealed[1], SIZE))


def test_a_body_of_the_right_length_but_another_cut_is_found():
    """Others may cut segments short: the same number of bytes, other places."""
    sealer = Sealer([PAIR.public])
    body = b"".join(sealer.seal([PLAIN[: SEGMENT + 10]]))
    data_key = open_header(sealer.header, PAIR)
    with pytest.raises(IntegrityError):
        list(open_body([body], data_key, SEGMENT + 9))


def test_another_key_opens_nothing(sealed):
    with pytest.raises(IntegrityError, match="another key"):
        RangeOpener(Recorded(sealed[0]), bytes(32), SIZE).read(0, 1)


def test_a_broken_segment_is_not_kept(sealed):
    source = Recorded(bytearray(sealed[0]))
    opener = RangeOpener(source, sealed[1], SIZE)
    source.body[20] ^= 1
    with pytest.raises(IntegrityError):
        opener.read(0, 1)
    source.body[20] ^= 1
    assert opener.read(0, 1) == PLAIN[:1]


def test_threads_may_share_an_opener(sealed):
    opener = RangeOpener(Recorded(sealed[0]), sealed[1], SIZE, memory=SegmentMemory.of(2))
    wrong = []

    def read(seed):
        chance = random.Random(seed)
        for _ in range(100):
            offset = chance.randrange(SIZE - 13_000)
            if opener.read(offset, 13_000) != PLAIN[offset : offset + 13_000]:
                wrong.append(offset)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 150_000), max_size=5), st.integers(1, 100_000))
def test_bodies_pass_in_pieces_of_any_size(pieces, step):
    plain = [random.Random(number).randbytes(size) for number, size in enumerate(pieces)]
    sealer = Sealer([PAIR.public])
    body = b"".join(sealer.seal(plain))
    assert len(body) == sealed_size(sum(pieces))
    cut = [body[at : at + step] for at in range(0, len(body), step)]
    data_key = open_header(sealer.header, PAIR)
    assert b"".join(open_body(cut, data_key, sum(pieces))) == b"".join(plain)


def test_nonces_number_the_segments(sealed):
    found = [sealed[0][at : at + NONCE] for at in range(0, len(sealed[0]), SEALED_SEGMENT)]
    assert found == [nonce(index) for index in range(6)]
    assert nonce(258) == b"\x02\x01" + bytes(10)
