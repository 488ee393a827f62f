"""Subscriptions under way: each event is judged and selected anew, by the compiler, as the actor is at that moment.

What an operation asks for is compiled before it begins, so that a bad selection is refused and not told of later. An
event whose record the actor may not see is not told of; where the subscription names the record, it is told with null
in its place, for then the actor has seen it. One statement a subscriber and event reads the record, and subscribers
who would run the very same one share it. Each event is charged to the viewer; one who has nothing left waits.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    get_named_type,
)

from api.graph.answers import Answer, refused
from api.graph.arguments import arguments_of
from api.graph.budget import Budget
from api.graph.documents import Rejected
from api.graph.engine import Engine
from api.graph.entity import ENTITIES, Entity, graphql_name, named_type
from api.graph.events import ChangesField, EventsField, SubscriptionField
from api.graph.feed import Feed
from api.graph.plans import Plan
from api.graph.problems import Problem, bad_input, of_exception, of_refusal
from api.graph.reading import DEFINITION
from api.graph.records import record_plan
from api.graph.request import Request
from api.graph.sight import is_closed
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.events import Told, position_id, read_position
from domain.kernel.ids import read_id, split_id
from domain.kernel.refusals import NotFound, Refusal
from runtime.allowance import Spent

Authorise = Callable[[], Awaitable[Actor]]
"""Gives who subscribes as they are now. Raises what ends the subscription where they may no longer."""


class Message(NamedTuple):
    """One answer of a subscription as JSON, and the id to resume after where it has one."""

    id: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for, and from which network address."""

    text: str
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of events: the topics that have it, with the names of these, and the field for its record."""

    owner: GraphQLObjectType
    subject: str
    entity: Entity
    topics: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Root:
    """The one root field of a subscription, opened for an actor."""

    request: Request
    key: str
    nodes: list[FieldNode]
    field: SubscriptionField
    kinds: tuple[Kind, ...]
    arguments: Mapping[str, Any]

    def plan(self, entity: Entity, place: Any, nodes: list[FieldNode]) -> Plan:
        """This will find or make the plan of a record; each may ask for as much as an operation."""
        self.request.budget = Budget(self.request.limits)
        return record_plan(self.request, ("event", self.key, entity.name, place), entity, nodes)


class Subscriptions:
    """The subscriptions of one process, over its engine and its feed; `at_once` bounds what they read at a time."""

    def __init__(self, engine: Engine, feed: Feed, clock: Clock, *, at_once: int) -> None:
        self._engine, self._feed, self._clock = engine, feed, clock
        self._kinds = _kinds_of(engine.schema)
        self._reading = asyncio.Semaphore(at_once)
        self._shared: dict[Any, asyncio.Task[Any]] = {}
        for definition in cast(GraphQLObjectType, engine.schema.subscription_type).fields.values():
            definition.resolve = _resolve_nothing

    def subscribes(self, asked: Asked, actor: Actor) -> bool:
        """This will say whether a subscription is asked for. Raises Rejected and Problem."""
        return self._opened(asked, actor).operation.operation is OperationType.SUBSCRIPTION

    async def follow(
        self, asked: Asked, authorise: Authorise, resume_after: str | None = None
    ) -> AsyncGenerator[Message, None]:
        """This will give the answers of a subscription, as they come. Raises whatever ends it."""
        root = self._root(asked, await authorise())
        if isinstance(root.field, ChangesField):
            messages = self._changes(root, root.field, asked, authorise)
        else:
            messages = self._events(root, asked, authorise, resume_after)
        async with aclosing(messages):
            async for message in messages:
                yield message

    async def _events(
        self, root: Root, asked: Asked, authorise: Authorise, resume_after: str | None
    ) -> AsyncGenerator[Message, None]:
        after = resume_after or root.arguments.get("after")
        position = None if after is None else read_position(after)
        if after is not None and position is None:
            raise Problem("`after` is not the id of an event.", "BAD_CURSOR")
        kinds = {topic: kind for kind in root.kinds for topic in kind.topics}
        key = await self._named(root)
        chosen = root.arguments.get("topics")
        topics = kinds.keys() if chosen is None else kinds.keys() & {each.value for each in chosen}
        async with aclosing(self._feed.events(position)) as events:
            async for told in events:
                if told.topic in topics and key in (None, told.subject_id):
                    root = await self._renewed(root, asked, authorise)
                    body = await self._told(root, kinds[told.topic], told, is_named=key is not None)
                    if body is not None:
                        yield Message(position_id(told.position), body)

    async def _changes(
        self, root: Root, field: ChangesField, asked: Asked, authorise: Authorise
    ) -> AsyncGenerator[Message, None]:
        entity = ENTITIES[named_type(_definition(root.request, root.nodes).type)]
        key = read_id(entity.prefix, root.arguments["id"])
        before = None
        if key is None:
            raise NotFound(f"There is no such {entity.name}.")
        async with aclosing(self._feed.touches(key)) as touches:
            async for _ in touches:
                root = await self._renewed(root, asked, authorise)
                has_ended = await field.ends(key)
                text = await self._text(root, entity, root.key, root.nodes, key)
                if text is None:
                    raise NotFound(f"There is no such {entity.name}.")
                if text != before:
                    before = text
                    yield Message(None, _body(root, text))
                if has_ended:
                    return

    async def _named(self, root: Root) -> UUID | None:
        """The key of the record that the subscription is about. Raises NotFound where it is not to be seen."""
        given = root.arguments.get("id") or root.arguments.get("subject")
        if given is None:
            return None
        prefix, key = split_id(given) or ("", None)
        for kind in root.kinds:
            if kind.entity.prefix == prefix and key and await self._text(root, kind.entity, None, [], key):
                return key
        raise NotFound("There is no such record, or none that you may see.")

    async def _told(self, root: Root, kind: Kind, told: Told, *, is_named: bool) -> bytes | None:
        """The answer that tells of an event; None where it is not for the actor to know."""
        selected = root.request.scope.fields(kind.owner, root.nodes)
        sought: dict[str | None, list[FieldNode]] = {
            key: nodes for key, nodes in selected.items() if nodes[0].name.value == kind.subject
        }
        texts = {
            key: await self._text(root, kind.entity, key, nodes, told.subject_id, told)
            for key, nodes in (sought or {None: []}).items()
        }
        if None in texts.values():
            if is_named:
                raise NotFound("There is no such record any more, or none that you may see.")
            return None
        facts = _facts(kind, told)
        values = [
            f'"{key}":{facts.get(nodes[0].name.value) or texts[key] or "null"}' for key, nodes in selected.items()
        ]
        return _body(root, f"{{{','.join(values)}}}")

    async def _text(
        self, root: Root, entity: Entity, place: Any, nodes: list[FieldNode], key: UUID, told: Told | None = None
    ) -> str | None:
        """A record as JSON text, charged to the viewer; None where it is not to be seen."""
        plan, viewer = root.plan(entity, place, nodes), root.request.viewer
        values = plan.values(root.request.call(key))
        await self._afford(viewer, plan.cost.cells)
        row = await self._row(plan, values, told)
        self._engine.allowance.settle(viewer, plan.cost.cells, row[1] if row else 0)
        return row and row[0]

    async def _row(self, plan: Plan, values: list[Any], told: Told | None) -> Any:
        """The row of a plan; of several who ask for the same because of the same event, one reads it."""
        if told is None:
            return await self._read(plan, values)
        same = (told.position, plan.sql, repr(values))
        task = self._shared.get(same)
        if task is None:
            task = self._shared[same] = asyncio.create_task(self._read(plan, values))
            task.add_done_callback(lambda done: self._ended(same, done))
        return await asyncio.shield(task)

    def _ended(self, same: Any, done: asyncio.Task[Any]) -> None:
        del self._shared[same]
        if not done.cancelled():
            done.exception()  # which those who wait get; there may be none of them left

    async def _read(self, plan: Plan, values: list[Any]) -> Any:
        async with self._reading:
            return await self._engine.autocommit.row(plan.sql, values)

    async def _afford(self, viewer: str, cost: int) -> None:
        while True:
            try:
                await self._engine.allowance.take(viewer, cost)
                return
            except Spent as spent:
                await asyncio.sleep(spent.retry_after_seconds)

    async def _renewed(self, root: Root, asked: Asked, authorise: Authorise) -> Root:
        actor = await authorise()
        return root if actor == root.request.actor else self._root(asked, actor)

    def _root(self, asked: Asked, actor: Actor) -> Root:
        """Opens and compiles a subscription. Raises Rejected, Problem and Refusal."""
        request = self._opened(asked, actor)
        if request.operation.operation is not OperationType.SUBSCRIPTION:
            raise bad_input("This is no subscription.")
        actor.must_be_known()
        selected = request.roots()
        if len(selected) != 1:
            raise bad_input("A subscription selects one field; this one leaves it out.")
        ((key, nodes),) = selected.items()
        definition = _definition(request, nodes)
        arguments = {name: given.value for name, given in arguments_of(definition, nodes[0], request.variables).items()}
        owner = get_named_type(definition.type)
        seen = (kind for kind in self._kinds if not is_closed(kind.entity, actor))
        kinds = tuple(kind for kind in self._kinds if owner is kind.owner) or tuple(
            kind for kind in seen if owner in kind.owner.interfaces
        )
        root = Root(request, key, nodes, definition.extensions[DEFINITION], kinds, arguments)
        _compile(root, owner)
        return root

    def _opened(self, asked: Asked, actor: Actor) -> Request:
        return self._engine.opened(
            asked.text,
            operation_name=asked.operation_name,
            variables=asked.variables or {},
            actor=actor,
            at=self._clock(),
            address=asked.address,
        )


def answer_of(error: Exception) -> Answer:
    """This will be the answer where a subscription cannot begin, or ends."""
    if isinstance(error, Rejected):
        return refused(error.errors, error.code)
    if isinstance(error, Refusal):
        error = of_refusal(error)
    elif isinstance(error, GraphQLError) and not isinstance(error, Problem):
        error = bad_input(error.message)
    problem = error if isinstance(error, Problem) else of_exception(error)
    return refused([problem], problem.code)


def _compile(root: Root, owner: Any) -> None:
    """Raises what is wrong with the selections, before anything is told."""
    if isinstance(root.field, ChangesField):
        root.plan(ENTITIES[owner.name], root.key, root.nodes)
    for kind in root.kinds:
        for key, nodes in root.request.scope.fields(kind.owner, root.nodes).items():
            if nodes[0].name.value == kind.subject:
                root.plan(kind.entity, key, nodes)


def _definition(request: Request, nodes: list[FieldNode]) -> Any:
    return cast(GraphQLObjectType, request.schema.subscription_type).fields[nodes[0].name.value]


def _facts(kind: Kind, told: Told) -> dict[str, str]:
    """What an event says of itself, as JSON by field name."""
    facts: dict[str, Any] = {
        "__typename": kind.owner.name,
        "id": position_id(told.position),
        "topic": kind.topics[told.topic],
        "occurredAt": told.occurred_at,
        "actorName": told.actor_name,
        "changed": [graphql_name(name) for name in told.data],
    }
    return {name: orjson.dumps(fact).decode() for name, fact in facts.items()}


def _kinds_of(schema: GraphQLSchema) -> list[Kind]:
    """Every type of events that a field of the subscription gives."""
    kinds = []
    for definition in cast(GraphQLObjectType, schema.subscription_type).fields.values():
        field, owner = definition.extensions[DEFINITION], get_named_type(definition.type)
        if not isinstance(field, EventsField) or isinstance(owner, GraphQLInterfaceType):
            continue
        owner = cast(GraphQLObjectType, owner)
        (name,) = (name for name, field in owner.fields.items() if named_type(field.type) in ENTITIES)
        topics = {topic.value: topic.name for topic in field.topics}
        kinds.append(Kind(owner, name, ENTITIES[named_type(owner.fields[name].type)], topics))
    return kinds


def _body(root: Root, text: str) -> bytes:
    return f'{{"data":{{"{root.key}":{text}}}}}'.encode()


def _resolve_nothing(*_: Any, **__: Any) -> Any:
    raise Problem(
        "A subscription is sent over a WebSocket (graphql-transport-ws), or with `Accept: text/event-stream`.",
        "SUBSCRIPTION_NEEDS_STREAM",
    )
