"""Reads of replenishment, narrowed to the actor."""

from tortoise.expressions import Q

from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow policies and proposals to those the actor may see: all of them for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)
