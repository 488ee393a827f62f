"""Fields that need a right: asked for without it, the whole operation is refused before anything is read or done.

It is asked where a field is compiled, wherever that is: in a selection, a filter, an order, an aggregate. What is not
executed (`@skip`, a fragment on another type) is not compiled, and not refused. Plans are kept by the rights too.
"""

from api.graph.entity import Entity, Source
from api.graph.limits import Refused
from domain.kernel.actor import Actor


class Withheld(Refused):
    """The operation names a field that the actor has no right to; `field` in the extensions says which."""


def permitted(entity: Entity, name: str, actor: Actor) -> Source:
    """This will give where a field comes from. Raises Withheld where it needs a right that the actor has not.

    Raises Unauthenticated for a stranger.
    """
    needs = entity.declared[name].needs
    if needs is not None and needs not in actor.rights:
        actor.must_be_known()
        field = f"{entity.name}.{name}"
        raise Withheld(
            f"`{field}` needs the right {needs.name}, which you have not; leave it out, in filters and orders too.",
            "FORBIDDEN",
            field=field,
            needs=needs.name,
        )
    return entity.sources[name]
