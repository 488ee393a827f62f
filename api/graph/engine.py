"""Running operations: by the plan of the whole operation where every root field compiles, else by the executor.

Both roads end in the same plans. The short road binds and runs them and splices the texts; the executor's resolvers
hand their texts over as `orjson.Fragment`, which the executor lets pass untouched. What does not compile is left to the
executor, which finds the same fault; what fails while it runs is worded here, and not run again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_named_type,
    get_variable_values,
    located_error,
)
from graphql.execution.values import VariableValues

from api.graph.arguments import Call, arguments_of
from api.graph.budget import Budget, TooLarge, refuse_many_values
from api.graph.compiler import Compiler
from api.graph.connections import RecordField
from api.graph.documents import Documents, Prepared, Rejected
from api.graph.entity import ENTITIES, Entity, EntityField, snake_name
from api.graph.plans import Plan, Plans, shape
from api.graph.problems import Problem, of_exception, of_refusal
from api.graph.selection import Scope
from api.graph.sight import shape_of
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.kernel.refusals import Refusal

DEFINITION = "strawberry-definition"


@dataclass(slots=True)
class Request:
    """One operation under way: who asks, when, what; resolvers get it as their context."""

    actor: Actor
    at: datetime
    prepared: Prepared
    operation: OperationDefinitionNode
    variables: VariableValues
    engine: "Engine"
    surroundings: Any = None
    plan_shape: tuple[Any, ...] = field(default=())
    budget: Budget = field(default_factory=Budget)

    @property
    def scope(self) -> Scope:
        return Scope(self.engine.schema, self.prepared.fragments, self.variables)

    def roots(self) -> dict[str, list[FieldNode]]:
        """This will collect the fields at the top level, by response key. Raises Problem where they are too many."""
        kind = self.engine.schema.get_root_type(self.operation.operation)
        selected = self.scope.collect(cast(GraphQLObjectType, kind), [self.operation.selection_set])
        self.budget.charge("roots", len(selected))
        return selected

    def call(self, key: Any = None) -> Call:
        return Call(self.variables.coerced, self.actor, key)

    def plan(self, place: Any, compile: Callable[[Compiler], str]) -> Plan:
        """This will find the plan of a place in the document, or compile it. Raises Problem where it costs too much."""
        key = (self.prepared.number, place, self.plan_shape)
        plan = self.engine.plans.find(key)
        if plan is not None:
            self.budget.charge_all(plan.cost)
            return plan
        before = self.budget.copy()
        compiler = Compiler(self.scope, self.actor, self.budget)
        plan = Plan(compile(compiler), tuple(compiler.statement.binds), self.budget.since(before))
        self.engine.plans.keep(key, plan)
        return plan


@dataclass(frozen=True, slots=True)
class RootPlan:
    """A root field with its plan; a fault in one that is required leaves no data at all."""

    key: str
    nodes: list[FieldNode]
    required: bool
    plan: Plan


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: the body to send, whether it was executed, and the code of what kept it from being."""

    body: bytes
    executed: bool = True
    code: str | None = None


class FragmentExecutor(Executor[Any]):
    """The stock executor, except that text which the database has already written passes as it is."""

    def complete_value(self, return_type: GraphQLOutputType, *rest: Any, **more: Any) -> Any:
        result = more["result"] if "result" in more else rest[3]
        if isinstance(result, orjson.Fragment):
            return result
        return super().complete_value(return_type, *rest, **more)


class Engine:
    """A schema ready to run: documents and plans are kept here, one engine to a process.

    With `secret`, strangers learn nothing of the schema: no introspection, and for nobody a suggestion in an error.
    """

    def __init__(self, schema: GraphQLSchema, *, secret: bool = False) -> None:
        self.schema = schema
        self.documents = Documents(schema, hide_suggestions=secret)
        self.plans = Plans()
        self._secret = secret
        self._query = cast(GraphQLObjectType, schema.query_type)
        for owner in schema.type_map.values():
            if isinstance(owner, GraphQLObjectType) and owner.name not in ENTITIES:
                self._attach(owner)

    def _attach(self, owner: GraphQLObjectType) -> None:
        """This will lead fields that give entities to their texts: roots to a plan, payloads to what was selected."""
        for definition in owner.fields.values():
            if owner is self._query and isinstance(definition.extensions.get(DEFINITION), EntityField):
                definition.resolve = _resolve_root
            elif owner.name.endswith("Payload") and named_type(definition.type) in ENTITIES:
                definition.resolve = _resolve_selected

    async def run(
        self,
        text: str,
        *,
        operation_name: str | None,
        variables: Mapping[str, Any],
        actor: Actor,
        at: datetime,
        surroundings: Any = None,
        read_only: bool = False,
    ) -> Answer:
        """This will run a request and answer it; it never raises for what a client can cause."""
        try:
            request = self.opened(
                text, operation_name=operation_name, variables=variables, actor=actor, at=at, surroundings=surroundings
            )
            if read_only and request.operation.operation is not OperationType.QUERY:
                raise Problem("Only queries may be sent by GET; send this by POST.", "METHOD_NOT_ALLOWED")
            plans = self._plans_of(request)
        except Rejected as rejected:
            return Answer(_body(None, rejected.errors, executed=False), executed=False, code=rejected.code)
        except Problem as problem:
            return Answer(_body(None, [problem], executed=False), executed=False, code=problem.code)
        if plans is None:
            return await self._executor_road(request)
        return Answer(await _run(plans, request))

    def opened(
        self,
        text: str,
        *,
        operation_name: str | None,
        variables: Mapping[str, Any],
        actor: Actor,
        at: datetime,
        surroundings: Any = None,
    ) -> Request:
        """This will prepare an operation: parsed, valid, chosen, its variables coerced. Raises Rejected and Problem."""
        prepared = self.documents.prepared(text, keep=actor.authenticated)
        if self._secret and prepared.introspects and not actor.authenticated:
            raise Problem("Sign in to read the schema.", "UNAUTHENTICATED")
        operation = prepared.operation(operation_name)
        refuse_many_values(variables)
        values = get_variable_values(
            self.schema,
            operation.variable_definitions or (),
            dict(variables),
            max_errors=20,
            hide_suggestions=self._secret,
        )
        if isinstance(values, list):
            raise Rejected(values, "BAD_USER_INPUT")
        request = Request(actor, at, prepared, operation, values, self, surroundings)
        name = operation.name and operation.name.value
        request.plan_shape = (name, shape(values.coerced, prepared.exact), shape_of(actor))
        return request

    def _plans_of(self, request: Request) -> list[RootPlan] | None:
        """None where the executor is needed: a root field asks for no entity, or something in it is wrong.

        Raises Problem where the operation asks for too much.
        """
        selected = request.roots()
        if not request.actor.authenticated:
            return None
        if request.operation.operation is not OperationType.QUERY:
            self._charge_payloads(request, selected)
            request.budget = Budget()  # the executor asks for the same plans
            return None
        plans = [self._root_plan(request, key, nodes) for key, nodes in selected.items()]
        found = [plan for plan in plans if plan is not None]
        if len(found) == len(plans):
            return found
        request.budget = Budget()  # the executor asks for the same plans
        return None

    def _charge_payloads(self, request: Request, selected: Mapping[str, list[FieldNode]]) -> None:
        """Raises TooLarge before anything is done, where the records of payloads ask for too much."""
        for root, nodes in selected.items():
            definition = self.schema.mutation_type and self.schema.mutation_type.fields.get(nodes[0].name.value)
            payload = definition and get_named_type(definition.type)
            if not isinstance(payload, GraphQLObjectType):
                continue
            for key, same in request.scope.fields(payload, nodes).items():
                field = payload.fields.get(same[0].name.value)
                entity = field and ENTITIES.get(named_type(field.type))
                if entity:
                    with _left_to_executor():
                        record_plan(request, payload_place([root], key), entity, same)

    def _root_plan(self, request: Request, key: str, nodes: list[FieldNode]) -> RootPlan | None:
        definition = self._query.fields.get(nodes[0].name.value)
        if definition is None or not isinstance(definition.extensions.get(DEFINITION), EntityField):
            return None
        with _left_to_executor():
            return RootPlan(key, nodes, isinstance(definition.type, GraphQLNonNull), root_plan(request, key, nodes))
        return None

    async def _executor_road(self, request: Request) -> Answer:
        result = execute(
            self.schema,
            request.prepared.document,
            context_value=request,
            variable_values={name: source.value for name, source in request.variables.sources.items()},
            operation_name=request.operation.name.value if request.operation.name else None,
            executor_class=FragmentExecutor,
            hide_suggestions=self._secret,
        )
        done: ExecutionResult = result if isinstance(result, ExecutionResult) else await result
        return Answer(_body(done.data, done.errors or [], executed=True))


async def _run(plans: Sequence[RootPlan], request: Request) -> bytes:
    """The answer as the executor would give it: a fault makes its field null, or all of the data."""
    parts, errors = [], []
    for root in plans:
        try:
            text = await root.plan.run(request.call())
        except Exception as error:
            errors.append(located_error(error, root.nodes, [root.key]))
            if root.required:
                return _body(None, errors, executed=True)
            text = None
        parts.append(f'"{root.key}":{"null" if text is None else text}')
    data = f"{{{','.join(parts)}}}"
    return _body(orjson.Fragment(data), errors, executed=True) if errors else f'{{"data":{data}}}'.encode()


def root_plan(request: Request, key: str, nodes: Sequence[FieldNode]) -> Plan:
    """This will find or make the plan of a root field that asks for an entity."""
    query = cast(GraphQLObjectType, request.engine.schema.query_type)
    definition = query.fields[nodes[0].name.value]
    declared: EntityField = definition.extensions[DEFINITION]
    root = declared.root
    if root is None:
        raise TypeError(f"{key} is no root field")

    def compile(compiler: Compiler) -> str:
        if not isinstance(declared, RecordField):
            return compiler.connection(definition, nodes, root)
        entity = ENTITIES[named_type(definition.type)]
        if root.key is not None:
            own = root.key
            return compiler.record(entity, nodes, lambda call: own(call.actor))
        given = arguments_of(definition, nodes[0], request.variables)["id"]
        return compiler.record(entity, nodes, given.bind(lambda text: read_id(entity.prefix, text)))

    return request.plan(("root", key), compile)


def named_type(output: Any) -> str:
    """This will give the name of a type, whatever it is wrapped in."""
    while hasattr(output, "of_type"):
        output = output.of_type
    return cast(str, output.name)


async def _resolve_root(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    request: Request = info.context
    request.actor.must_be_known()
    plan = root_plan(request, cast(str, info.path.key), info.field_nodes)
    text = await plan.run(request.call())
    return None if text is None else orjson.Fragment(text)


def _resolve_selected(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
    texts: Mapping[Any, Any] | None = getattr(source, snake_name(info.field_name))
    return texts and texts[info.path.key]


def _key_of(call: Call) -> Any:
    return call.key


@contextmanager
def _left_to_executor() -> Iterator[None]:
    """This will leave what does not compile to the executor, which finds it again and words it; but not a TooLarge."""
    try:
        yield
    except TooLarge:
        raise
    except (GraphQLError, Refusal):
        return


def payload_place(path: Sequence[Any], key: str) -> Any:
    """This will name the place of a payload's record in the answer: the path of the mutation, and a response key."""
    return ("payload", tuple(path), key)


def record_plan(request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode]) -> Plan:
    """This will find or make the plan of one record for a place in the answer."""
    return request.plan(place, lambda compiler: compiler.record(entity, nodes, _key_of))


async def record_text(request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode], key: UUID) -> Any:
    """This will select one record for a place in the answer, as a Fragment; None where it is not to be seen."""
    plan = record_plan(request, place, entity, nodes)
    text = await plan.run(request.call(key))
    return None if text is None else orjson.Fragment(text)


async def record_texts(
    request: Request, place: Any, entity: Entity, nodes: Sequence[FieldNode], keys: Sequence[UUID]
) -> dict[UUID, orjson.Fragment]:
    """This will select several records of one type for a place in the answer, by key."""
    place = (place, len(keys))  # which decides what it costs
    plan = request.plan(place, lambda compiler: compiler.records(entity, nodes, _key_of, most=len(keys)))
    rows = await plan.run_many(request.call(list(keys)))
    return {UUID(str(row[0])): orjson.Fragment(row[1]) for row in rows}


def _body(data: Any, errors: Sequence[GraphQLError], *, executed: bool) -> bytes:
    answer: dict[str, Any] = {"data": data} if executed else {}
    if errors:
        answer = {"errors": [_worded(error) for error in errors], **answer}
    return orjson.dumps(answer)


def _worded(error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, Refusal):
        return _located(of_refusal(original), error)
    if original is not None and not isinstance(original, GraphQLError):
        return _located(of_exception(original), error)
    formatted = cast(dict[str, Any], error.formatted)
    formatted.setdefault("extensions", {}).setdefault("code", "BAD_USER_INPUT")
    return formatted


def _located(problem: Problem, error: GraphQLError) -> dict[str, Any]:
    formatted = cast(dict[str, Any], error.formatted)
    return formatted | {"message": problem.message, "extensions": problem.extensions}
