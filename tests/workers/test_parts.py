"""The parts of a worker keep going, and tell of trouble once."""

import asyncio
import logging

import pytest

from workers.parts import Part

pytestmark = pytest.mark.anyio


async def test_trouble_is_told_of_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stop = asyncio.Event()
    befalls = [OSError("gone"), ConnectionResetError("gone still"), None, None, KeyError("bug"), OSError("gone"), None]

    async def step() -> None:
        part.wake()
        error = befalls.pop(0)
        if not befalls:
            stop.set()
        if error:
            raise error

    part = Part("the test", step, every_seconds=60)
    await part.keep_going(stop)
    assert [record.getMessage() for record in caplog.records] == [
        "the test is cut off and waits (OSError: gone)",
        "the test works again",
        "the test fails and tries again (KeyError: 'bug')",
        "the test is cut off and waits (OSError: gone)",
        "the test works again",
    ]
    assert [record.exc_info is not None for record in caplog.records] == [False, False, True, False, False]
