"""Payloads: what a mutation gives must be what its payload has."""

import pytest
from graphql import GraphQLObjectType

from api.graph.payloads import settled
from api.schema import build_schema, core_schema

SCHEMA = core_schema(build_schema())


def payload(name: str) -> GraphQLObjectType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def test_what_is_not_given_is_null_and_what_is_unknown_an_error() -> None:
    made = settled(payload("LoginPayload"), token="t", user_errors=[])
    assert (made.token, made.expires_at, made.user_errors) == ("t", None, [])
    with pytest.raises(AttributeError):
        made.expires  # noqa: B018
    with pytest.raises(TypeError, match="LoginPayload has no field for tokn"):
        settled(payload("LoginPayload"), tokn="t", user_errors=[])
