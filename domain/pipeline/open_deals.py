"""What is still to be won: open deals of customers for contexts above, one statement for however many customers."""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class Expected(NamedTuple):
    """What one customer's open deals come to in one currency, each times its probability."""

    customer_id: UUID
    currency: str
    amount: Decimal


async def expected_of(customers: Collection[UUID]) -> list[Expected]:
    """This will sum up amount times probability over the open deals of each of the customers, by currency."""
    rows = await get_connection("default").execute_query_dict(
        """SELECT customer_id, currency, sum(amount * probability) AS amount FROM opportunity
        WHERE customer_id = ANY($1::uuid[]) AND status = 'open'
        GROUP BY customer_id, currency ORDER BY customer_id, currency""",
        [list(customers)],
    )
    return [Expected(row["customer_id"], row["currency"], row["amount"]) for row in rows]
