"""Reads of campaigns, narrowed to the actor."""

from tortoise.expressions import Q

from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow campaigns and what belongs to them to those the actor may see: all for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)
