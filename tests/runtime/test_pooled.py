"""Transactions through an outage: what could not begin, or not end, leaves neither task nor pool with anything."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.transactions import in_transaction

from domain.jobs.statements import rows_of
from runtime.database import connected

pytestmark = pytest.mark.anyio


@pytest.fixture
async def one_connection(database_url: str) -> AsyncIterator[None]:
    """A pool of one, so that who loses it waits for ever."""
    async with connected(database_url, pool_size=1):
        yield


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("step", ["begin", "commit"])
async def test_the_next_transaction_is_a_whole_one(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: TransactionWrapper) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as away, pytest.raises(ConnectionResetError):
        away.setattr(TransactionWrapper, step, fails)
        async with in_transaction():
            pass
    async with asyncio.timeout(5):
        with pytest.raises(ZeroDivisionError):
            async with in_transaction():
                await rows_of("CREATE TABLE undone (n int)")
                raise ZeroDivisionError
        (row,) = await rows_of("SELECT to_regclass('undone') IS NULL")
        assert row[0]


@pytest.mark.usefixtures("one_connection")
async def test_a_connection_that_dies_within_is_replaced() -> None:
    with pytest.raises(Exception, match=r"terminat|closed"):
        async with in_transaction():
            await rows_of("SELECT pg_terminate_backend(pg_backend_pid())")
    async with asyncio.timeout(5), in_transaction():
        assert await rows_of("SELECT 1")
