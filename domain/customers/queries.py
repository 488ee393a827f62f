"""Reads of customers for contexts above."""

from collections.abc import Collection
from uuid import UUID

from domain.customers.models import Customer


async def without_contacts(external_ids: Collection[str]) -> dict[str, UUID]:
    """This will find, of the customers with these external ids, those who have no contact yet: their ids by these."""
    found = Customer.filter(external_id__in=external_ids, contacts__id__isnull=True)
    return dict(await found.values_list("external_id", "id"))
