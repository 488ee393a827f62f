"""What lies of products at locations, and how much of it is promised."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class OnHand(NamedTuple):
    """Units of a product at a location: those there, and how many of them are promised."""

    on_hand: Decimal
    reserved: Decimal


async def on_hand(asked: Sequence[tuple[UUID, UUID]]) -> list[OnHand]:
    """This will read what lies of each product at each location, in the order asked for; zero where none ever did."""
    rows = await get_connection("default").execute_query_dict(
        """SELECT coalesce(i.on_hand, 0) AS on_hand, coalesce(i.reserved, 0) AS reserved
        FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS a(product_id, location_id, n)
        LEFT JOIN inventory_level i USING (product_id, location_id) ORDER BY n""",
        [[product for product, _ in asked], [location for _, location in asked]],
    )
    return [OnHand(row["on_hand"], row["reserved"]) for row in rows]
