"""Reads of customers, narrowed to the actor."""

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import Q

from domain.customers.models import Customer
from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow customers and contacts to those the actor may see: all of them for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)


async def without_contacts(external_ids: Collection[str]) -> dict[str, UUID]:
    """This will find, of the customers with these external ids, those who have no contact yet: their ids by these."""
    found = Customer.filter(external_id__in=external_ids, contacts__id__isnull=True)
    return dict(await found.values_list("external_id", "id"))
