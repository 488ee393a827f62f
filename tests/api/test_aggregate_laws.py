"""The law of aggregates, for every entity that has them: groups add up to the whole, and the whole to its rows.

What there is to measure and to form groups by is found in the declarations, so that a new entity is held to the law
without a word here.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type
from tortoise.connection import get_connection

from api.graph.aggregates import ENTITY_OF
from api.graph.entity import ENTITIES, Leaf, Pair
from tests.api.crowd import SCHEMA, Crowd, one_crowd, word
from tests.conftest import Databases
from tests.graph import Graph

pytestmark = pytest.mark.anyio
QUERY: GraphQLObjectType = SCHEMA.query_type  # type: ignore[assignment]
WHOLE = {
    ENTITY_OF[get_named_type(field.type).name]: name
    for name, field in QUERY.fields.items()
    if get_named_type(field.type).name in ENTITY_OF
}
PARTS = {"Money": "{ amount currency }", "Period": "{ start end }"}


def selected(kind: str) -> str:
    """Everything that a type of figures or keys has."""
    fields = SCHEMA.type_map[kind].fields.items()  # type: ignore[attr-defined]
    return " ".join(f"{name} {_parts(get_named_type(field.type))}" for name, field in fields)


def _parts(kind: Any) -> str:
    return PARTS.get(kind.name, "{ id }") if isinstance(kind, GraphQLObjectType) else ""


def figures(kind: str) -> str:
    """Everything that an aggregate or a group has but its groups."""
    fields = SCHEMA.type_map[kind].fields.items()  # type: ignore[attr-defined]
    inner = {name: get_named_type(field.type) for name, field in fields if name != "groups"}
    return " ".join(
        f"{name} {{ {selected(of.name)} }}" if isinstance(of, GraphQLObjectType) else name for name, of in inner.items()
    )


def amounts(value: Any) -> dict[str, Decimal]:
    """A sum, by currency where it is one of money."""
    if isinstance(value, list):
        return {each["currency"]: Decimal(each["amount"]) for each in value}
    return {} if value is None else {"": Decimal(str(value))}


def added(values: list[Any]) -> dict[str, Decimal]:
    total: Counter[str] = Counter()
    for value in values:
        for currency, number in amounts(value).items():
            total[currency] += number  # type: ignore[assignment]
    return dict(total)  # type: ignore[arg-type]


def comparable(value: Any) -> Any:
    """A Decimal of digits, anything else as it is: moments are all written alike."""
    digits = isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdigit()
    return Decimal(value) if digits else value


async def rows_of(name: str, field: str) -> list[Any]:
    """The values of a field that is measured, as sums give them: Python adds them up."""
    entity = ENTITIES[name]
    match entity.sources[field]:
        case Leaf() as leaf:
            columns = f"({leaf.sql})::numeric::text AS amount"
        case Pair() as pair:
            columns = f"({pair.amount})::text AS amount, {pair.currency} AS currency"
    sql = f"SELECT {columns} FROM {entity.table} t".replace("{t}", "t")
    found = [dict(row) for row in await get_connection("default").execute_query_dict(sql)]
    known = [row for row in found if row["amount"] is not None]
    return (
        [[row] if row["currency"] else None for row in known]
        if "currency" in columns
        else [row["amount"] for row in known]
    )


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Crowd]:
    with one_crowd(databases, 7) as crowd:
        yield crowd


@pytest.fixture
def database_url(shared: Crowd) -> str:
    return shared.url


@pytest.mark.parametrize("name", sorted(WHOLE))
async def test_groups_add_up_to_the_whole(ada: Graph, name: str) -> None:
    (kind,) = (made for made, of in ENTITY_OF.items() if of == name)
    group = get_named_type(SCHEMA.type_map[kind].fields["groups"].type).name  # type: ignore[attr-defined]
    keys = list(SCHEMA.type_map[f"{name}GroupKey"].fields.items())  # type: ignore[attr-defined]
    by = [
        {"field": word(key), **({"grain": "DAY"} if get_named_type(field.type).name == "Period" else {})}
        for key, field in keys
    ]
    query = f"query ($by: [{name}GroupBy!]!) {{ {WHOLE[name]} {{ {figures(kind)} groups(by: $by, first: 1000) {{ {figures(group)} }} }} }}"
    for chosen in chain(combinations(by, 1), combinations(by, 2)):
        whole = (await ada.ask(query, by=list(chosen)))[WHOLE[name]]
        groups = whole["groups"]
        assert whole["count"] == sum(each["count"] for each in groups) == await ENTITIES[name].model.all().count()
        assert len({repr(each["key"]) for each in groups}) == len(groups)
        for field, value in whole.get("sum", {}).items():
            assert amounts(value) == pytest.approx(added([each["sum"][field] for each in groups])), field
            assert amounts(value) == pytest.approx(added(await rows_of(name, field))), field
        for bound, pick in (("min", min), ("max", max)):
            for field, value in whole[bound].items():
                if not isinstance(value, list):
                    theirs = [each[bound][field] for each in groups if each[bound][field] is not None]
                    assert value == pick(theirs, key=comparable, default=None), field
