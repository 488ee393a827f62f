"""Transactions that are never nested: a command joins that of its caller, and begins its own only where there is none.

A savepoint would cost two round trips and buy nothing: a refusal ends the whole of what was asked for.

A command that stores one record needs no transaction at all: its one statement is one. So the API runs commands in a
`Unit`, which begins a transaction when somebody asks for it with `one_transaction`, and until then lets a single
statement stand by itself. **Whoever sends more than one statement that has to hold together asks for one.**
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import asyncpg
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

SendAlone = Callable[[str, Sequence[Any]], Awaitable[Sequence[Any] | None]]
"""Runs one statement, outside any transaction, and gives its first row."""
Stored = tuple[UUID, Sequence[Any]]
"""The key of a record, and the row that the statement gave which stored it."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What is to be read of a record by the statement that stores it.

    `sql` selects at most one row of two columns, `v` and `w`, from `stored`, which stands for what is stored in a
    table; it reads that table nowhere else, for a statement does not see what it writes. Its parameters are `values`.
    """

    sql: str = ""
    values: Sequence[Any] = ()


class Unit:
    """What one command sends: a single statement that gives the echo too, or a transaction, begun when it is asked for.

    `stored` is the key of the record that a single statement stored, and the row that it gave: the echo comes first.
    A statement may stand by itself if it stores a record of `table`; `echo` then gives its echo.
    """

    def __init__(self, send: SendAlone, table: str = "", echo: Callable[[], Echo] = Echo) -> None:
        self.stored: Stored | None = None
        self._send = send
        self._table = table
        self._echo = echo
        self._transaction: Any = None
        self._before: Token[Unit | None] | None = None

    async def __aenter__(self) -> Self:
        self._before = _UNIT.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            _UNIT.reset(self._before)
        if self._transaction is not None:
            await self._transaction.__aexit__(kind, error, trace)
        if self.stored is not None and isinstance(error, Exception):
            raise RuntimeError("a command failed after it had stored what stays: it must begin `one_transaction` first")

    async def begin(self) -> None:
        """This will begin the transaction, unless there is one; it ends with the unit. Raises RuntimeError too late."""
        if not _under_way():
            self._must_be_new()
            transaction = in_transaction()
            await transaction.__aenter__()
            self._transaction = transaction

    async def alone(self, table: str) -> Echo | None:
        """This will give what a single statement that stores in the table is to read, or else begin the transaction.

        So it does where the echo cannot be bound: what the command itself comes to is told first.
        """
        if table == self._table and not _under_way():
            with suppress(Exception):
                return self._echo()
        await self.begin()
        return None

    async def send(self, key: UUID, sql: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """This will run the only statement of the unit, which stores a record, and give its row; None if it does not.

        Raises IntegrityError where something unique is taken, and RuntimeError where it is not the only one.
        """
        self._must_be_new()
        try:
            row = await self._send(sql, values)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(error) from error
        if row is not None:
            self.stored = key, row
        return row

    def _must_be_new(self) -> None:
        if self.stored is not None:
            raise RuntimeError("a command that writes more than once must begin `one_transaction` first")


_UNIT: ContextVar[Unit | None] = ContextVar("unit", default=None)


def unit_under_way() -> Unit | None:
    """This will give the unit that the running command belongs to, if the API runs it."""
    return _UNIT.get()


async def join_unit() -> None:
    """This will begin the transaction of the unit under way, if there is one: for statements that never stand alone."""
    unit = _UNIT.get()
    if unit is not None:
        await unit.begin()


def _under_way() -> bool:
    return isinstance(get_connection("default"), TransactionalDBClient)


def one_transaction() -> AbstractAsyncContextManager[Any]:
    """This will run the block in the transaction under way, in that of the unit under way, or in one of its own.

    What fails inside has to end the transaction: nobody may catch it there and go on.
    """
    if _under_way():
        return nullcontext()
    unit = _UNIT.get()
    return in_transaction() if unit is None else _begun(unit)


@asynccontextmanager
async def _begun(unit: Unit) -> AsyncIterator[None]:
    await unit.begin()
    yield
