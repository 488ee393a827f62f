"""How the engine speaks to PostgreSQL: one statement a verb, by itself or in the transaction under way."""

from collections.abc import Sequence
from typing import Any

from tortoise.connection import get_connection


async def rows_of(sql: str, *values: Any) -> Sequence[Any]:
    """This will run one statement and give its rows."""
    async with get_connection("default").acquire_connection() as connection:
        rows: Sequence[Any] = await connection.fetch(sql, *values)
        return rows
