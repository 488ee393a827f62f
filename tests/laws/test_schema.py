"""Laws of the schema: everything described, every name written in the source, the printed copy fresh."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_introspection_type,
)

from api.graph.entity import snake_name
from api.schema import build_schema, core_schema, print_sorted

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema()
TYPES = {name: kind for name, kind in core_schema(SCHEMA).type_map.items() if not is_introspection_type(kind)}
SOURCE = "\n".join(path.read_text() for room in ("api", "domain") for path in (ROOT / room).rglob("*.py"))
MADE = re.compile(r"(Connection|Edge|Filter|OrderByField)$")
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def test_the_printed_schema_is_fresh() -> None:
    assert (ROOT / "schema.graphql").read_text() == print_sorted(SCHEMA), "run `make schema`"


@pytest.mark.parametrize("name", sorted(set(TYPES) - BUILT_IN))
def test_everything_is_described(name: str) -> None:
    kind = TYPES[name]
    assert kind.description, name
    if isinstance(kind, GraphQLEnumType):
        for word, value in kind.values.items():
            assert value.description, f"{name}.{word}"
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for field_name, field in kind.fields.items():
            assert field.description, f"{name}.{field_name}"
            assert field.description.strip(" .").lower() != field_name.lower(), (
                f"{name}.{field_name} only repeats its name"
            )
            for argument_name, argument in getattr(field, "args", {}).items():
                assert argument.description, f"{name}.{field_name}({argument_name})"


@pytest.mark.parametrize("name", sorted(name for name in set(TYPES) - BUILT_IN if not MADE.search(name)))
def test_names_are_written(name: str) -> None:
    kind = TYPES[name]
    assert re.search(rf"\b{name}\b", SOURCE), f"type {name} stands nowhere in the source"
    for field in getattr(kind, "fields", {}):
        assert re.search(rf"\b{snake_name(field)}_?\b", SOURCE), f"{name}.{field} stands nowhere in the source"
