"""Tortoise's engine for asyncpg, whose transactions leave nothing behind where they could not begin or end.

As Tortoise has it, a transaction that fails at its BEGIN keeps its connection from the pool for ever, and its task
takes itself to be inside of it: whoever works on through an outage, as the parts of a worker do, never gets out.
"""

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class Transaction(TransactionContextPooled):
    """A transaction over a connection that goes back to the pool, whatever befalls it."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            await pool.release(self.client._connection)
            raise
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        outside = get_connections()
        try:
            await super().__aexit__(exc_type, exc_val, exc_tb)
        finally:
            if outside.get(self.connection_name) is self.client:
                outside.reset(self.token)


class Client(AsyncpgDBClient):
    """Begins such transactions."""

    def _in_transaction(self) -> TransactionContext:
        return Transaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
"""What Tortoise looks for in an engine."""
