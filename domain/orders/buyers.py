"""Who bought: reads for contexts above that know an order or a customer, and nothing else of it."""

from uuid import UUID

from domain.orders.models import Order


async def buyer_of(order: UUID) -> UUID | None:
    """This will give the key of the customer whose order it is, None where there is no such order."""
    found = await Order.get_or_none(id=order)
    return found.customer_id if found else None
