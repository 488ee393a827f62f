"""Answers to mutations: the record as it now stands, read in the transaction that changed it, or why it was refused.

This is the one place where refusals become `userErrors`. A mutation is a few lines: it hands its command to `settle`.
"""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

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
from tortoise.transactions import in_transaction

from api.graph.entity import ENTITIES, graphql_name, named_type, snake_name
from api.graph.enums import word_enum
from api.graph.reading import DEFINITION
from api.graph.records import payload_place, record_text
from api.graph.request import Request
from domain.kernel.actor import Actor
from domain.kernel.refusals import Code, Refusal, Unauthenticated

PARTS = "parts"

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
    EXHAUSTED="A limit is used up; try again later.",
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


async def settle(
    info: Info[Any, Any],
    command: Callable[[Actor, datetime], Awaitable[Model | dict[str, Any]]],
    *,
    public: bool = False,
    transaction: bool = True,
) -> Any:
    """This will run a command, in a transaction unless it changes nothing, and select what it made for the payload.

    The command is called with who acts and when; it returns the record, or the payload's values by field name,
    records among them. The path of a refusal begins with `input` unless it is an argument of the mutation itself.
    Raises Unauthenticated for a stranger, unless `public`.
    """
    raw: GraphQLResolveInfo[Any] = info._raw_info
    request: Request = raw.context
    if not public:
        request.actor.must_be_known()
    try:
        async with in_transaction() if transaction else nullcontext():
            made = await command(request.actor, request.at)
            values = made if isinstance(made, dict) else {_entity_field(raw, made): made}
            selected = {name: await _selected(raw, request, name, value) for name, value in values.items()}
    except Refusal as refusal:
        if isinstance(refusal, Unauthenticated) and not public:
            raise
        return settled(_payload(raw), user_errors=[_user_error(refusal, raw)])
    return settled(_payload(raw), **selected, user_errors=[])


def settled(payload: GraphQLObjectType, **values: Any) -> SimpleNamespace:
    """This will make a payload as the executor reads it, field by field; what is not given is null.

    Raises TypeError for a value that the payload has no field for.
    """
    names = {snake_name(name) for name in payload.fields}
    if unknown := sorted(values.keys() - names):
        raise TypeError(f"{payload.name} has no field for {', '.join(unknown)}")
    return SimpleNamespace(**(dict.fromkeys(names) | values))


def _payload(info: GraphQLResolveInfo[Any]) -> GraphQLObjectType:
    return cast(GraphQLObjectType, get_named_type(info.return_type))


def _user_error(refusal: Refusal, info: GraphQLResolveInfo[Any]) -> UserError:
    """Names the field in path and sentence as the mutation's arguments do: what the domain calls it, nobody sees."""
    arguments = info.parent_type.fields[info.field_name].args
    place = [graphql_name(name) for name in refusal.field]
    path = place
    if place and place[0] not in arguments and "input" in arguments:
        place = [*_places(arguments["input"]).get(refusal.field[0], place[:1]), *place[1:]]
        path = ["input", *place]
    return UserError(field=path, message=refusal.worded(".".join(place) or "value"), code=refusal.code)


def _places(argument: GraphQLArgument) -> dict[str, list[str]]:
    """Gives where in an input those fields stand that the domain keeps side by side, by its names for them."""
    definition = cast(GraphQLInputObjectType, get_named_type(argument.type)).extensions[DEFINITION]
    return {
        name: [graphql_name(field.python_name), graphql_name(part)]
        for field in definition.fields
        for part, name in field.metadata.get(PARTS, {}).items()
    }


def _entity_field(info: GraphQLResolveInfo[Any], record: Model) -> str:
    payload = _payload(info)
    for name, field in payload.fields.items():
        entity = ENTITIES.get(named_type(field.type))
        if entity and isinstance(record, entity.model):
            return snake_name(name)
    raise TypeError(f"{payload.name} has no field for a {type(record).__name__}")


async def _selected(info: GraphQLResolveInfo[Any], request: Request, name: str, value: Any) -> Any:
    if not isinstance(value, Model):
        return value
    payload = _payload(info)
    entity = ENTITIES[named_type(payload.fields[graphql_name(name)].type)]
    found: dict[str, list[FieldNode]] = request.scope.fields(payload, info.field_nodes)
    return {
        key: await record_text(request, payload_place(info.path.as_list(), key), entity, nodes, value.pk)
        for key, nodes in found.items()
        if nodes[0].name.value == graphql_name(name)
    }
