"""Reads of the pipeline, narrowed to the actor."""

from tortoise.expressions import Q

from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow what belongs to the pipeline to what the actor may see: all of it for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)
