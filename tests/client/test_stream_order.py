"""The order of a stream: every block once, whatever the parts, and never another on another day."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.client.stream.order import Order, Shard, mix, shuffled

BLOCKS = st.lists(st.integers(0, 30), max_size=8)


def every(blocks, *, shard, mixed, seed=1, epoch=0, is_shuffled=True):
    order = Order(blocks, seed=seed, epoch=epoch, shard=shard, mixed=mixed, is_shuffled=is_shuffled)
    return [block for number in range(order.groups) for block in order.group(number)]


@settings(max_examples=60)
@given(BLOCKS, st.integers(1, 5), st.integers(1, 9), st.integers(0, 2**40))
def test_parts_are_the_whole_and_disjoint(blocks, count, mixed, seed):
    found = [
        block
        for number in range(count)
        for block in every(blocks, shard=Shard(number, count), mixed=mixed, seed=seed)
    ]
    wanted = [(slide, block) for slide, many in enumerate(blocks) for block in range(many)]
    assert sorted(found) == wanted


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_a_part_of_a_part_is_one_of_all(ranks, workers, data):
    rank = Shard(data.draw(st.integers(0, ranks - 1)), ranks)
    parts = [Shard(number, workers).of(rank) for number in range(workers)]
    assert {part.count for part in parts} == {ranks * workers}
    mine = {number for part in parts for number in range(120) if number % part.count == part.index}
    assert len(mine) == sum(len(range(part.index, 120, part.count)) for part in parts)


def test_unshuffled_they_come_as_they_lie():
    blocks = [2, 0, 3]
    wanted = [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]
    assert every(blocks, shard=Shard(), mixed=2, is_shuffled=False) == wanted


def test_the_hash_is_splitmix64():
    """The first three outputs for seed 1234567, as published with the generator's C source."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    gamma = 0x9E3779B97F4A7C15
    assert [mix(1234567, number) for number in range(3)] == published
    assert mix(1234567 + gamma, 0) == published[1]


def test_an_order_is_spread_out():
    order = shuffled(10_000, 3).tolist()
    assert sorted(order) == list(range(10_000))
    stay = sum(place == number for place, number in enumerate(order))
    assert stay < 10
    assert abs(sum(order[:5000]) / 5000 - 4999.5) < 150
