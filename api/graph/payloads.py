"""Answers to mutations: the record as it now stands, read in the transaction that changed it, or why it was refused.

This is the one place where refusals become `userErrors`. A mutation is a few lines: it hands its command to `settle`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Annotated, Any, cast, overload
from uuid import UUID

import orjson
import strawberry
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
)
from strawberry.types import Info
from tortoise import Model

from api.graph.bulk import RESULTS, selected_rows
from api.graph.entity import ENTITIES, graphql_name, named_type, snake_name
from api.graph.enums import word_enum
from api.graph.kept import RECORD, ROWS, VALUE, Kept, input_digest, kept, kept_rows
from api.graph.plans import EchoPlan
from api.graph.reading import DEFINITION
from api.graph.records import payload_place, record_text
from api.graph.request import Request
from domain.kernel.actor import Actor
from domain.kernel.events import tell_refused
from domain.kernel.idempotency import claim
from domain.kernel.ids import read_id
from domain.kernel.record import Record
from domain.kernel.refusals import Code, Forbidden, Refusal, Stale, Unauthenticated
from domain.kernel.transactions import Stored, Unit, join_unit
from domain.kernel.upserts import ARGUMENT

PARTS = "parts"
NO_KEY = UUID(int=0)
"""The key of no record, so that what is no id is not found, like any other that leads nowhere."""
Command = Callable[[Actor, datetime], Awaitable[Model | dict[str, Any] | list[Any]]]
"""What a mutation does, given who acts and when."""

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="1 to 255 visible ASCII characters of your choice, such as a UUID, new for each thing to be done. "
        "Sent again with the same input, nothing is done again, and the answer is that of the first time; with other "
        "input, IDEMPOTENCY_KEY_REUSED. Kept for 24 hours or more, unless refused."
    ),
]
ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(
        description="The version you have read. Where the record has moved on nothing is changed: STALE, and the "
        "record as it now stands beside it."
    ),
]

word_enum(
    Code,
    "UserErrorCode",
    "What kind of refusal it is, for programs to branch on.",
    INVALID="The input breaks a rule; put it right and send it again.",
    NOT_FOUND="There is no such record, or none that you may see.",
    UNAUTHENTICATED="Nobody is signed in, or the credentials are wrong.",
    FORBIDDEN="You may not do this.",
    CONFLICT="It contradicts what is stored, such as a second record with the same external id.",
    STALE="Somebody changed the record since you read it; read it again and repeat your change.",
    ALREADY_RUNNING="Somebody else had the same work started, and it is under way; ask again when it is done.",
    IDEMPOTENCY_KEY_REUSED="The idempotency key stands for other input already; choose a new one.",
    EXHAUSTED="A limit is used up; try again later.",
    SECOND_FACTOR_NEEDED="The password is right, and a code of the authenticator is wanted too, or it is wrong.",
)


@strawberry.type(description="Why something was refused: for programs a code and a path, for people a sentence.")
class UserError:
    field: list[str] = strawberry.field(description="The path to the input that is at fault; empty where it is none.")
    message: str = strawberry.field(description="What is wrong and how to put it right.")
    code: Code = strawberry.field(description="What kind of refusal it is.")


def user_errors() -> Any:
    """This will make the field of every payload that says why something was refused."""
    return strawberry.field(description="Why it was refused; empty where it was done.")


def optional(description: str, **parts: str) -> Any:
    """This will make an input field that may be left out; left out is not the same as null.

    Where it is an input of several fields that the domain keeps side by side, `parts` says for each what the domain
    calls it: `amount="list_price"`.
    """
    return strawberry.field(default=strawberry.UNSET, description=description, metadata={PARTS: parts} if parts else {})


def given(values: Any) -> dict[str, Any]:
    """This will give the fields of an input that were really given, by the names that the domain has for them."""
    found: dict[str, Any] = {}
    for field in values.__strawberry_definition__.fields:
        value = getattr(values, field.python_name)
        if value is strawberry.UNSET:
            continue
        if parts := field.metadata.get(PARTS):
            found |= {name: value and getattr(value, part) for part, name in parts.items()}
        else:
            found[field.python_name] = value
    return found


@overload
def key_of(model: type[Record], id: str) -> UUID: ...
@overload
def key_of(model: type[Record], id: str | None) -> UUID | None: ...
def key_of(model: type[Record], id: str | None) -> UUID | None:
    """This will read the key that a public id names; of an id that is none, the key that no record has."""
    return None if id is None else read_id(model.prefix, id) or NO_KEY


def keyed(values: Mapping[str, Any], models: Mapping[str, type[Record]]) -> dict[str, Any]:
    """This will turn public ids among the values into keys; an id that is none becomes the key that no record has."""
    return {name: key_of(models[name], value) if name in models else value for name, value in values.items()}


async def settle(
    info: Info[Any, Any],
    command: Command,
    *,
    idempotency_key: str | None = None,
    public: bool = False,
) -> Any:
    """This will run a command as one unit, and select what it made for the payload, by its own statement if it has one.

    The command is called with who acts and when; it returns the record, or the payload's values by field name,
    records among them, or the outcomes of many rows. What was done under the idempotency key before is not done again,
    but selected anew. The path of a refusal begins with `input` unless it is an argument of the mutation itself.
    Raises Unauthenticated for a stranger, unless `public`.
    """
    raw: GraphQLResolveInfo[Any] = info._raw_info
    request: Request = raw.context
    if not public:
        request.actor.must_be_known()
    plan = request.echoes.get(str(raw.path.key)) if idempotency_key is None else None
    send = request.autocommit.row
    unit = Unit(send, plan.table, partial(plan.echo, request.call())) if plan else Unit(send)
    try:
        async with unit:
            made = await _done_once(raw, request, command, idempotency_key)
            selected = await _selected(raw, request, made, plan, unit.stored)
    except Refusal as refusal:
        if isinstance(refusal, Unauthenticated) and not public:
            raise
        for each in refusal.each:
            if isinstance(each, Forbidden):
                await tell_refused(raw.field_name, each, by=request.actor, at=request.at)
        beside = await _beside(raw, request, refusal)
        return settled(_payload(raw), **beside, user_errors=[_user_error(each, raw) for each in refusal.each])
    return settled(_payload(raw), **selected, user_errors=[])


async def _done_once(
    raw: GraphQLResolveInfo[Any], request: Request, command: Command, idempotency_key: str | None
) -> Mapping[str, Kept]:
    if idempotency_key is None:
        return await _done(raw, request, command)
    await join_unit()
    digest = input_digest(raw)
    held = await claim(idempotency_key, command=raw.field_name, input_digest=digest, by=request.actor, at=request.at)
    if held.answer is not None:
        return held.answer
    made = await _done(raw, request, command)
    await held.keep(made)
    return made


async def _done(raw: GraphQLResolveInfo[Any], request: Request, command: Command) -> Mapping[str, Kept]:
    made = await command(request.actor, request.at)
    if isinstance(made, list):
        return {RESULTS: kept_rows(made)}
    values = made if isinstance(made, dict) else {_entity_field(_payload(raw), type(made)): made}
    return {name: kept(value) for name, value in values.items()}


async def _beside(raw: GraphQLResolveInfo[Any], request: Request, refusal: Refusal) -> dict[str, Any]:
    """What stands beside the errors: the record as it is, where it has moved on under the caller's hands."""
    if not isinstance(refusal, Stale):
        return {}
    model: type[Model] = type(refusal.record)
    name = _entity_field(_payload(raw), model)
    return await _selected(raw, request, {name: kept(refusal.record)})


def settled(payload: GraphQLObjectType, **values: Any) -> SimpleNamespace:
    """This will make a payload as the executor reads it, field by field; what is not given is null.

    Raises TypeError for a value that the payload has no field for.
    """
    names = _names(payload)
    if unknown := sorted(values.keys() - names):
        raise TypeError(f"{payload.name} has no field for {', '.join(unknown)}")
    return SimpleNamespace(**(dict.fromkeys(names) | values))


@cache
def _names(payload: GraphQLObjectType) -> frozenset[str]:
    return frozenset(map(snake_name, payload.fields))


def _payload(info: GraphQLResolveInfo[Any]) -> GraphQLObjectType:
    return cast(GraphQLObjectType, get_named_type(info.return_type))


def _user_error(refusal: Refusal, info: GraphQLResolveInfo[Any]) -> UserError:
    """Names the field in path and sentence as the mutation's arguments do: what the domain calls it, nobody sees."""
    arguments = info.parent_type.fields[info.field_name].args
    field = refusal.field
    if field[:1] == (ARGUMENT,):
        lead, field = [ARGUMENT, *field[1:2]], field[2:]
    else:
        lead = [] if not field or graphql_name(field[0]) in arguments or "input" not in arguments else ["input"]
    place = [graphql_name(name) for name in field]
    if lead and field:
        place = [*_places(arguments[lead[0]]).get(field[0], place[:1]), *place[1:]]
    name = ".".join(place) or (lead and lead[0]) or "value"
    return UserError(field=[*lead, *place], message=refusal.worded(name), code=refusal.code)


def _places(argument: GraphQLArgument) -> dict[str, list[str]]:
    """Gives where in an input those fields stand that the domain keeps side by side, by its names for them."""
    definition = cast(GraphQLInputObjectType, get_named_type(argument.type)).extensions[DEFINITION]
    return {
        name: [graphql_name(field.python_name), graphql_name(part)]
        for field in definition.fields
        for part, name in field.metadata.get(PARTS, {}).items()
    }


@cache
def _entity_field(payload: GraphQLObjectType, model: type[Model]) -> str:
    for name, field in payload.fields.items():
        entity = ENTITIES.get(named_type(field.type))
        if entity and issubclass(model, entity.model):
            return snake_name(name)
    raise TypeError(f"{payload.name} has no field for a {model.__name__}")


async def _selected(
    info: GraphQLResolveInfo[Any],
    request: Request,
    made: Mapping[str, Kept],
    plan: EchoPlan | None = None,
    stored: Stored | None = None,
) -> dict[str, Any]:
    """What the payload holds: records as their texts by response key, rows with their results, values as they are."""
    selected: dict[str, Any] = {}
    for name, value in made.items():
        if ROWS in value:
            selected |= await selected_rows(info, request, value, lambda refusal: _user_error(refusal, info))
        elif RECORD in value:
            key = UUID(hex=value[RECORD])
            if plan and stored and stored[0] == key:
                selected[name] = _echoed(request, plan, stored[1])
            else:
                selected[name] = await _record(info, request, graphql_name(name), key)
        else:
            selected[name] = value[VALUE]
    return selected


def _echoed(request: Request, plan: EchoPlan, row: Sequence[Any]) -> dict[str, Any]:
    text, weight, *_ = row
    request.actual += weight or 0
    return {plan.key: None if text is None else orjson.Fragment(text)}


async def _record(info: GraphQLResolveInfo[Any], request: Request, name: str, key: UUID) -> dict[str, Any]:
    payload = _payload(info)
    entity = ENTITIES[named_type(payload.fields[name].type)]
    found: dict[str, list[FieldNode]] = request.scope.fields(payload, info.field_nodes)
    return {
        place: await record_text(request, payload_place(info.path.as_list(), place), entity, nodes, key)
        for place, nodes in found.items()
        if nodes[0].name.value == name
    }
