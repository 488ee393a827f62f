"""Reads of jobs, narrowed to the actor."""

from tortoise.expressions import Q

from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow jobs to those the actor may see: an administrator all, others those they asked for."""
    if actor.administrator:
        return Q()
    return Q(requested_by_id=actor.user_id) if actor.authenticated else Q(pk__isnull=True)
