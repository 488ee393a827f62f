"""What customers spend: sums of their orders for contexts above, one statement for however many customers."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class Spent(NamedTuple):
    """What one customer ordered in one currency."""

    customer_id: UUID
    currency: str
    amount: Decimal


async def ordered_since(customers: Collection[UUID], since: datetime) -> list[Spent]:
    """This will sum up what each of the customers ordered since a moment, by currency; what was cancelled is out."""
    rows = await get_connection("default").execute_query_dict(
        """SELECT customer_id, currency, sum(total) AS amount FROM sales_order
        WHERE customer_id = ANY($1::uuid[]) AND ordered_at >= $2 AND status NOT IN ('draft', 'cancelled')
        GROUP BY customer_id, currency ORDER BY customer_id, currency""",
        [list(customers), since],
    )
    return [Spent(row["customer_id"], row["currency"], row["amount"]) for row in rows]
