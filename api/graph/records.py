"""Records selected for a place in the answer: by key, what a command made, what an event tells of; or as echoes."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLObjectType

from api.graph.arguments import Call
from api.graph.budget import Budget
from api.graph.compiler import Compiler
from api.graph.entity import ENTITIES, Entity, named_type
from api.graph.plans import EchoPlan, Plan
from api.graph.request import Request


def payload_place(path: Sequence[Any], key: str) -> Any:
    """This will name the place of a payload's record in the answer: the path of the mutation, and a response key."""
    return ("payload", tuple(path), key)


def record_plan(request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode]) -> Plan:
    """This will find or make the plan of one record for a place in the answer."""
    return request.plan(place, lambda compiler: compiler.record(entity, nodes, _key_of))


async def record_text(request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode], key: UUID) -> Any:
    """This will select one record for a place in the answer, as a Fragment; None where it is not to be seen."""
    plan = record_plan(request, place, entity, nodes)
    row = await plan.row(plan.values(request.call(key)))
    if row is None:
        return None
    request.actual += row[1]
    return orjson.Fragment(row[0])


def echo_plan(request: Request, payload: GraphQLObjectType, nodes: Sequence[FieldNode]) -> EchoPlan | None:
    """This will plan how the statement that stores a payload's record gives the record's text as well.

    Gives None where it cannot: the payload has none or asks for several, or what it asks for leads to the table again,
    which does not yet show what the statement writes. Raises what compiling raises.
    """
    entities = {name: ENTITIES.get(named_type(field.type)) for name, field in payload.fields.items()}
    asked = [
        (key, entity, same)
        for key, same in request.scope.fields(payload, nodes).items()
        if (entity := entities.get(same[0].name.value))
    ]
    stored = [entity for entity in entities.values() if entity]
    if len(asked) > 1 or len(stored) != 1:
        return None
    if not asked:
        return EchoPlan(stored[0].table, "", "", ())
    key, entity, same = asked[0]
    compiler = Compiler(request.scope, request.actor, Budget(request.limits))  # the record itself is charged for
    sql = compiler.stored(entity, same)
    if re.search(rf"\b({entity.table}|event)\b", sql):
        return None
    return EchoPlan(entity.table, key, sql, tuple(compiler.statement.binds))


def records_plan(request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode], most: int) -> Plan:
    """This will find or make the plan of at most so many records of one type for a place in the answer."""
    return request.plan(
        (place, most),  # their number decides what it costs
        lambda compiler: compiler.records(entity, nodes, compiler.statement.parameter(_key_of, "uuid[]"), most=most),
    )


async def record_texts(
    request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode], keys: Sequence[UUID]
) -> dict[UUID, orjson.Fragment]:
    """This will select several records of one type for a place in the answer, by key."""
    plan = records_plan(request, place, entity, nodes, len(keys))
    rows = await plan.rows(plan.values(request.call(list(keys))))
    request.actual += sum(row[2] for row in rows)
    return {UUID(str(row[0])): orjson.Fragment(row[1]) for row in rows}


def _key_of(call: Call) -> Any:
    return call.key
