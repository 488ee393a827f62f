"""Values that no scalar takes: the error says where they stand, in the document or in the variables."""

import pytest

from tests.graph import Graph

pytestmark = pytest.mark.anyio
REFUSED = {
    "Decimal": ("orders", "{totalAmount: {gte: %s}}", '"NaN"', "totalAmount.gte", "NaN"),
    "DateTime": ("orders", "{placedAt: {gte: %s}}", '"2024-02-30T00:00:00Z"', "placedAt.gte", "2024-05-01T09:30:00"),
    "Decimal, as a number": ("orders", "{totalAmount: {gte: %s}}", "1.5", "totalAmount.gte", 1.5),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_bad_value_in_the_document_has_its_place(ada: Graph, kind: str) -> None:
    field, where, literal, _, _ = REFUSED[kind]
    query = f"{{ {field}(where: {where % literal}) {{ nodes {{ id }} }} }}"
    (error,) = (await ada.answer(query))["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert error["message"].startswith(f"A {kind.partition(',')[0]} ")
    assert error["locations"] == [{"line": 1, "column": query.index(literal) + 1}]


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_bad_value_in_the_variables_has_its_path(ada: Graph, kind: str) -> None:
    field, _, _, path, value = REFUSED[kind]
    name, operator = path.split(".")
    query = f"query ($where: OrderWhere) {{ {field}(where: $where) {{ nodes {{ id }} }} }}"
    (error,) = (await ada.answer(query, where={name: {operator: value}}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert f"'$where' has invalid value at .{path}: A {kind.partition(',')[0]} " in error["message"]


@pytest.mark.parametrize(
    ("query", "literal"),
    [
        ("{ ordersAggregate { groups(by: {field: PLACED_AT, timeZone: %s}) { count } } }", '"Nowhere/Never"'),
        ('{ feedbackSeries(grain: DAY, start: %s, end: "1998-01-01") { itemCount } }', '"1997-13-01"'),
    ],
)
async def test_a_bad_day_or_zone_has_its_place(ada: Graph, query: str, literal: str) -> None:
    (error,) = (await ada.answer(query % literal))["errors"]
    assert error["locations"] == [{"line": 1, "column": query.index("%s") + 1}]
