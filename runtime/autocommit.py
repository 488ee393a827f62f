"""Connections for statements that stand by themselves, outside transactions: kept at hand, given back with no task.

asyncpg's pool makes a task and a timer whenever a connection comes back, which costs as much as reading a small page.
So a connection that has served well goes straight to whoever waits, or to the next who asks; one that has not (an
error, a client who went away) goes back to the pool, which sees to it.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg

from runtime.database import credentials_of


class Autocommit:
    """At most `size` connections to a database, opened as they are needed."""

    def __init__(self, database_url: str, *, size: int, statement_timeout_seconds: float) -> None:
        self._credentials = credentials_of(database_url, statement_timeout_seconds=statement_timeout_seconds)
        self._size = size
        self._lent = 0
        self._free: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._pool: asyncpg.Pool | None = None
        self._is_closing = False
        self._leaving: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """This will let go of all connections, when those that work have ended."""
        if self._pool is None:
            return
        self._is_closing = True
        self._let_go(self._pool)
        await self._pool.close()
        self._pool, self._is_closing = None, False

    async def row(self, sql: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """This will run a statement and give its first row. Raises asyncpg's errors, and OSError."""
        connection = await self._take()
        try:
            row: Sequence[Any] | None = await connection.fetchrow(sql, *values)
        except BaseException:
            await self._give_up(connection)
            raise
        self._give_back(connection)
        return row

    async def _take(self) -> Any:
        while self._free:
            connection = self._free.pop()
            if _is_open(connection):
                return connection
            await self._give_up(connection)
        return await self._next()

    async def _next(self) -> Any:
        if self._lent >= self._size:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                connection = await waiting
            except asyncio.CancelledError:
                if waiting.done() and not waiting.cancelled():
                    self._pass_on(waiting.result())
                raise
            if connection is not None:
                return connection
        else:
            self._lent += 1
        try:
            return await (await self._opened()).acquire()
        except BaseException:
            self._pass_on(None)
            raise

    def _give_back(self, connection: Any) -> None:
        if not self._hand_over(connection):
            self._free.append(connection)
            if self._is_closing and self._pool is not None:
                self._let_go(self._pool)

    def _let_go(self, pool: asyncpg.Pool) -> None:
        while self._free:
            leaving = asyncio.create_task(pool.release(self._free.pop()))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _give_up(self, connection: Any) -> None:
        try:
            await (await self._opened()).release(connection)
        finally:
            self._pass_on(None)

    def _pass_on(self, connection: Any) -> None:
        """Gives whoever waits a connection, or leave to open one."""
        if connection is not None:
            self._give_back(connection)
        elif not self._hand_over(None):
            self._lent -= 1

    def _hand_over(self, connection: Any) -> bool:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return True
        return False

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = asyncpg.create_pool(min_size=0, max_size=self._size, **self._credentials)
        return await self._pool  # which connects nothing yet


def _is_open(connection: Any) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has noticed, and taken it back
        return False
