"""The short form of `make chaos`: some faults, and all promises kept."""

import logging

import pytest

from bench.chaos.__main__ import chaos

pytestmark = pytest.mark.anyio
FAULTS, SEED, JOBS_PER_SECOND = 12, 5, 60
IN_THE_LONG_FORM = "effects outside are repeated in at most"
"""A share that tells something only of many."""


async def test_every_promise_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "asyncpg")
    verdict, figures = await chaos(FAULTS, SEED, JOBS_PER_SECOND)
    broken = [promise for promise in verdict if promise.broken and not promise.words.startswith(IN_THE_LONG_FORM)]
    assert not broken, "\n".join(figures)
