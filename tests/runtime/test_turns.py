"""Turns: so many of one party at once, the others in line, and nobody forgotten."""

import asyncio

import pytest

from runtime.turns import Crowded, Turns

pytestmark = pytest.mark.anyio


async def test_no_more_than_allowed_run_at_once_and_all_get_their_turn() -> None:
    turns, running, most, done = Turns(3, 100), 0, 0, 0

    async def work() -> None:
        nonlocal running, most, done
        async with turns.turn("ada"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1
            done += 1

    await asyncio.gather(*(work() for _ in range(50)))
    assert (most, done, running) == (3, 50, 0)
    assert not turns._lines


async def test_one_partys_crowd_is_not_anothers() -> None:
    turns, leave = Turns(1, 1), asyncio.Event()

    async def stay(party: str) -> None:
        async with turns.turn(party):
            await leave.wait()

    first, second = asyncio.ensure_future(stay("ada")), asyncio.ensure_future(stay("ada"))
    await asyncio.sleep(0)
    with pytest.raises(Crowded):
        async with turns.turn("ada"):
            pass
    async with turns.turn("rob"):
        leave.set()
    await asyncio.gather(first, second)


async def test_who_goes_away_while_waiting_holds_up_nobody() -> None:
    turns, leave = Turns(1, 10), asyncio.Event()

    async def stay() -> str:
        async with turns.turn("ada"):
            await leave.wait()
        return "done"

    tasks = [asyncio.ensure_future(stay()) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    leave.set()
    await asyncio.sleep(0)  # the first hands its turn to the third, which goes away in the same moment
    tasks[2].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[0] == outcomes[3] == "done"
    assert not turns._lines


async def test_the_last_who_goes_away_with_a_turn_in_hand_leaves_nothing_behind() -> None:
    turns = Turns(1, 10)
    await turns.take("ada")
    waiting = asyncio.ensure_future(turns.take("ada"))
    await asyncio.sleep(0)
    turns.give_back("ada")  # to who waits, and goes away in the same moment
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not turns._lines
