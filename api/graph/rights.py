"""Fields that need a permission: asked for without it, the whole operation is refused before anything is read or done.

It is asked where a field is compiled, wherever that is: in a selection, a filter, an order, an aggregate. What is not
executed (`@skip`, a fragment on another type) is not compiled, and not refused. Plans are kept by the grants too.
"""

from api.graph.entity import Entity, Source
from api.graph.limits import Refused
from domain.kernel.actor import Actor


class Withheld(Refused):
    """The operation names a field that is not for the actor; `field` in the extensions says which."""


def permitted(entity: Entity, name: str, actor: Actor) -> Source:
    """This will give where a field comes from. Raises Withheld where it needs a permission that the actor has not.

    Raises Unauthenticated for a stranger.
    """
    needs = entity.declared[name].needs
    if needs is not None and not actor.reach(needs):
        actor.must_be_known()
        field = f"{entity.name}.{name}"
        raise Withheld(
            f"`{field}` needs the permission {needs.name}, which no role of yours gives; leave it out, in filters and "
            "orders too.",
            "FORBIDDEN",
            field=field,
            needs=needs.name,
        )
    return entity.sources[name]
