"""Slow work aside: a few at once, a bounded number waiting."""

import asyncio
import threading

import pytest

from runtime.desk import Crowded, Desk

pytestmark = pytest.mark.anyio


async def test_few_are_served_some_wait_and_the_rest_are_sent_away() -> None:
    desk, done = Desk("test", threads=2, waiting=3), threading.Event()
    names: list[str] = []
    busy = most = 0

    async def come() -> str:
        nonlocal busy, most
        try:
            async with desk.turn() as aside:
                busy += 1
                most = max(most, busy)
                await aside(done.wait, 10)
                names.append(await aside(lambda: threading.current_thread().name))
                busy -= 1
        except Crowded:
            done.set()  # the loop ran all the while that both threads were held
            return "away"
        return "served"

    assert sorted(await asyncio.gather(*(come() for _ in range(7)))) == ["away"] * 2 + ["served"] * 5
    assert most == 2
    assert all(name.startswith("test") for name in names)
    assert await come() == "served"
    desk.close()


async def test_whoever_fails_leaves_the_place_free() -> None:
    desk = Desk("test", threads=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with desk.turn() as aside:
                await aside(lambda: 1 / 0)
    desk.close()
