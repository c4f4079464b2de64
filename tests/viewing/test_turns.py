"""Turns at work go round by person, whatever each of them asks for."""

import asyncio

import pytest

from bigpicture.model.errors import BusyError
from bigpicture.viewing.turns import Turns


def drive(act):
    async def limited():
        async with asyncio.timeout(5):
            return await act()

    return asyncio.run(limited())


def test_who_asks_for_one_thing_does_not_wait_for_who_asks_for_many():
    order = []

    async def work(turns, who):
        async with turns.turn(who):
            order.append(who)
            await asyncio.sleep(0)

    async def act():
        turns = Turns(1, most=100)
        async with turns.turn("first"):
            many = [asyncio.ensure_future(work(turns, "many")) for _ in range(20)]
            await asyncio.sleep(0)
            one = asyncio.ensure_future(work(turns, "one"))
            await asyncio.sleep(0)
        await asyncio.gather(one, *many)

    drive(act)
    assert order[:3] == ["many", "one", "many"]
    assert order.count("many") == 20


def test_no_more_than_so_many_go_on_and_none_is_lost():
    going = most = 0

    async def work(turns, who):
        nonlocal going, most
        async with turns.turn(who):
            going += 1
            most = max(most, going)
            await asyncio.sleep(0.001)
            going -= 1

    async def act():
        turns = Turns(3, most=100)
        tasks = [asyncio.ensure_future(work(turns, str(number % 7))) for number in range(50)]
        await asyncio.sleep(0.002)
        for task in tasks[10:30:2]:
            task.cancel()  # some go away: waiting, or at work
        await asyncio.gather(*tasks, return_exceptions=True)
        async with turns.turn("a"), turns.turn("b"), turns.turn("c"):
            assert turns._free == 0
        assert turns._free == 3
        assert turns._waiting == 0

    drive(act)
    assert most == 3


def test_past_the_limit_it_says_so_at_once():
    async def act():
        turns = Turns(1, most=1)
        async with turns.turn("a"):
            waiting = asyncio.ensure_future(turns._wait("b"))
            await asyncio.sleep(0)
            with pytest.raises(BusyError):
                async with turns.turn("c"):
                    pass
        await waiting

    drive(act)
