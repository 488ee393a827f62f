"""Reads of activities, narrowed to the actor."""

from tortoise.expressions import Q

from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow activities to what the actor may see: everything for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)
