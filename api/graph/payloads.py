"""Answers to mutations: the record as it now stands, read in the transaction that changed it, or why it was refused.

This is the one place where refusals become `userErrors`. A mutation is a few lines: it hands its command to `settle`.
"""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import strawberry
from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from strawberry.types import Info
from tortoise import Model
from tortoise.transactions import in_transaction

from api.graph.engine import Request, named_type, record_text
from api.graph.entity import ENTITIES, graphql_name, snake_name
from api.graph.enums import word_enum
from domain.kernel.actor import Actor
from domain.kernel.refusals import Code, Refusal, Unauthenticated

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


def optional(description: str) -> Any:
    """This will make an input field that may be left out; left out is not the same as null."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def given(values: Any) -> dict[str, Any]:
    """This will give the fields of an input that were really given, by their Python names."""
    return {name: value for name, value in vars(values).items() if value is not strawberry.UNSET}


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
    path = [graphql_name(name) for name in refusal.field]
    arguments = info.parent_type.fields[info.field_name].args
    if path and path[0] not in arguments and "input" in arguments:
        path = ["input", *path]
    return UserError(field=path, message=refusal.message, code=refusal.code)


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
        key: await record_text(request, ("payload", tuple(info.path.as_list()), key), entity, nodes, value.pk)
        for key, nodes in found.items()
        if nodes[0].name.value == graphql_name(name)
    }
