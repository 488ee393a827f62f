"""What an actor may see of a table, as SQL: the guard of the entity's model, its values bound for each call.

Two actors with the same grants share their plans: what tells them apart is who they are, and that is bound.
"""

from api.graph.arguments import Bind
from api.graph.entity import Entity
from api.graph.limits import Refused
from api.graph.statement import Statement, unseen
from domain.kernel.actor import Actor
from domain.kernel.guard import NOTHING, VALUES


class Closed(Refused):
    """The operation asks for records of a kind that the actor may see none of; the extensions say of which."""


def is_closed(entity: Entity, actor: Actor) -> bool:
    """This will say whether the actor may see no record of this kind at all."""
    return entity.model.guard.seen(actor, "t") == NOTHING


def predicate(entity: Entity, actor: Actor, alias: str, statement: Statement) -> str:
    """This will give the condition as SQL over the alias; empty for none.

    Raises Closed where the actor may see none at all, and Unauthenticated for a stranger.
    """
    actor.must_be_known()
    sql = entity.model.guard.seen(actor, alias)
    if sql == NOTHING and (needs := entity.model.guard.read):
        raise Closed(
            f"`{entity.name}` needs the permission {needs.name}, which no role of yours gives; leave it out, in "
            "filters too.",
            "FORBIDDEN",
            type=entity.name,
            needs=needs.name,
        )
    return bound_in(statement, sql)


def bound_in(statement: Statement, sql: str) -> str:
    """This will put parameters of the statement in the places of what a guard's condition binds, anew for each call.

    Lists are not seen by the planner.
    """
    for name, bind in BINDS.items():
        if name in sql:
            kind = VALUES[name][0]
            place = statement.parameter_once(bind, kind)
            sql = sql.replace(name, unseen(place) if kind.endswith("[]") else place)
    return sql


def _bind(name: str) -> Bind:
    value = VALUES[name][1]
    return lambda call: value(call.actor)


BINDS = {name: _bind(name) for name in VALUES}
