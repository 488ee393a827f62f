"""Transactions that are never nested: a command joins that of its caller, and begins its own only where there is none.

A savepoint would cost two round trips and buy nothing: a refusal ends the whole of what was asked for.
"""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction


def one_transaction() -> AbstractAsyncContextManager[Any]:
    """This will run the block in the transaction under way, or in one of its own.

    What fails inside has to end the transaction under way: nobody may catch it there and go on.
    """
    if isinstance(get_connection("default"), TransactionalDBClient):
        return nullcontext()
    return in_transaction()
