"""Reading an operation: all its root fields that ask for entities in one statement, one round trip, one snapshot.

Where something in a root field cannot be bound (a cursor of another list), or PostgreSQL refuses a value, each root is
read by itself, so that the others still answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import asyncpg
from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema

from api.graph.aggregates import AggregateField
from api.graph.arguments import arguments_of
from api.graph.budget import Budget
from api.graph.compiler import Compiler
from api.graph.connections import NodeField, NodesField, RecordField
from api.graph.entity import ENTITIES, EntityField, named_type
from api.graph.limits import Refused
from api.graph.nodes import node_select, nodes_select
from api.graph.plans import Plan
from api.graph.request import Request
from domain.kernel.ids import read_id
from domain.kernel.refusals import Refusal

DEFINITION = "strawberry-definition"
Faults = dict[str, Exception]


def entity_root(schema: GraphQLSchema, node: FieldNode) -> GraphQLField | None:
    """This will give the definition of a root field of Query that asks for entities; None for any other."""
    definition = cast(GraphQLObjectType, schema.query_type).fields.get(node.name.value)
    asks = definition is not None and isinstance(definition.extensions.get(DEFINITION), EntityField)
    return definition if asks else None


def compile_roots(request: Request, selected: Mapping[str, Sequence[FieldNode]]) -> tuple[Plan, Faults]:
    """This will compile root fields that ask for entities to one plan, and say what is wrong with those left out.

    Raises Refused where the operation is not to be run at all.
    """
    before, faults, selects = request.budget.copy(), Faults(), dict[str, str]()
    compiler = request.compiler()
    for key, nodes in selected.items():
        bound = len(compiler.statement.binds)
        try:
            selects[key] = _select(request, compiler, nodes)
        except Refused:
            raise
        except (GraphQLError, Refusal) as error:
            faults[key] = error
            del compiler.statement.binds[bound:]
    cost = request.budget.since(before)
    return Plan(_together(list(selects.values())), tuple(compiler.statement.binds), cost, tuple(selects)), faults


def _together(selects: Sequence[str]) -> str:
    if len(selects) == 1:
        return selects[0]
    columns = ", ".join(f"s{place}.v, s{place}.w" for place in range(len(selects)))
    joins = "".join(f" LEFT JOIN ({select}) s{place} ON TRUE" for place, select in enumerate(selects))
    return f"SELECT {columns} FROM (SELECT) one{joins}"


def _select(request: Request, compiler: Compiler, nodes: Sequence[FieldNode]) -> str:
    definition = cast(GraphQLField, entity_root(request.schema, nodes[0]))
    declared: EntityField = definition.extensions[DEFINITION]
    match declared:
        case AggregateField():
            return compiler.aggregate(definition, nodes)
        case NodeField():
            return node_select(compiler, arguments_of(definition, nodes[0], request.variables)["id"], nodes)
        case NodesField():
            return nodes_select(compiler, arguments_of(definition, nodes[0], request.variables)["ids"], nodes)
        case RecordField():
            entity = ENTITIES[named_type(definition.type)]
            if declared.root and (own := declared.root.key):
                return compiler.record(entity, nodes, lambda call: own(call.actor))
            given = arguments_of(definition, nodes[0], request.variables)["id"]
            return compiler.record(entity, nodes, given.bind(lambda text: read_id(entity.prefix, text)))
    if declared.root is None:
        raise TypeError(f"{nodes[0].name.value} is no root field")
    return compiler.connection(definition, nodes, declared.root)


async def read(request: Request, plan: Plan, selected: Mapping[str, Sequence[FieldNode]]) -> None:
    """This will run the plan of the root fields, and lay what each came to into the request's `texts`."""
    try:
        values = plan.values(request.call())
    except Exception as error:
        await _one_by_one(request, plan, selected, error)
        return
    try:
        row = await request.autocommit.row(plan.sql, values)
    except asyncpg.DataError as error:
        await _one_by_one(request, plan, selected, error)
        return
    except Exception as error:
        request.texts |= dict.fromkeys(plan.keys, error)
        return
    _lay(request, plan, row)


def _lay(request: Request, plan: Plan, row: Sequence[Any] | None) -> None:
    for place, key in enumerate(plan.keys):
        text = row[2 * place] if row is not None else None
        request.texts[key] = text
        request.actual += row[2 * place + 1] if row is not None and text is not None else 0


async def _one_by_one(
    request: Request, plan: Plan, selected: Mapping[str, Sequence[FieldNode]], error: Exception
) -> None:
    if len(plan.keys) == 1:
        request.texts[plan.keys[0]] = error
        return
    request.budget = Budget(request.limits)  # which the plan of them all was within
    for key in plan.keys:
        single, _ = compile_roots(request, {key: selected[key]})
        await read(request, single, selected)
