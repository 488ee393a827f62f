"""Figures over rows that an actor may see: statements of the domain's own, narrowed by the guard of a table.

Whoever writes such a statement puts SEEN behind the conditions of the table's rows, wherever it reads them.
"""

from typing import Any

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.guard import bound
from domain.kernel.record import Record

SEEN = "/* seen */"


async def rows_seen(sql: str, model: type[Record], row: str, *values: Any, by: Actor) -> list[dict[str, Any]]:
    """This will run a statement over those rows of a table, by their alias, that the actor may see."""
    condition = model.guard.seen(by, row)
    narrowed, more = bound(sql.replace(SEEN, f"AND {condition}" if condition else ""), by, len(values) + 1)
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(narrowed, [*values, *more])
    return rows
