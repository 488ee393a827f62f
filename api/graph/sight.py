"""What an actor may see of a table, as SQL: each entity's visibility, translated by Tortoise, bound into the statement.

The SQL is part of a plan, the values are bound anew for the actor of each call, so two actors share a plan exactly
where their predicates have the same shape and their rights are the same.
"""

from functools import lru_cache
from typing import Any

from pypika_tortoise.context import SqlContext
from pypika_tortoise.enums import Dialects
from pypika_tortoise.queries import Table
from pypika_tortoise.terms import Parameterizer
from tortoise.expressions import ResolveContext

from api.graph.arguments import Bind
from api.graph.entity import ENTITIES, Entity
from api.graph.statement import Statement
from domain.kernel.actor import Actor, Right

MANY = 4096


def predicate(entity: Entity, actor: Actor, alias: str, statement: Statement) -> str:
    """This will give the condition as SQL over the alias, its values bound for each call; empty for no condition."""
    _, values = _translated(entity.name, actor, alias, 0)
    first = len(statement.binds)
    sql, _ = _translated(entity.name, actor, alias, first)
    statement.binds += [_value_at(entity, index) for index in range(len(values))]
    return sql


@lru_cache(MANY)
def shape_of(actor: Actor) -> tuple[frozenset[Right], *tuple[str, ...]]:
    """This will give the rights, and the SQL of all that the actor may see: what the actor decides of a plan's key."""
    return (actor.rights, *(_translated(name, actor, "t", 0)[0] for name in sorted(ENTITIES)))


def _value_at(entity: Entity, index: int) -> Bind:
    return lambda call: _translated(entity.name, call.actor, "t", 0)[1][index]


@lru_cache(MANY)
def _translated(name: str, actor: Actor, alias: str, first: int) -> tuple[str, tuple[Any, ...]]:
    entity = ENTITIES[name]
    condition = entity.visible(actor)
    if not condition:
        return "", ()
    table = Table(entity.table).as_(alias)
    modifier = condition.resolve(ResolveContext(model=entity.model, table=table, annotations={}, custom_filters={}))
    if modifier.joins:
        raise TypeError(f"{name}: a visibility must not join; write it as `pk__in=Subquery(…)`.")
    parameterizer = Parameterizer(placeholder_factory=lambda index: f"${first + index}")
    context = SqlContext(
        quote_char='"',
        secondary_quote_char="'",
        alias_quote_char='"',
        dialect=Dialects.POSTGRESQL,
        with_namespace=True,
        parameterizer=parameterizer,
    )
    return f"({modifier.where_criterion.get_sql(context)})", tuple(parameterizer.values)
