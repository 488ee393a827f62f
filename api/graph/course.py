"""The course of an operation: what it reads in one statement, what is left to the executor, and what it costs.

It is kept like a plan, so that a repeated operation goes from its variables to the bound statement.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    located_error,
)

from api.graph.answers import content_of
from api.graph.budget import CELLS_OF_A_MUTATION, Budget, Cost
from api.graph.bulk import RESULTS, charge_rows
from api.graph.entity import ENTITIES, named_type
from api.graph.limits import Refused
from api.graph.measures import fields_below
from api.graph.mutating import Mutation, mutation_of
from api.graph.plans import EchoPlan, Plan
from api.graph.reading import DEFINITION, Faults, compile_roots, entity_root
from api.graph.records import echo_plan, payload_place, record_plan
from api.graph.request import Request
from domain.kernel.refusals import Refusal

ONCE = {"once": True}
"""The metadata of a mutation that may stand once in an operation: each further try is a request, which is counted."""
ROWS = "rows"
"""The key, in the metadata of a root field that Python resolves, of about how many rows it may give."""

Selected = dict[str, list[FieldNode]]


@dataclass(frozen=True, slots=True)
class Course:
    """How to run an operation.

    `whole` where the plan reads all of it, and nothing is left to the executor; `fixed` is the part of the cost that
    does not depend on how many rows there are.
    """

    plan: Plan
    selected: Selected
    whole: bool
    cost: int
    fixed: int
    echoes: Mapping[str, EchoPlan] = field(default_factory=dict)
    """Of mutations, by response key: how the record is read that the statement stores."""
    mutation: Mutation | None = None
    """The mutation that is all of it, where the executor is not needed to put its payload together."""

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return self.plan.weight + sum(echo.weight for echo in self.echoes.values())


def course_of(request: Request) -> tuple[Course, Faults]:
    """This will make the course of an operation, and say what is wrong with root fields that cannot be read.

    Raises Refused where it is not to be run at all.
    """
    selected = request.roots()
    if request.operation.operation is OperationType.QUERY:
        return _query_course(request, selected)
    _refuse_repetition(request, selected)
    echoes = _planned_payloads(request, selected)
    fixed, cells = CELLS_OF_A_MUTATION * len(selected), request.budget.spent.cells
    request.budget = Budget(request.limits)  # payloads ask for the same plans again
    mutation = mutation_of(request, selected)
    return Course(Plan("", (), Cost()), selected, False, fixed + cells, fixed, echoes, mutation), {}


def _query_course(request: Request, selected: Selected) -> tuple[Course, Faults]:
    asked = {key: nodes for key, nodes in selected.items() if entity_root(request.schema, nodes[0])}
    others = {key: nodes for key, nodes in selected.items() if key not in asked}
    fixed = sum(_cells_of_other(request, nodes) for nodes in others.values())
    name = request.plan_shape[0]
    fixed += request.prepared.introspection[name]
    plan, faults = Plan("", (), Cost()), Faults()
    if asked and request.actor.authenticated:
        plan, faults = compile_roots(request, asked)
    whole = request.actor.authenticated and all(nodes[0].name.value == "__typename" for nodes in others.values())
    return Course(plan, selected, whole, fixed + plan.cost.cells, fixed), faults


def _cells_of_other(request: Request, nodes: list[FieldNode]) -> int:
    """What a field costs that Python resolves: its selected fields, once for each row that it may give."""
    query = cast(GraphQLObjectType, request.schema.query_type)
    definition = query.fields.get(nodes[0].name.value)
    if definition is None:
        return 1  # of the schema itself, which is weighed by itself
    rows: int = definition.extensions[DEFINITION].metadata.get(ROWS, 1)
    return rows * fields_below(nodes, request.prepared.fragments)


def _planned_payloads(request: Request, selected: Selected) -> dict[str, EchoPlan]:
    """Charges for the records of payloads, and plans their echoes.

    Raises TooLarge before anything is done, where they ask for too much.
    """
    echoes: dict[str, EchoPlan] = {}
    for root, nodes in selected.items():
        definition = request.schema.mutation_type and request.schema.mutation_type.fields.get(nodes[0].name.value)
        payload = definition and get_named_type(definition.type)
        if not isinstance(payload, GraphQLObjectType):
            continue
        try:
            _charge_payload(request, payload, root, nodes)
            if echo := echo_plan(request, payload, nodes):
                echoes[root] = echo
        except Refused:
            raise
        except (GraphQLError, Refusal):
            continue  # which the executor finds again, and words
    return echoes


def _charge_payload(request: Request, payload: GraphQLObjectType, root: str, nodes: list[FieldNode]) -> None:
    for key, same in request.scope.fields(payload, nodes).items():
        definition = payload.fields.get(same[0].name.value)
        entity = definition and ENTITIES.get(named_type(definition.type))
        if entity:
            record_plan(request, payload_place([root], key), entity, same)
        elif same[0].name.value == RESULTS:
            charge_rows(request, payload, root, nodes[0], key, same)


def _refuse_repetition(request: Request, selected: Selected) -> None:
    for name, times in Counter(nodes[0].name.value for nodes in selected.values()).items():
        if times > 1 and _stands_once(request, name):
            message = f"`{name}` stands {times} times in one operation, and may stand once; send a request each."
            raise Refused(message, "ONLY_ONCE", requested=times, allowed=1)


def _stands_once(request: Request, name: str) -> bool:
    kind = request.schema.mutation_type
    definition = kind.fields.get(name) if kind else None
    return definition is not None and "once" in definition.extensions[DEFINITION].metadata


def spliced(request: Request, course: Course) -> bytes:
    """The answer as the executor would give it: a fault makes its field null, or all of the data."""
    parts, errors = [], []
    for key, nodes in course.selected.items():
        text = request.texts.get(key) if nodes[0].name.value != "__typename" else '"Query"'
        if isinstance(text, Exception):
            errors.append(located_error(text, nodes, [key]))
            definition = cast(GraphQLField, entity_root(request.schema, nodes[0]))
            if isinstance(definition.type, GraphQLNonNull):
                return content_of(None, errors, executed=True)
            text = None
        parts.append(f'"{key}":{"null" if text is None else text}')
    data = f"{{{','.join(parts)}}}"
    if errors:
        return content_of(orjson.Fragment(data), errors, executed=True)
    return f'{{"data":{data}'.encode()
