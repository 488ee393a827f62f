"""Every field of every mutation, refused: the error names it by the path and the name that the caller wrote."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, get_named_type, get_nullable_type, is_list_type
from tortoise.connection import get_connection

from api.schema import build_schema, core_schema
from domain.kernel.record import Record
from tests.api.refused import (
    access,
    campaigns,
    catalog,
    customers,
    feedback,
    house,
    improvement,
    jobs,
    kpis,
    leads,
    orders,
    pipeline,
    privacy,
    stock,
    surveys,
    webhooks,
)
from tests.graph import Graph

pytestmark = pytest.mark.anyio
MUTATIONS = core_schema(build_schema()).mutation_type.fields  # type: ignore[union-attr]
CONTEXTS: tuple[Any, ...] = (
    access,
    campaigns,
    catalog,
    customers,
    feedback,
    house,
    improvement,
    jobs,
    kpis,
    leads,
    orders,
    pipeline,
    privacy,
    stock,
    surveys,
    webhooks,
)
OF = {mutation: context for context in CONTEXTS for mutation in context.GOOD}
BAD: Mapping[str, Mapping[str, Any]] = {name: rows for each in CONTEXTS for name, rows in each.BAD.items()}
NEVER = {path for context in CONTEXTS for path in context.NEVER}
ROWS = [(mutation, path) for mutation, rows in BAD.items() for path in rows]


def leaves(name: str, kind: GraphQLInputType, *around: str) -> Iterator[str]:
    """The paths of what can be given, nested inputs opened, but not within themselves."""
    inner = get_named_type(kind)
    if not isinstance(inner, GraphQLInputObjectType) or inner.name in around:
        yield name
        return
    for field_name, field in inner.fields.items():
        path = f"{name}.0.{field_name}" if is_list_type(get_nullable_type(kind)) else f"{name}.{field_name}"
        yield from leaves(path, field.type, *around, inner.name)


def test_the_table_has_every_field_of_every_mutation() -> None:
    there = {
        leaf
        for name, mutation in MUTATIONS.items()
        for argument, given in mutation.args.items()
        for leaf in leaves(f"{name}.{argument}", given.type)
    }
    assert there == NEVER | {f"{mutation}.{path}" for mutation, path in ROWS}


def named(given: Any, ids: Mapping[str, str]) -> Any:
    """The same with ids for the words that stand for them."""
    if isinstance(given, dict):
        return {name: named(value, ids) for name, value in given.items()}
    if isinstance(given, list):
        return [named(value, ids) for value in given]
    return ids.get(given, given) if isinstance(given, str) else given


STATE = " UNION ALL ".join(
    ["SELECT 'event' AS kind, NULL AS id, count(*)::int AS version FROM event"]
    + [f"SELECT '{model._meta.db_table}', id, version FROM {model._meta.db_table}" for model in Record.__subclasses__()]
)


async def state() -> list[Any]:
    """What is stored of everything: who has it, and in which version."""
    return await get_connection("default").execute_query_dict(f"{STATE} ORDER BY kind, id")


@pytest.mark.parametrize("mutation", sorted(BAD))
async def test_what_is_refused_is_named_as_it_was_given(ada: Graph, mutation: str) -> None:
    stored = await OF[mutation].stored()
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in MUTATIONS[mutation].args.items())
    handed = ", ".join(f"{name}: ${name}" for name in MUTATIONS[mutation].args)
    query = f"mutation ({declared}) {{ {mutation}({handed}) {{ userErrors {{ field message code }} }} }}"
    before = await state()
    for path, bad in BAD[mutation].items():
        given = named(deepcopy(OF[mutation].GOOD[mutation]), stored)
        *way, last = path.split(".")
        place = given
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        place[int(last) if isinstance(place, list) else last] = named(bad, stored)
        errors = (await ada.ask(query, **given))[mutation]["userErrors"]
        assert [error["field"] for error in errors] == [path.split(".")], (path, errors)
        (error,) = errors
        assert not re.search(r"[a-z]_[a-z]|\{", error["message"]), error["message"]
        if error["code"] == "INVALID":
            assert error["message"].startswith(f"{path.removeprefix('input.').removeprefix('inputs.0.')} "), error
        assert await state() == before, path
